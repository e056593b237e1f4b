"""What can be decided next about a ticket (pure values)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Guard(StrEnum):
    """The rules that may stop a remedy."""

    HALT = "halt"
    IN_FLIGHT = "in_flight"
    PRODUCT = "product"
    SWITCHED_OFF = "switched_off"
    OFFLINE = "offline"
    BUSY = "busy"
    STALE = "stale"
    COOLDOWN = "cooldown"
    DAILY = "daily"
    VISIT = "visit"
    CONSENT = "consent"
    ONCE = "once"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    CLOCK = "clock"
    RETURNED = "returned"
    TAKEN_OUT = "taken_out"
    SET_AGAIN = "set_again"
    BREAKER = "breaker"
    TRIAL = "trial"
    CANARY = "canary"
    FLEET = "fleet"
    HOURLY = "hourly"
    FROZEN = "frozen"
    FADED = "faded"
    COMMON = "common"
    FAMILIAR = "familiar"
    SLIGHT = "slight"
    EARLY = "early"
    HARMLESS = "harmless"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A guard's no to one remedy, in words fit for the story. ``until``: when it may be over; ``None``: not known."""

    guard: Guard
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """Send the remedy."""

    remedy: str


@dataclass(frozen=True, slots=True)
class AskApproval:
    """Ask staff whether the remedy may be sent. ``refusal``: the guard that keeps the agent from sending it itself."""

    remedy: str
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Suggest:
    """Give the ticket to a person, with the remedy ready to be sent by one click."""

    remedy: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until ``until``. ``refusal`` is the guard that spoke; ``None``: evidence is still being weighed."""

    until: datetime
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Book a visit between the two instants; ``not_after`` ``None``: as soon as can be.

    ``why`` says for staff what kept the agent from healing it; empty: there is no remedy for it.
    """

    not_before: datetime
    not_after: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class JudgeVisit:
    """The time of a visit is over and nobody reported: let the device's own signal say whether it helped."""


@dataclass(frozen=True, slots=True)
class TellOwner:
    """Tell the owner what they can do, and watch the signal."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the ticket to a person, and say why."""

    why: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the ticket quietly: the owner has nothing to hear. ``resolution`` is the sentence that stays."""

    resolution: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is to be decided here: somebody or something else moves the ticket."""


Move = Try | AskApproval | Suggest | Wait | Book | JudgeVisit | TellOwner | HandOver | Close | Rest
