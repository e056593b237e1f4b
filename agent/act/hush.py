"""Which devices learn nothing while a remedy is at work (state): nothing of that is their usual."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from agent.desk.ticket import TicketState
from agent.health.marks import Mark
from agent.health.reading import HealthReader


class Treated(Protocol):
    """What has to be known of a ticket: it is asked of many, at every turn."""

    @property
    def device_id(self) -> str:
        """Whose ticket it is."""
        ...

    @property
    def state(self) -> TicketState:
        """Where it stands."""
        ...

    @property
    def verify_from(self) -> datetime | None:
        """When the remedy's effect has settled; ``None``: none is being verified."""
        ...


def at_work(tickets: Iterable[Treated], in_flight: frozenset[str], now: datetime) -> frozenset[str]:
    """Return the devices with a remedy at work: from its decision until its effect has settled.

    ``in_flight`` are those with a command in flight: it goes on though a person has taken its ticket over or closed it,
    and so does one that sets values back.
    """
    return in_flight | frozenset(
        ticket.device_id
        for ticket in tickets
        if ticket.state is TicketState.FIXING or (ticket.verify_from is not None and now < ticket.verify_from)
    )


@dataclass(slots=True)
class Hush:
    """Knows which devices it has quieted; which must be is derived from the tickets, so a restart loses nothing."""

    quieted: frozenset[str] = field(default_factory=frozenset)

    def follow(self, wanted: frozenset[str], health: HealthReader) -> None:
        """Quiet exactly the ``wanted`` devices; let the others teach again."""
        for device_id in sorted(wanted - self.quieted):
            health.ask(device_id, Mark.QUIET)
        for device_id in sorted(self.quieted - wanted):
            health.ask(device_id, Mark.TEACH)
        self.quieted = wanted
