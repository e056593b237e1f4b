"""The whole agent in virtual time (shell): the code that runs on real devices, with time and ways out exchanged.

Pipeline, worker, sender, dispatcher, playbooks and database are the product's own. The journal is in memory and the
database a file that need not survive.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import event
from sqlmodel import select

from agent.act.sender import Sender
from agent.care.customer_file import PeopleFile, parse_people
from agent.care.dispatch import Dispatcher
from agent.care.enrol import enrol
from agent.care.links import LinkPurpose, open_link
from agent.care.message import MessageState
from agent.care.rating import RatingSource
from agent.desk.lessons import IN_ORDER, Word
from agent.desk.ticket import Ticket, TicketState
from agent.diagnose.experience import UNKNOWN
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.health.fleet import Fleet
from agent.listen.own_records import mark, tick
from agent.listen.pipeline import Pipeline
from agent.scorecard.agenda import Agenda, Appointment, read_agenda, visits_after, visits_over
from agent.scorecard.clock import VirtualClock
from agent.scorecard.hotline import Hotline
from agent.scorecard.ledger import Ledger, Tale
from agent.scorecard.parcel import Parcel
from agent.scorecard.staffing import Office, Trust
from agent.scorecard.ways_out import ToDevices, ToPeople
from agent.scorecard.world import Rated, Said, World
from agent.service.invitation import Person
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from agent.store.promises import promise_record
from agent.store.segment import Block, pack_records
from agent.store.tables import MessageRow, RatingRow, TicketRow
from agent.store.tickets import find_ticket, story_of, tickets_in
from agent.work import Worker
from broker.messages import Birth

_RECENT_ROWS: Final = 360  # six hours of curves on a ticket; nobody looks at more here
_URL: Final = "http://scorecard.invalid"
_SENDER: Final = Person("amends", "amends@example.org")
_NEW_SLOTS: Final = timedelta(days=1)


@dataclass(slots=True)
class FullAgent:
    """The agent, its database and its clock. Make one with ``of``; ``close`` it."""

    world: World
    clock: VirtualClock
    pipeline: Pipeline
    worker: Worker
    ledger: Ledger
    office: Office
    sender: Sender
    dispatcher: Dispatcher
    folder: "tempfile.TemporaryDirectory[str]"
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)
    agenda: Agenda = field(default_factory=lambda: Agenda(None, None, None, commands=False))
    offset: int = 0
    newest_visit: int = 0
    slots_at: datetime | None = None

    @classmethod
    def of(cls, world: World, begins_at: datetime, trust: Trust = Trust.PROMOTED, model: str = "") -> "FullAgent":
        """Return the agent in a world, at ``begins_at``, not begun yet.

        ``model`` is the kind of model all products get; empty: each its usual one.
        """
        folder = tempfile.TemporaryDirectory(prefix="amends-scorecard-")
        database = _database(Path(folder.name) / "amends.sqlite3")
        clock = VirtualClock(begins_at)
        fleet = Fleet(recent_rows=_RECENT_ROWS)
        if model:
            fleet = Fleet(recent_rows=_RECENT_ROWS, choice=lambda _product: model)
        worker = Worker(database, read_playbooks(default_dir()), fleet, clock, _URL)
        ledger = Ledger()
        return cls(
            world=world,
            clock=clock,
            pipeline=Pipeline(fleet),
            worker=worker,
            ledger=ledger,
            office=Office(worker, ledger, Hotline(world, ledger), trust),
            sender=Sender(database, ToDevices(world), clock),
            dispatcher=Dispatcher(database, ToPeople(world), _SENDER, clock, Random(0)),  # noqa: S311 - spreads retries
            folder=folder,
        )

    def begin(self) -> None:
        """Import owners and technicians, promote remedies, and learn from the devices' healthy days."""
        now = self.clock.now()
        self._enrol(now, everybody=True)
        self.office.promote()
        self.worker.begin()
        for said in self.world.history():
            self._hear(said, now)

    def minute(self, now: datetime) -> None:
        """Take what came up within the minute, and do all that is due."""
        self.clock.at = now
        if self.slots_at is None or now >= self.slots_at:
            self._enrol(now, everybody=False)
        told = self.world.live(now)
        acted = self._hear(told.said, now)
        for rated in told.rated:
            self._rate(rated)
            acted = True
        for device_id in told.called:
            self.office.take_call(device_id, now)
        there = {device_id: self._there(device_id) for device_id in self.office.hotline.due(now)}
        for device_id in self.office.hotline.work(now):
            self.office.close_after_visit(device_id, partial(self._known, there[device_id]))
            acted = True
        acted = self.office.look(now) or acted
        due_at = self.agenda.next_at()
        if acted or (due_at is not None and due_at <= now):
            self._do_what_is_due(now)

    def close(self) -> None:
        """Put the books in order and let go of the database."""
        with self.worker.database.reading() as session:
            tickets = session.exec(select(TicketRow.device_id, TicketRow.opened_at)).all()
            message = select(MessageRow.ticket_id, MessageRow.stage, MessageRow.occasion)
            sent = session.exec(message.where(MessageRow.state == MessageState.SENT).distinct()).all()
            scores = session.exec(select(RatingRow.score)).all()
            self.ledger.promises = promise_record(session)
            self.ledger.tales = [Tale(one, story_of(session, one.id)) for one in tickets_in(session, set(TicketState))]
        self.ledger.noticed += [(device_id, opened_at.timestamp()) for device_id, opened_at in tickets]
        self.ledger.tickets += len(tickets)
        self.ledger.messages += len(sent)
        self.ledger.scores += scores
        self.loop.close()
        self.worker.database.close()
        self.folder.cleanup()

    def _hear(self, said: Sequence[Said], now: datetime) -> bool:
        """Let messages through the hot path, and its facts through the slow one; tell whether work may come of them."""
        now_ms = int(now.timestamp() * 1000)
        asked = self.pipeline.fleet.take_asked()
        marks = pack_records(mark(now_ms, device_id, wanted) for device_id, wanted in asked)
        parts = (marks, Parcel.of(said, now).packed, pack_records([tick(now_ms)]))
        records = sum(part.records for part in parts)
        facts = self.pipeline.take(Block(self.offset, records, b"".join(part.body for part in parts))).facts
        self.offset += records
        if facts:
            self.worker.take(facts)
        return not all(isinstance(fact.body, Birth) for fact in facts)  # a birth alone makes nothing due

    def _do_what_is_due(self, now: datetime) -> None:
        while self.worker.work_due(now):
            pass
        self._visits(now)
        self.agenda = self._agenda()
        effects = self.agenda.effect_at is not None and self.agenda.effect_at <= now
        if self.agenda.commands:
            self.loop.run(self.sender.send_commands())
        if effects:
            self.loop.run(self.sender.send_notices())
            self.loop.run(self.dispatcher.send_due())
        if effects or self.agenda.commands:
            self.agenda = self._agenda()

    def _agenda(self) -> Agenda:
        with self.worker.database.reading() as session:
            return read_agenda(session)

    def _visits(self, now: datetime) -> None:
        """Note what was booked, and let technicians come and report whose time is over."""
        with self.worker.database.reading() as session:
            new, over = visits_after(session, self.newest_visit), visits_over(session, now)
        for booked in new:
            self.newest_visit = booked.visit.id
            self.ledger.booked.append((booked.device_id, now.timestamp()))
        for done in over:
            word = Word(self._found(done))  # before it is mended
            self.world.visit(done.device_id)
            report = "Looked at it and mended it."
            self.worker.record_visit_result(done.visit.id, done.visit.technician_id, report, word)

    def _found(self, done: Appointment) -> str:
        """Return what a technician finds there and reports: the device's trouble, none of the known, or nothing."""
        with self.worker.database.reading() as session:
            return self._known(self._there(done.device_id), find_ticket(session, done.visit.ticket_id))

    def _there(self, device_id: str) -> str:
        """Return the trouble a device has now, "" for none."""
        now_s = self.clock.now().timestamp()
        there = [
            trouble.fault
            for device, trouble in self.world.chronicle()
            if device == device_id and trouble.began_s <= now_s and trouble.ended_s is None
        ]
        return there[-1] if there else ""

    def _known(self, fault: str, ticket: Ticket) -> str:
        """Return a trouble ("": none) as somebody on the spot reports it: by name, as none of the known, or nothing."""
        playbook = self.worker.playbooks.get(ticket.product)
        if playbook is None:
            return ""
        if not fault:
            return IN_ORDER
        return fault if fault in {known.name for known in playbook.faults} else UNKNOWN

    def _rate(self, rated: Rated) -> None:
        token = rated.url.rsplit("/", 1)[-1]
        with self.worker.database.reading() as session:
            subject = open_link(session, token, LinkPurpose.RATE, self.clock.now())
        if subject is not None:
            self.worker.rate(int(subject.id), rated.score, rated.comment, RatingSource.MAIL)

    def _enrol(self, now: datetime, *, everybody: bool) -> None:
        self.slots_at = now + _NEW_SLOTS
        people = parse_people(self.world.people(now), Path("the world's people"))
        if not everybody:
            people = PeopleFile((), people.technicians)
        with self.worker.database.transaction() as session:
            enrol(session, people, now)


def _database(path: Path) -> Database:
    migrate(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")

    @event.listens_for(database.engine, "connect")
    def _forget(connection: Any, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    return database
