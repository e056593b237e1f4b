"""What the HTTP API gives and takes (pure): names and shapes that others script against."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")
# Where a list or a stream goes on: the id of what was seen last. Larger ones fit no database.
Place = Annotated[int | None, Query(ge=0, lt=2**63)]
Reason = Annotated[str, Field(min_length=1, max_length=4000)]


class ApiModel(BaseModel):
    """Read from our values; frozen. Unknown fields in a request are refused, so that a typing error is heard."""

    model_config = ConfigDict(from_attributes=True, frozen=True, extra="forbid")


class Listing(ApiModel, Generic[Item]):
    """A page of a list. ``next`` is what to send as ``after`` for the next page; null on the last one."""

    items: list[Item]
    next: str | None


class BecauseOut(ApiModel):
    """One metric's part: ``z`` in the device's own standard deviations."""

    metric: str
    share: float
    z: float | None
    value: float | None
    usual: float | None


class HealthOut(ApiModel):
    """What is known about a device's health. ``health`` is never ``normal`` without evidence."""

    health: str
    sentence: str
    state: float | None
    drift: float | None
    sample_at: datetime | None
    normal_since: datetime | None
    now: list[BecauseOut]


class DeviceOut(ApiModel):
    """A device as its birth, status and owner describe it."""

    id: str
    product: str
    firmware: str
    serial: str
    online: bool
    busy: bool
    has_clock: bool
    off_on_purpose: bool
    customer_id: str | None
    commands: list[str]
    metrics: dict[str, str]
    first_seen_at: datetime
    status_at: datetime
    missed: int
    health: HealthOut


class GapOut(ApiModel):
    """``missed`` samples that the device sent between two instants and that never came."""

    since: datetime
    until: datetime
    missed: int


class LossOut(ApiModel):
    """Messages of any devices that the broker dropped; ``since`` null: not known."""

    since: datetime | None
    until: datetime
    messages: int


class HistoryOut(ApiModel):
    """One metric in its unit, oldest first; null: not measured.

    In a long range each point stands for a span: ``at`` is when it begins, ``values`` has the means, ``low`` and
    ``high`` the extremes. ``grain`` says what they were made from: samples, minutes or hours.
    ``gaps`` are where the data is known to be incomplete, ``losses`` what the broker dropped then, of any devices.
    """

    device: str
    metric: str
    unit: str
    at: list[datetime]
    values: list[float | None]
    low: list[float | None]
    high: list[float | None]
    grain: str
    gaps: list[GapOut]
    losses: list[LossOut]


class TicketLine(ApiModel):
    """A ticket in a list. ``score`` is the owner's rating."""

    number: str
    device: str
    product: str
    fault: str | None
    probability: float
    state: str
    opened_at: datetime
    changed_at: datetime
    explanation: str
    resolution: str
    owner: str | None
    score: int | None


class StoryOut(ApiModel):
    """One entry of a ticket's story."""

    id: int
    at: datetime
    kind: str
    actor: str
    text: str


class CommandOut(ApiModel):
    """One entry of the command journal."""

    id: str
    remedy: str
    verb: str
    args: dict[str, str | float | bool]
    state: str
    created_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    detail: str


class TicketOut(TicketLine):
    """A ticket with its whole story."""

    story: list[StoryOut]
    commands: list[CommandOut]
    can: list[str]


class RatingOut(ApiModel):
    """An owner's verdict."""

    ticket: str
    score: int
    comment: str
    source: str
    at: datetime


class VisitOut(ApiModel):
    """A service appointment."""

    id: int
    ticket: str
    technician_id: str
    starts_at: datetime
    ends_at: datetime
    state: str
    parts: list[str]


class CustomerOut(ApiModel):
    """An owner, what they agree to, and their devices."""

    id: str
    name: str
    email: str
    lang: str
    zone: str
    consents: list[str]
    devices: list[str]


class HaltOut(ApiModel):
    """Whether automatic fixes are halted."""

    halted: bool


class NoteIn(ApiModel):
    """A note for colleagues."""

    text: Reason


class RemedyIn(ApiModel):
    """A remedy of the ticket's fault, by its name in the playbook."""

    remedy: Annotated[str, Field(max_length=200)]


class WhyIn(ApiModel):
    """A change that needs a reason others can read."""

    why: Reason


class ApproveIn(ApiModel):
    """A yes to a proposed remedy. ``command`` is its id as it was read (``None``: to whichever waits)."""

    command: Annotated[str, Field(max_length=100)] | None = None


class RejectIn(WhyIn):
    """A no to a proposed remedy. ``command`` is its id as it was read (``None``: to whichever waits)."""

    command: Annotated[str, Field(max_length=100)] | None = None


class TicketChange(ApiModel):
    """A change to a ticket: exactly one of them. ``owner`` can only be you.

    On closing, ``found`` may say what it was: a fault of the playbook, ``unknown`` for none of them, or ``nothing``
    where nothing was wrong; ``failed`` that the device no longer did its work by then. Later diagnoses learn from both.
    """

    state: Literal["closed", "noticed"] | None = None
    resolution: Annotated[str, Field(max_length=4000)] = ""
    owner: Literal["me"] | None = None
    found: Annotated[str, Field(max_length=200)] = ""
    failed: bool = False


class AppointmentIn(ApiModel):
    """A visit to book for a ticket: the best free slot between two instants (null: whenever)."""

    ticket: str
    not_before: datetime | None = None
    not_after: datetime | None = None
