"""When the slow path next has something to do (shell): so that virtual minutes without any cost nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from agent.act.command import CommandState
from agent.service.visit import Visit, VisitState
from agent.store.mapping import from_row
from agent.store.outbox import EffectKind
from agent.store.tables import CommandRow, OutboxRow, TicketRow, VisitRow

_OURS = (EffectKind.NOTICE, EffectKind.NOTICE_OVER, EffectKind.MAIL, EffectKind.INVITE, EffectKind.TAKE_BACK)


@dataclass(frozen=True, slots=True)
class Agenda:
    """What lies ahead. ``None``: nothing does. ``commands``: some wait to leave."""

    ticket_at: datetime | None
    effect_at: datetime | None
    visit_at: datetime | None
    commands: bool

    def next_at(self) -> datetime | None:
        """Return the next instant at which anything is due."""
        return min((at for at in (self.ticket_at, self.effect_at, self.visit_at) if at is not None), default=None)


def read_agenda(session: Session) -> Agenda:
    """Return what lies ahead now."""
    undone = select(func.min(OutboxRow.due_at)).where(col(OutboxRow.done_at).is_(None), col(OutboxRow.kind).in_(_OURS))
    visits = select(func.min(VisitRow.ends_at)).where(VisitRow.state == VisitState.BOOKED)
    queued = select(CommandRow.id).where(CommandRow.state == CommandState.QUEUED).limit(1)
    return Agenda(
        ticket_at=session.exec(select(func.min(TicketRow.due_at))).one(),
        effect_at=session.exec(undone).one(),
        visit_at=session.exec(visits).one(),
        commands=session.exec(queued).first() is not None,
    )


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit and the device it is to."""

    visit: Visit
    device_id: str


def visits_after(session: Session, visit_id: int) -> tuple[Appointment, ...]:
    """Return the visits that were booked after the one with this id."""
    query = select(VisitRow, TicketRow.device_id).join(TicketRow, col(VisitRow.ticket_id) == TicketRow.id)
    rows = session.exec(query.where(col(VisitRow.id) > visit_id).order_by(col(VisitRow.id)))
    return tuple(Appointment(from_row(visit, Visit), device_id) for visit, device_id in rows)


def visits_over(session: Session, now: datetime) -> tuple[Appointment, ...]:
    """Return the booked visits that have ended by ``now`` and that nobody reported on."""
    query = select(VisitRow, TicketRow.device_id).join(TicketRow, col(VisitRow.ticket_id) == TicketRow.id)
    query = query.where(VisitRow.state == VisitState.BOOKED, col(VisitRow.ends_at) <= now)
    return tuple(
        Appointment(from_row(visit, Visit), device_id)
        for visit, device_id in session.exec(query.order_by(col(VisitRow.id)))
    )
