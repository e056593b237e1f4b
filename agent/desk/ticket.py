"""A ticket: one fault of one device, its whole story (pure values)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket stands; ``lifecycle.py`` has the legal changes."""

    NOTICED = "noticed"  # evidence is being weighed
    AWAITING_APPROVAL = "awaiting_approval"  # a person decides on a remedy
    FIXING = "fixing"  # a command is in flight
    VERIFYING = "verifying"  # the device's own signal is being watched
    HEALED = "healed"  # verified; watched seven days for recurrence
    VISIT_BOOKED = "visit_booked"
    WITH_OWNER = "with_owner"  # the owner was told what they can do
    WITH_PERSON = "with_person"  # staff decide
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a remedy ended."""

    HEALED = "healed"
    NOT_HEALED = "not_healed"
    WORSE = "worse"
    NO_ANSWER = "no_answer"
    RECURRED = "recurred"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tried:
    """A remedy that was tried on a ticket. ``outcome`` is ``None`` while it is not known.

    ``held_h`` is for how many hours it had healed before the fault came back; 0 unless it recurred.
    """

    remedy: str
    command_id: str
    at: datetime
    outcome: Outcome | None = None
    held_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """One fault of one device.

    ``fault`` is ``None`` until a diagnosis is sure enough; ``probability`` is 0..1 and belongs to it.
    ``due_at`` is when to look again (``None``: nothing is awaited). ``verify_from`` and ``verify_by``
    bound the verification at work. ``owner`` is the staff member who took over.
    ``fails_by`` is the early end of the time left.
    ``resolution`` says in one sentence how it ended; empty while open. ``gathers``: it is about one cause on many
    devices, this one among them, and has their tickets as children; ``parent_id`` is theirs to it (``None``: it has
    none).
    """

    id: int
    device_id: str
    product: str
    fault: str | None
    probability: float
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    playbook_version: str
    explanation: str = ""
    closed_at: datetime | None = None
    due_at: datetime | None = None
    verify_from: datetime | None = None
    verify_by: datetime | None = None
    fails_by: datetime | None = None
    owner: str | None = None
    resolution: str = ""
    tried: tuple[Tried, ...] = ()
    parent_id: int | None = None
    gathers: bool = False

    @property
    def number(self) -> str:
        """The number people and devices see, like ``T-1042``."""
        return f"T-{self.id}"


class StoryKind(StrEnum):
    """What an entry of a ticket's story tells of."""

    FINDING = "finding"
    DIAGNOSIS = "diagnosis"
    MOVE = "move"
    GUARD = "guard"
    COMMAND = "command"
    ANSWER = "answer"
    OUTCOME = "outcome"
    VISIT = "visit"
    MESSAGE = "message"
    RATING = "rating"
    NOTE = "note"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Story:
    """One entry of the story. ``actor`` is ``agent``, ``device``, ``owner`` or a staff name. ``text`` is a sentence."""

    id: int
    ticket_id: int
    at: datetime
    kind: StoryKind
    actor: str
    text: str
