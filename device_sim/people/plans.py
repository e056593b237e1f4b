"""What an owner means to do about a letter (pure): rate, confirm, let the technician in, mend it themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from device_sim.people.letter import Letter
from device_sim.people.owner import Owner, RatesBy


@dataclass(frozen=True, slots=True)
class Rate:
    """Open the rating page and rate."""

    at: datetime
    owner: Owner
    ticket: str
    url: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Open the visit's page and confirm."""

    at: datetime
    owner: Owner
    url: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Let the technician do the work; ``uid`` names the appointment."""

    at: datetime
    owner: Owner
    ticket: str
    uid: str


@dataclass(frozen=True, slots=True)
class Mend:
    """Look at the device and put right what an owner can."""

    at: datetime
    owner: Owner
    ticket: str


Plan: TypeAlias = Rate | Confirm | Admit | Mend


def plans_for(letter: Letter, owner: Owner, now: datetime, *, confirms: bool) -> list[Plan]:
    """Return what the owner means to do. ``confirms``: this one answers invitations; others just are at home."""
    soon = now + timedelta(seconds=owner.answers_after_s)
    plans: list[Plan] = [Mend(now + timedelta(seconds=owner.chore_after_s), owner, letter.ticket)]
    if letter.rate_url and owner.rates_by is RatesBy.LINK:
        plans.append(Rate(soon, owner, letter.ticket, letter.rate_url))
    if letter.visit_url and confirms:
        plans.append(Confirm(soon, owner, letter.visit_url))
    if letter.appointment and not letter.appointment.cancelled:
        plans.append(Admit(letter.appointment.ends_at, owner, letter.ticket, letter.appointment.uid))
    return plans


def revised(plans: list[Plan], letter: Letter) -> list[Plan]:
    """Return the plans without the appointment that a letter moves or cancels."""
    if letter.appointment is None:
        return plans
    return [plan for plan in plans if not (isinstance(plan, Admit) and plan.uid == letter.appointment.uid)]
