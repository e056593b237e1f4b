"""The slow path (shell): what is heard, what is due and what staff want, a transaction each.

Everything here is synchronous and safe to call from any thread; the database lets one writer in at a time. What is to
be done is decided in ``decide``, done in ``desk`` and ``act``; this only opens the transaction and says when it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, TypeVar

import structlog
from sqlalchemy.exc import OperationalError

from agent.act.hush import Hush, at_work
from agent.care.rating import RatingSource
from agent.clock import Clock
from agent.decide.moves import Book
from agent.decide.policy import DEFAULT_POLICY, Policy
from agent.desk import orders, visit_orders
from agent.desk.carry import hand_over
from agent.desk.counting import count_apart
from agent.desk.deadlines import end_unwatched, expire_proposals, forget_unheard, give_time_back
from agent.desk.hearing import hear
from agent.desk.lessons import NO_WORD, Word
from agent.desk.lifecycle import CHANGES
from agent.desk.look import look_at
from agent.desk.taking_back import take_back_owed
from agent.desk.ticket import Ticket, TicketState
from agent.desk.trust import set_autonomy
from agent.desk.turn import Turn
from agent.desk.verdicts import Verdict, take_verdict
from agent.diagnose.library import Version
from agent.diagnose.playbook import Autonomy, Playbook
from agent.errors import NoReasonError, RefusedError, StoreBusyError
from agent.health.marks import Mark
from agent.health.reading import HealthReader
from agent.listen.facts import Fact
from agent.service.visit import Visit
from agent.store.commands import devices_in_flight, has_in_flight, has_overdue_proposals
from agent.store.cursors import FACTS, read_cursor, save_cursor
from agent.store.database import Database
from agent.store.halts import Halt, is_halted, record_halt
from agent.store.outbox import EffectKind, has_due
from agent.store.quarantine import Unusable, count_quarantined
from agent.store.tickets import due_tickets, find_ticket, save_ticket, tickets_under_treatment

log = structlog.get_logger()

Part = TypeVar("Part")
Each: TypeAlias = Callable[[Turn, Part], None]

_AGAIN = timedelta(minutes=10)  # until a ticket that made us fail is looked at again
_AT_ONCE = 10  # due tickets a transaction; more would keep staff waiting for the write lock


@dataclass(frozen=True, slots=True)
class Worker:
    """Handed all it touches. ``playbooks`` are by product and may be exchanged behind its back by a reload.

    ``versions`` are those that rule older tickets.

    ``public_url`` begins the links in messages to owners. News for staff go to ``staff_mail`` (``None``: to the
    console only).
    """

    database: Database
    playbooks: Mapping[str, Playbook]
    health: HealthReader
    clock: Clock
    public_url: str
    policy: Policy = DEFAULT_POLICY
    hush: Hush = field(default_factory=Hush)
    staff_mail: str | None = None
    versions: Mapping[Version, Playbook] = field(default_factory=dict)

    @contextmanager
    def _turn(self, now: datetime | None = None) -> Iterator[Turn]:
        with self.database.transaction() as session:
            at = self.clock.now() if now is None else now
            turn = Turn(
                *(session, at, self.playbooks, self.health, self.policy, self.public_url, self.staff_mail),
                self.versions,
            )
            yield turn
            quiet = at_work(tickets_under_treatment(session), devices_in_flight(session), at)
        # Once it is committed: what was rolled back marks nobody.
        for device_id in turn.anew:
            self.health.ask(device_id, Mark.ANEW)
        self.hush.follow(quiet, self.health)

    def begin(self) -> None:
        """Take up work after a start: what nobody listened to while the agent was away goes to a person."""
        self.hush.quieted = self.health.quieted_devices()  # a mark outlives the process that wanted it
        with self._turn() as turn:
            forget_unheard(turn)
            give_time_back(turn)

    def take(self, facts: Sequence[Fact]) -> None:
        """Apply facts in order, each once, in one transaction; those of an earlier run are skipped.

        Raises:
            StoreBusyError: the database does not take it now; nothing was applied, and they may be told again.
        """
        try:
            _all_or_each(partial(self._take, facts), hear, _hear_alone)
        except OperationalError as error:
            raise StoreBusyError(str(error.orig)) from error

    def _take(self, facts: Sequence[Fact], hear_one: Each[Fact]) -> None:
        with self._turn() as turn:
            done = read_cursor(turn.session, FACTS)
            new = [fact for fact in facts if fact.offset > done]
            for fact in count_apart(turn, new):
                hear_one(turn, fact)
            if new:
                save_cursor(turn.session, FACTS, new[-1].offset)

    def looked_late(self, missed: timedelta) -> None:
        """Make good for the time in which nobody looked: a pause, or a clock that jumped forward."""
        with self._turn() as turn:
            forget_unheard(turn)
            give_time_back(turn, missed)

    def work_due(self, now: datetime) -> int:
        """Look at the tickets that are due at ``now`` and return how many; call again while it is not 0."""
        with self.database.reading() as session:
            due = due_tickets(session, now, _AT_ONCE)
            idle = not (due or has_in_flight(session) or has_due(session, EffectKind.TAKE_BACK, now))
            idle = idle and not has_overdue_proposals(session, now)
        if idle:
            return 0
        _all_or_each(partial(self._look, due, now), _look, _look_alone)
        return len(due)

    def _look(self, due: Sequence[Ticket], now: datetime, look_one: Each[Ticket]) -> None:
        with self._turn(now) as turn:
            for sweep in (end_unwatched, take_back_owed, expire_proposals):
                if look_one is _look:
                    sweep(turn)
                else:
                    _sweep_alone(turn, sweep)
            for ticket in due:
                look_one(turn, ticket)

    def approve(self, ticket_id: int, staff: str, command_id: str | None = None) -> Ticket:
        """Let the proposed remedy be sent. Errors: see ``agent.desk.orders``, here and below."""
        with self._telling_refusals(staff), self._turn() as turn:
            return orders.approve(turn, ticket_id, staff, command_id)

    def reject(self, ticket_id: int, staff: str, why: str, command_id: str | None = None) -> Ticket:
        """Refuse the proposed remedy; the agent looks for what else it may do."""
        with self._turn() as turn:
            return orders.reject(turn, ticket_id, staff, why, command_id)

    def try_again(self, ticket_id: int, remedy: str, staff: str) -> Ticket:
        """Send a remedy of the ticket's fault once more."""
        with self._telling_refusals(staff), self._turn() as turn:
            return orders.try_again(turn, ticket_id, remedy, staff)

    @contextmanager
    def _telling_refusals(self, staff: str) -> Iterator[None]:
        """Write a guard's no to what a person wanted on the ticket; nothing else is kept of it."""
        try:
            yield
        except RefusedError as error:
            with self._turn() as turn:
                orders.tell_refusal(turn, error, staff)
            raise

    def book_visit(self, ticket_id: int, staff: str, bounds: Book | None = None) -> Visit:
        """Take the best free slot for a ticket (``None``: as soon as can be)."""
        with self._turn() as turn:
            return visit_orders.book_visit(turn, ticket_id, staff, bounds)

    def note(self, ticket_id: int, staff: str, text: str) -> Ticket:
        """Write a note into the story."""
        with self._turn() as turn:
            return orders.note(turn, ticket_id, staff, text)

    def take_over(self, ticket_id: int, staff: str) -> Ticket:
        """Make the ticket this person's; the agent stops acting on it."""
        with self._turn() as turn:
            return orders.take_over(turn, ticket_id, staff)

    def close(self, ticket_id: int, staff: str, resolution: str, word: Word = NO_WORD) -> Ticket:
        """End the ticket, saying how, and what it was."""
        with self._turn() as turn:
            return orders.close(turn, ticket_id, staff, resolution, word)

    def lift_freeze(self, ticket_id: int, staff: str, why: str) -> Ticket:
        """Let the devices that a gathering ticket holds back go on."""
        with self._turn() as turn:
            return orders.lift_freeze(turn, ticket_id, staff, why)

    def reopen(self, ticket_id: int, staff: str, why: str) -> Ticket:
        """Put a ticket that is closed, or with a person, back on the desk."""
        with self._turn() as turn:
            return orders.reopen_ticket(turn, ticket_id, staff, why)

    def record_visit_result(self, visit_id: int, by: str, report: str, word: Word = NO_WORD) -> Ticket:
        """Take a technician's word that a visit is done; the device's signal then says whether it helped."""
        with self._turn() as turn:
            return visit_orders.record_visit_result(turn, visit_id, by, report, word)

    def report_failure(self, ticket_id: int, staff: str) -> Ticket:
        """Take down that the device no longer does its work."""
        with self._turn() as turn:
            return orders.report_failure(turn, ticket_id, staff)

    def rate(self, ticket_id: int, score: int, comment: str, source: RatingSource) -> None:
        """Record an owner's rating and follow up on an unhappy one; the caller has checked that they may rate."""
        with self._turn() as turn:
            take_verdict(turn, Verdict(ticket_id, score, comment, source))

    def halt(self, by: str, why: str) -> None:
        """Stop every automatic fix, at once and across restarts."""
        self._switch(by, why, halted=True)

    def resume(self, by: str, why: str) -> None:
        """Let automatic fixes go on."""
        self._switch(by, why, halted=False)

    def _switch(self, by: str, why: str, *, halted: bool) -> None:
        if not why.strip():
            what = "halting" if halted else "resuming"
            raise NoReasonError(what)
        with self._turn() as turn:
            if is_halted(turn.session) is not halted:
                record_halt(turn.session, Halt(halted=halted, by=by, why=why.strip(), at=turn.now))

    def set_autonomy(self, product: str, remedy: str, autonomy: Autonomy, staff: str, read: str | None = None) -> bool:
        """Set how far the agent may go with one remedy; False: a second person must say so too."""
        with self._turn() as turn:
            return set_autonomy(turn, product, remedy, autonomy, staff, read)


