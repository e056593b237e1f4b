"""The tables (state): how records lie in the database. Rows stay inside ``store/``; values leave it.

Over 300 lines would be the second idea; today every table of the product is on one page, so that a
migration can be read against it. A table class does not validate: rows are made from values only.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from agent.store.columns import WIDE, UtcDateTime

# A constraint without a name could never be changed by a migration on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

_IN_FLIGHT = text("state IN ('queued', 'sent', 'accepted')")
# A remedy is at work or judged. Queries ask in these very words: only then is the index taken that holds no others.
UNDER_TREATMENT = "(state IN ('fixing', 'verifying') OR verify_by IS NOT NULL)"
_TREATED = text(UNDER_TREATMENT)


def _instant(*, nullable: bool = False, index: bool = False) -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def _json() -> Any:  # noqa: ANN401 - SQLModel's Field returns Any
    return Field(default=None, sa_column=Column(JSON, nullable=False))


class CustomerRow(SQLModel, table=True):
    """Somebody who owns devices. ``quiet_from``/``quiet_to``/``good_hour`` are hours of their local day."""

    __tablename__ = "customer"
    id: str = Field(primary_key=True)
    name: str
    email: str = Field(index=True)
    lang: str = "en"
    zone: str = "UTC"
    quiet_from: int = 21
    quiet_to: int = 8
    good_hour: int = 18
    tell_about_fixes: bool = False


class ConsentRow(SQLModel, table=True):
    """What a customer agreed to, per purpose; the newest row of a purpose counts."""

    __tablename__ = "consent"
    id: int | None = Field(default=None, primary_key=True)
    customer_id: str = Field(foreign_key="customer.id", index=True)
    purpose: str
    granted: bool
    at: datetime = _instant()


class DeviceRow(SQLModel, table=True):
    """A device as its birth, status and owner describe it."""

    __tablename__ = "device"
    __table_args__ = (Index("ix_device_figures", "online", "has_clock", "missed"),)  # births are long; figures are not
    id: str = Field(primary_key=True)
    product: str = Field(default="", index=True)
    firmware: str = ""
    serial: str = ""
    boot: str = ""
    customer_id: str | None = Field(default=None, foreign_key="customer.id", index=True)
    birth: dict[str, Any] = _json()
    online: bool = False
    busy: bool = False
    has_clock: bool = True
    off_on_purpose: bool = False
    first_seen_at: datetime = _instant()
    status_at: datetime = _instant()
    missed: int = Field(default=0, sa_type=WIDE)


class FindingRow(SQLModel, table=True):
    """Evidence, as the hot path raised it."""

    __tablename__ = "finding"
    id: int | None = Field(default=None, primary_key=True)
    device_id: str = Field(index=True)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    at: datetime = _instant(index=True)
    kind: str
    score: float
    because: list[Any] = _json()
    code: str = ""
    text: str = ""


class TicketRow(SQLModel, table=True):
    """One fault of one device."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_state_changed", "state", "changed_at"),
        Index("ix_ticket_device_fault", "device_id", "fault"),
        Index("ix_ticket_under_treatment", "product", sqlite_where=_TREATED, postgresql_where=_TREATED),
    )
    id: int | None = Field(default=None, primary_key=True)
    device_id: str = Field(foreign_key="device.id", index=True)
    product: str
    fault: str | None = None
    probability: float = 0.0
    state: str = Field(index=True)  # by itself too: closed ones are listed by number
    opened_at: datetime = _instant(index=True)
    changed_at: datetime = _instant()
    playbook_version: str = ""
    explanation: str = ""
    closed_at: datetime | None = _instant(nullable=True)
    due_at: datetime | None = _instant(nullable=True, index=True)
    verify_from: datetime | None = _instant(nullable=True)
    verify_by: datetime | None = _instant(nullable=True)
    fails_by: datetime | None = _instant(nullable=True)
    owner: str | None = None
    resolution: str = ""
    tried: list[Any] = _json()
    chart: dict[str, Any] = _json()
    parent_id: int | None = Field(default=None, index=True)
    gathers: bool = False


class StoryRow(SQLModel, table=True):
    """One entry of a ticket's story; the live stream follows ``id``."""

    __tablename__ = "story"
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    at: datetime = _instant()
    kind: str
    actor: str
    text: str


