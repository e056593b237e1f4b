"""What an owner is told, when in a ticket's life, and over what (pure values)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """A moment in a ticket's life of which the owner hears at most once."""

    FIXED = "fixed"
    VISIT_BOOKED = "visit_booked"
    VISIT_MOVED = "visit_moved"
    VISIT_CANCELLED = "visit_cancelled"
    NEEDS_YOU = "needs_you"
    WITH_PERSON = "with_person"
    FOLLOW_UP = "follow_up"


VISIT_STAGES = frozenset({Stage.VISIT_BOOKED, Stage.VISIT_MOVED, Stage.VISIT_CANCELLED})

# A mail not yet sent is taken back when one of these moments comes: it would tell of a state that is past.
OVERTAKES: Mapping[Stage, frozenset[Stage]] = {
    Stage.FIXED: frozenset(Stage) - {Stage.FIXED, Stage.FOLLOW_UP},
    Stage.VISIT_BOOKED: VISIT_STAGES | {Stage.WITH_PERSON},
    Stage.VISIT_MOVED: VISIT_STAGES | {Stage.WITH_PERSON},
    Stage.VISIT_CANCELLED: VISIT_STAGES,
    Stage.NEEDS_YOU: frozenset(),
    Stage.WITH_PERSON: frozenset(),
    Stage.FOLLOW_UP: frozenset(),
}


class Channel(StrEnum):
    """How a message reaches the owner."""

    MAIL = "mail"
    DEVICE = "device"


class MessageState(StrEnum):
    """What became of a message."""

    PLANNED = "planned"
    SENT = "sent"
    WITHHELD = "withheld"  # decided not to send; ``why`` says the reason
    FAILED = "failed"  # could not be delivered; ``why`` says the reason


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a ticket, as staff see it.

    ``occasion`` tells several messages of one stage apart (the same visit moved twice) and is empty
    where a stage happens once. ``body`` is the text as sent, but without links that would let the
    reader act for the owner. ``customer_id`` is ``None`` when the device's owner is not known, ``sent_at``
    until it was sent.
    """

    id: int
    ticket_id: int
    customer_id: str | None
    stage: Stage
    occasion: str
    channel: Channel
    lang: str
    subject: str
    body: str
    state: MessageState
    why: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it is written down: what ``Message`` has, without what the record gives it."""

    ticket_id: int
    customer_id: str | None
    stage: Stage
    occasion: str
    channel: Channel
    lang: str
    subject: str
    body: str
    state: MessageState
    why: str
    created_at: datetime
    due_at: datetime
