"""Technicians, their free time and their visits (pure values)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VisitState(StrEnum):
    """Where a visit stands. A visit that was moved is still booked, with a higher ``sequence``."""

    BOOKED = "booked"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Technician:
    """Somebody who visits. ``skills`` are those playbooks name; ``zone`` is an IANA name; ``email`` may be empty."""

    id: str
    name: str
    email: str
    zone: str
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of a technician's time that one visit may take."""

    id: int
    technician_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A service appointment.

    ``uid`` stays the same for its whole life and ``sequence`` counts its changes from 0, as calendars
    want it. ``parts`` are what the technician brings; ``report`` their words afterwards, empty before, and
    where a visit was judged without them.
    """

    id: int
    ticket_id: int
    technician_id: str
    starts_at: datetime
    ends_at: datetime
    state: VisitState
    uid: str
    sequence: int
    parts: tuple[str, ...] = ()
    report: str = ""

    def is_ahead(self, now: datetime) -> bool:
        """Tell whether somebody is about to come, or is there: it is booked and not over."""
        return self.state is VisitState.BOOKED and self.ends_at > now

    @property
    def lacks_report(self) -> bool:
        """Whether a technician's word on it is still missing; one that was judged without it can be late."""
        return self.state is VisitState.BOOKED or (self.state is VisitState.DONE and not self.report)
