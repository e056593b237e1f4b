"""Everything a ticket's page tells (shell): reading only, one consistent view."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from agent.act.command import Command
from agent.care.customer import Customer
from agent.care.rating import Rating
from agent.decide.breaker import COUNTED
from agent.desk.chart import Chart, evidence_of
from agent.desk.device import Device
from agent.desk.ticket import Outcome, Story, Ticket
from agent.health.findings import Finding
from agent.service.visit import Technician, Visit
from agent.store.agreements import Agreement, approval_of, find_agreement, thaw_of
from agent.store.charts import find_chart
from agent.store.commands import commands_of, undecided_command
from agent.store.devices import find_device
from agent.store.findings import findings_of
from agent.store.freezes import Freeze, children_ids, children_of, freeze_of
from agent.store.learning import find_impression
from agent.store.mapping import from_row
from agent.store.people import owner_of
from agent.store.ratings import rating_of_ticket
from agent.store.tables import OutcomeRow, StoryRow, VisitRow
from agent.store.tickets import find_ticket, story_of
from agent.store.visits import technician_by_id

_CHILDREN_SHOWN = 50  # of a ticket about many devices


@dataclass(frozen=True, slots=True)
class Record:
    """How often a remedy ended how, for one product."""

    remedy: str
    outcomes: tuple[tuple[Outcome, int], ...]

    @property
    def tried(self) -> int:
        """How often it was tried and an outcome is known; what the device turned down says nothing about it."""
        return sum(count for outcome, count in self.outcomes if outcome in COUNTED)

    @property
    def healed(self) -> int:
        """How often the device's own signal came back to normal and stayed."""
        return sum(count for outcome, count in self.outcomes if outcome is Outcome.HEALED)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one ticket about many devices holds back: how many tickets, the first of them, and its freeze.

    ``matter`` is that of letting exactly these go on.
    """

    count: int
    matter: str
    first: tuple[Ticket, ...]
    freeze: Freeze | None


@dataclass(frozen=True, slots=True)
class TicketFile:
    """A ticket and all that lies with it.

    ``visit`` is the newest one, booked or not; ``technician`` belongs to it. ``None``: there is none. ``records``
    are the remedies of the product as they ended for the same fault, on any device. ``judged_at`` is when its fault was
    named (``None``: it was not). ``chart`` is what is kept of its curves. ``gathered`` is what a ticket about many
    devices holds back (``None``: it is about one). ``agreed`` is the first of two people's words on what waits for
    staff (``None``: nobody's).
    """

    ticket: Ticket
    device: Device
    story: tuple[Story, ...]
    findings: tuple[Finding, ...]
    commands: tuple[Command, ...]
    records: tuple[Record, ...]
    visit: Visit | None
    technician: Technician | None
    rating: Rating | None
    owner: Customer | None
    judged_at: datetime | None = None
    chart: Chart = field(default_factory=Chart)
    gathered: Gathered | None = None
    agreed: Agreement | None = None

    @property
    def evidence(self) -> tuple[Finding, ...]:
        """What the diagnosis stands on."""
        return evidence_of(self.findings, self.judged_at)


def read_file(session: Session, ticket_id: int) -> TicketFile:
    """Return a ticket and all that lies with it.

    Raises:
        UnknownTicketError: there is none of that number.
    """
    ticket = find_ticket(session, ticket_id)
    visit = _newest_visit(session, ticket_id)
    gathered = _gathered(session, ticket) if ticket.gathers else None
    return TicketFile(
        ticket=ticket,
        device=find_device(session, ticket.device_id),
        story=story_of(session, ticket_id),
        findings=findings_of(session, ticket_id),
        commands=commands_of(session, ticket_id),
        records=read_records(session, ticket.product, ticket.fault),
        visit=visit,
        technician=None if visit is None else technician_by_id(session, visit.technician_id),
        rating=rating_of_ticket(session, ticket_id),
        owner=owner_of(session, ticket.device_id),
        judged_at=_judged_at(session, ticket),
        chart=find_chart(session, ticket_id),
        gathered=gathered,
        agreed=_agreed(session, ticket, gathered),
    )


def _gathered(session: Session, ticket: Ticket) -> Gathered:
    first = children_of(session, ticket.id, _CHILDREN_SHOWN)
    children = children_ids(session, ticket.id)
    return Gathered(len(children), thaw_of(ticket.id, children), first, freeze_of(session, ticket.id))


def _agreed(session: Session, ticket: Ticket, gathered: Gathered | None) -> Agreement | None:
    if gathered is not None:
        return find_agreement(session, gathered.matter)
    command = undecided_command(session, ticket.id)
    return None if command is None else find_agreement(session, approval_of(command.id))


def _judged_at(session: Session, ticket: Ticket) -> datetime | None:
    kept = None if ticket.fault is None else find_impression(session, ticket.id)
    return None if kept is None else kept.at


def _newest_visit(session: Session, ticket_id: int) -> Visit | None:
    row = session.exec(
        select(VisitRow).where(VisitRow.ticket_id == ticket_id).order_by(col(VisitRow.id).desc())
    ).first()
    return None if row is None else from_row(row, Visit)


def read_records(session: Session, product: str, fault: str | None = None) -> tuple[Record, ...]:
    """Return how the remedies of a product ended, for one fault or (``None``) for all of them, by remedy.

    Each command counts once, as it turned out at last: what recurred had been booked as healed before.
    """
    query = select(OutcomeRow.remedy, OutcomeRow.outcome, func.count()).where(OutcomeRow.product == product)
    if fault is not None:
        query = query.where(OutcomeRow.fault == fault)
    grouped: dict[str, dict[Outcome, int]] = {}
    for remedy, outcome, count in session.exec(query.group_by(OutcomeRow.remedy, OutcomeRow.outcome)).all():
        grouped.setdefault(remedy, {})[Outcome(outcome)] = count
    return _records(grouped)


def read_present_records(session: Session, product: str, alike: Mapping[str, Collection[str]]) -> tuple[Record, ...]:
    """Return how the remedies of a product ended while they did what they do now, by remedy.

    ``alike`` are the versions of the playbook, by remedy, that gave its name to the same; what was kept before versions
    were counts among them, as far as anybody knows.
    """
    query = select(OutcomeRow.remedy, OutcomeRow.outcome, OutcomeRow.playbook, func.count())
    query = query.where(OutcomeRow.product == product)
    grouped: dict[str, dict[Outcome, int]] = {}
    rows = session.exec(query.group_by(OutcomeRow.remedy, OutcomeRow.outcome, OutcomeRow.playbook)).all()
    for remedy, outcome, playbook, count in rows:
        if not playbook or playbook in alike.get(remedy, ()):
            booked = grouped.setdefault(remedy, {})
            booked[Outcome(outcome)] = booked.get(Outcome(outcome), 0) + count
    return _records(grouped)


def _records(grouped: Mapping[str, dict[Outcome, int]]) -> tuple[Record, ...]:
    for booked in grouped.values():
        booked[Outcome.HEALED] = max(booked.get(Outcome.HEALED, 0) - booked.get(Outcome.RECURRED, 0), 0)
    return tuple(
        Record(remedy, tuple((outcome, count) for outcome, count in booked.items() if count))
        for remedy, booked in sorted(grouped.items())
    )


def story_after(session: Session, after: int, limit: int) -> tuple[Story, ...]:
    """Return the next entries of all stories after an id, oldest first: what the live stream tells."""
    rows = session.exec(select(StoryRow).where(col(StoryRow.id) > after).order_by(col(StoryRow.id)).limit(limit))
    return tuple(from_row(row, Story) for row in rows)


def newest_story_id(session: Session) -> int:
    """Return the id of the newest entry of all stories; 0 when there is none."""
    return session.exec(select(func.max(StoryRow.id))).one() or 0