class CommandRow(SQLModel, table=True):
    """The command journal: recorded before sent."""

    __tablename__ = "command"
    __table_args__ = (
        Index("ix_command_device_created", "device_id", "created_at"),
        Index("ix_command_created_at", "created_at"),
        # Whatever else goes wrong, two workers included: one command in flight a device.
        Index("uq_command_in_flight", "device_id", unique=True, sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT),
    )
    id: str = Field(primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    device_id: str
    remedy: str
    verb: str
    args: dict[str, Any] = _json()
    state: str = Field(index=True)
    created_at: datetime = _instant()
    not_after: datetime = _instant()
    sent_at: datetime | None = _instant(nullable=True, index=True)
    answered_at: datetime | None = _instant(nullable=True)
    detail: str = ""
    approved_by: str | None = None
    leave_by: datetime | None = _instant(nullable=True)
    boot: str = ""
    before: dict[str, Any] = _json()
    earlier: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    undoes: str | None = None
    only_once: bool = False
    product: str = ""
    firmware: str = ""


class OutcomeRow(SQLModel, table=True):
    """How a remedy ended, for the breaker and the learner."""

    __tablename__ = "outcome"
    __table_args__ = (
        Index("ix_outcome_record", "product", "fault", "remedy", "outcome"),
        Index("ix_outcome_breaker", "product", "firmware", "remedy", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    remedy: str = Field(index=True)
    fault: str | None = None
    product: str
    firmware: str
    outcome: str
    at: datetime = _instant()
    command_id: str = Field(default="", index=True)
    playbook: str = ""


class TechnicianRow(SQLModel, table=True):
    """Somebody who visits."""

    __tablename__ = "technician"
    id: str = Field(primary_key=True)
    name: str
    email: str = ""
    zone: str = "UTC"
    skills: list[Any] = _json()


class SlotRow(SQLModel, table=True):
    """A stretch of a technician's time that a visit may take; taken while ``visit_id`` is set."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("technician_id", "starts_at"),)
    id: int | None = Field(default=None, primary_key=True)
    technician_id: str = Field(foreign_key="technician.id")
    starts_at: datetime = _instant(index=True)
    ends_at: datetime = _instant()
    visit_id: int | None = Field(default=None, index=True)


class VisitRow(SQLModel, table=True):
    """A service appointment. ``sequence`` counts changes, as calendars want it."""

    __tablename__ = "visit"
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    technician_id: str = Field(foreign_key="technician.id")
    starts_at: datetime = _instant(index=True)
    ends_at: datetime = _instant()
    state: str
    uid: str = Field(unique=True)
    sequence: int = 0
    parts: list[Any] = _json()
    report: str = ""


class MessageRow(SQLModel, table=True):
    """What an owner is told. One a ticket, stage and occasion (a visit's change; empty where a stage happens once)."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("ticket_id", "stage", "occasion", "channel"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    customer_id: str | None = Field(default=None, foreign_key="customer.id", index=True)
    stage: str
    occasion: str = ""
    channel: str
    lang: str
    subject: str
    body: str
    state: str = Field(index=True)
    why: str = ""
    created_at: datetime = _instant()
    due_at: datetime = _instant(index=True)
    sent_at: datetime | None = _instant(nullable=True)


class TokenRow(SQLModel, table=True):
    """What lets somebody without a login rate, change a visit or see their data; only the hash is kept."""

    __tablename__ = "token"
    hash: str = Field(primary_key=True)
    purpose: str
    subject: str = Field(index=True)
    created_at: datetime = _instant()
    expires_at: datetime = _instant()


class RatingRow(SQLModel, table=True):
    """A customer's verdict, 1 to 5; one a ticket, changeable until it expires."""

    __tablename__ = "rating"
    __table_args__ = (Index("ix_rating_at_score", "at", "score"),)
    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id")
    score: int = Field(index=True)
    comment: str = ""
    source: str
    at: datetime = _instant()


class OutboxRow(SQLModel, table=True):
    """An effect that was decided and is to be sent; ``key`` makes sending twice one effect."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str = Field(unique=True)
    payload: dict[str, Any] = _json()
    due_at: datetime = _instant(index=True)
    attempts: int = 0
    done_at: datetime | None = _instant(nullable=True, index=True)
    error: str = ""


class StaffRow(SQLModel, table=True):
    """Somebody who works here. ``session_salt`` changes to end every session of theirs."""

    __tablename__ = "staff"
    name: str = Field(primary_key=True)
    role: str = "staff"
    password_hash: str
    session_salt: str
    created_at: datetime = _instant()


class StaffTokenRow(SQLModel, table=True):
    """A bearer token for the HTTP API; only the hash is kept."""

    __tablename__ = "staff_token"
    hash: str = Field(primary_key=True)
    staff: str = Field(foreign_key="staff.name", index=True)
    created_at: datetime = _instant()


class AutonomyRow(SQLModel, table=True):
    """How far staff let the agent go with one remedy of one product, and what that did to a device then.

    ``verb``, ``args`` and ``reversible`` are null in what an earlier version kept, until the next start.
    """

    __tablename__ = "autonomy"
    product: str = Field(primary_key=True)
    remedy: str = Field(primary_key=True)
    autonomy: str
    by: str
    at: datetime = _instant()
    verb: str | None = None
    args: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    reversible: bool | None = None


class HaltRow(SQLModel, table=True):
    """The kill switch's history; the newest row says whether automatic fixes are halted."""

    __tablename__ = "halt"
    id: int | None = Field(default=None, primary_key=True)
    halted: bool
    by: str
    why: str = ""
    at: datetime = _instant()


class QuarantineRow(SQLModel, table=True):
    """What could not be read, by topic and reason, with the newest example (escaped, cut)."""

    __tablename__ = "quarantine"
    id: int | None = Field(default=None, primary_key=True)
    device_id: str = Field(index=True)
    reason: str
    example: str
    count: int = Field(default=1, sa_type=WIDE)
    first_at: datetime = _instant()
    last_at: datetime = _instant()


class CursorRow(SQLModel, table=True):
    """How far a reader of the journal has come; saved with what it decided."""

    __tablename__ = "cursor"
    name: str = Field(primary_key=True)
    offset: int = Field(sa_type=WIDE)