def _all_or_each(work: Callable[[Each[Part]], None], each: Each[Part], alone: Each[Part]) -> None:
    """Do the work of one transaction with ``each``; where that fails, do it again with ``alone``.

    That one puts a savepoint around each part, which costs two statements and nearly always protects from nothing.
    """
    try:
        work(each)
    except (OperationalError, StoreBusyError):
        raise  # the database, not a part of the work
    except Exception as error:  # noqa: BLE001 - the part that fails does so again, and is logged with its trace
        log.warning("work.one_by_one", why=type(error).__name__)
        work(alone)


def _hear_alone(turn: Turn, fact: Fact) -> None:
    """Apply one fact; one that we cannot apply is put aside and counted, for it would come back at every restart."""
    before = len(turn.anew)
    try:
        with turn.session.begin_nested():
            hear(turn, fact)
    except OperationalError:
        raise  # the database, not the fact: all of them are told again
    except Exception as error:
        del turn.anew[before:]
        log.exception("fact.put_aside", offset=fact.offset, device_id=fact.device_id, kind=type(fact.body).__name__)
        reason = f"our_failure_{type(fact.body).__name__}".lower()
        count_quarantined(turn.session, Unusable(fact.device_id, reason, type(error).__name__), turn.now)


def _look(turn: Turn, ticket: Ticket) -> None:
    look_at(turn, ticket.id)


def _sweep_alone(turn: Turn, sweep: Callable[[Turn], None]) -> None:
    """Look after all commands of one sort; where we fail at one, tickets are looked at all the same."""
    try:
        with turn.session.begin_nested():
            sweep(turn)
    except OperationalError:
        raise
    except Exception:
        log.exception("commands.failed", sweep=sweep.__name__)


def _look_alone(turn: Turn, ticket: Ticket) -> None:
    """Look at one ticket; one at which we fail is handed to a person, and holds up nobody else's."""
    before = len(turn.anew)
    try:
        with turn.session.begin_nested():
            _look(turn, ticket)
    except OperationalError:
        raise
    except Exception:
        del turn.anew[before:]
        ticket = find_ticket(turn.session, ticket.id)  # as it stands now: it was read before the lock was had
        log.exception("ticket.failed", ticket=ticket.number)
        save_ticket(turn.session, replace(ticket, due_at=turn.now + _AGAIN))
        if TicketState.WITH_PERSON in CHANGES[ticket.state]:
            hand_over(turn, ticket, "The agent failed at this ticket; the log has the trace.")
