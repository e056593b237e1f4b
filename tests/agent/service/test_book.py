"""Booking, moving, cancelling and finishing visits on a real database file."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlmodel import Session, col, select

from agent.care.mail import Mail
from agent.desk.ticket import Ticket
from agent.service.book import WARNING, book_visit, cancel_visit, move_visit, other_slots, visit_done
from agent.service.errors import UnknownVisitError, VisitOverError
from agent.service.visit import Technician, Visit, VisitState
from agent.store.database import Database, open_database
from agent.store.outbox import EffectKind, due_effects
from agent.store.tables import SlotRow, VisitRow
from agent.store.visits import visit_by_id
from tests.agent.care.builders import NOON, PLAYBOOK
from tests.agent.care.house import TECHNICIAN, add_ticket, make_database, offer, settle_in

DAY = timedelta(days=1)
OTHER = Technician("t-2", "Sam Lee", "sam@example.org", "Europe/Berlin", ("cooling",))


def leaking(session: Session) -> Ticket:
    settle_in(session)
    return add_ticket(session, fault="refrigerant_leak")


def book(session: Session, ticket: Ticket, now: datetime = NOON, not_after: datetime | None = None) -> Visit | None:
    return book_visit(session, ticket=ticket, playbook=PLAYBOOK, now=now, not_before=now, not_after=not_after)


def booked(session: Session, ticket: Ticket) -> Visit:
    visit = book(session, ticket)
    assert visit is not None
    return visit


def invitations(session: Session) -> list[Mail]:
    return [msgspec.convert(e.payload, Mail) for e in due_effects(session, [EffectKind.INVITE], NOON + 365 * DAY)]


def taken(session: Session) -> list[int]:
    return list(session.exec(select(SlotRow.visit_id).where(col(SlotRow.visit_id).is_not(None))))  # type: ignore[arg-type]  # not None, as asked


def test_the_earliest_free_slot_is_taken_with_the_parts_the_fault_needs(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + 2 * DAY, NOON + DAY)

        visit = booked(session, ticket)

        assert (visit.starts_at, visit.ends_at) == (NOON + DAY, NOON + DAY + timedelta(hours=1))
        assert visit.parts == ("refrigerant", "valve_kit")
        assert taken(session) == [visit.id]


def test_booking_twice_books_once(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY, NOON + 2 * DAY)

        assert booked(session, ticket) == booked(session, ticket)
        assert len(taken(session)) == 1
        assert len(invitations(session)) == 1


def test_without_a_technician_of_that_skill_nothing_is_booked(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY, technician=replace(TECHNICIAN, skills=("coffee",)))

        assert book(session, ticket) is None
        assert session.exec(select(VisitRow)).all() == []


def test_a_taken_slot_is_not_taken_again(database: Database) -> None:
    with database.transaction() as session:
        first = leaking(session)
        second = add_ticket(session, fault="refrigerant_leak")
        offer(session, NOON + DAY)

        booked(session, first)

        assert book(session, second) is None


def test_the_owner_can_hear_of_a_visit_before_the_bell_rings(database: Database) -> None:
    night = NOON.replace(hour=22)  # 23:00 in Berlin; we may write at 8:00
    with database.transaction() as session:
        ticket = leaking(session)
        early, later = NOON.replace(day=25, hour=8), NOON.replace(day=25, hour=9)
        offer(session, early, later)

        visit = book(session, ticket, now=night)

        assert visit is not None
        assert visit.starts_at == later == NOON.replace(day=25, hour=7) + WARNING


def test_nothing_is_booked_past_the_bound(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + 3 * DAY)

        assert book(session, ticket, not_after=NOON + 2 * DAY) is None


def test_fifty_owners_want_one_slot_and_one_gets_it(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    with database.transaction() as session:
        settle_in(session)
        wanting = [add_ticket(session, fault="refrigerant_leak") for _ in range(50)]
        offer(session, NOON + DAY)
    database.close()
    start = threading.Barrier(10)

    def try_to_book(tickets: list[Ticket]) -> list[Visit | None]:
        own = open_database(f"sqlite:///{tmp_path / 'amends.sqlite3'}")
        start.wait()
        came = []
        for ticket in tickets:
            with own.transaction() as session:
                came.append(book(session, ticket))
        own.close()
        return came

    with ThreadPoolExecutor(10) as pool:
        results = [visit for came in pool.map(try_to_book, (wanting[i::10] for i in range(10))) for visit in came]

    winners = [visit for visit in results if visit is not None]
    with database.transaction() as session:
        assert len(winners) == 1
        assert taken(session) == [winners[0].id]
        assert [row.id for row in session.exec(select(VisitRow)).all()] == [winners[0].id]
        assert len(invitations(session)) == 1
    database.close()


def test_a_moved_visit_keeps_its_uid_counts_up_and_gives_its_old_slot_back(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY, NOON + 2 * DAY)
        visit = booked(session, ticket)
        [other] = other_slots(session, visit_id=visit.id, playbook=PLAYBOOK, now=NOON)

        moved = move_visit(session, visit_id=visit.id, slot_id=other.id, playbook=PLAYBOOK, now=NOON)

        assert moved is not None
        assert (moved.uid, moved.sequence, moved.starts_at) == (visit.uid, 1, NOON + 2 * DAY)
        assert moved == visit_by_id(session, visit.id)
        assert taken(session) == [visit.id]
        assert [s.starts_at for s in other_slots(session, visit_id=visit.id, playbook=PLAYBOOK, now=NOON)] == [
            NOON + DAY
        ]


def test_where_the_playbook_has_lost_the_fault_a_visit_moves_to_the_same_technician_only(database: Database) -> None:
    emptied = replace(PLAYBOOK, faults=())
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY, NOON + 3 * DAY)
        offer(session, NOON + 2 * DAY, technician=replace(OTHER, skills=("water",)))
        visit = booked(session, ticket)

        others = other_slots(session, visit_id=visit.id, playbook=emptied, now=NOON)

        assert [slot.starts_at for slot in others] == [NOON + 3 * DAY]


def test_when_another_technician_takes_over_the_first_one_hears_that_it_is_off(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        offer(session, NOON + 2 * DAY, technician=OTHER)
        visit = booked(session, ticket)
        [other] = other_slots(session, visit_id=visit.id, playbook=PLAYBOOK, now=NOON)

        move_visit(session, visit_id=visit.id, slot_id=other.id, playbook=PLAYBOOK, now=NOON)

        heard = [(mail.to.email, mail.calendar.visit.state) for mail in invitations(session) if mail.calendar]
        assert heard == [
            (TECHNICIAN.email, VisitState.BOOKED),
            (TECHNICIAN.email, VisitState.CANCELLED),
            (OTHER.email, VisitState.BOOKED),
        ]


@pytest.mark.parametrize("slot_id", [0, -1, 404])
def test_a_slot_that_is_not_on_offer_cannot_be_moved_to(database: Database, slot_id: int) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        visit = booked(session, ticket)

        assert move_visit(session, visit_id=visit.id, slot_id=slot_id, playbook=PLAYBOOK, now=NOON) is None


def test_a_visit_cannot_be_moved_to_somebody_without_the_skill(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        visit = booked(session, ticket)
        offer(session, NOON + 2 * DAY, technician=replace(OTHER, skills=("coffee",)))
        [foreign] = session.exec(select(SlotRow.id).where(SlotRow.technician_id == OTHER.id)).all()

        assert foreign is not None
        assert move_visit(session, visit_id=visit.id, slot_id=foreign, playbook=PLAYBOOK, now=NOON) is None


def test_a_cancelled_visit_gives_its_slot_to_the_next_one(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        visit = booked(session, ticket)

        cancelled = cancel_visit(session, visit_id=visit.id, now=NOON)

        assert (cancelled.state, cancelled.sequence) == (VisitState.CANCELLED, 1)
        assert cancel_visit(session, visit_id=visit.id, now=NOON) == cancelled
        assert booked(session, ticket).id != visit.id


def test_a_visit_that_was_done_keeps_the_technicians_words_and_changes_no_more(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        visit = booked(session, ticket)

        done = visit_done(session, visit_id=visit.id, report=" sealed the pipe\x07 \n refilled ")

        assert (done.state, done.report) == (VisitState.DONE, "sealed the pipe\n refilled")
        with pytest.raises(VisitOverError):
            cancel_visit(session, visit_id=visit.id, now=NOON)
        with pytest.raises(VisitOverError):
            move_visit(session, visit_id=visit.id, slot_id=1, playbook=PLAYBOOK, now=NOON)


def test_a_visit_that_does_not_exist_is_a_clear_error(database: Database) -> None:
    with database.transaction() as session, pytest.raises(UnknownVisitError):
        cancel_visit(session, visit_id=404, now=NOON)


def test_the_technician_is_told_where_what_and_with_which_parts(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        booked(session, ticket)

        [mail] = invitations(session)

        assert mail.to.email == TECHNICIAN.email
        assert mail.subject == f"New visit: Frost 200 freezer, Wed 25 Nov 13:00 ({ticket.number})"
        words = ("frost-0001", "A leak.", "valve kit", "Anna Ruiz, anna@example.org", "13:00 to 14:00 (Europe/Berlin)")
        for word in (*words, "Frost 200 freezer", "Wednesday, 25 November 2026"):
            assert word in mail.text
        assert mail.calendar is not None
        assert mail.calendar.occasion.title == f"Frost 200 freezer, Anna Ruiz ({ticket.number})"
        assert "anna@example.org" in mail.calendar.occasion.description
        for name in ("frost-200", "refrigerant leak", "refrigerant_leak"):
            assert name not in mail.text + mail.calendar.occasion.title + mail.calendar.occasion.description


def test_a_technician_reads_of_a_cancelled_visit_in_the_same_words(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY)
        visit = booked(session, ticket)

        cancel_visit(session, visit_id=visit.id, now=NOON, playbook=PLAYBOOK)

        assert (
            invitations(session)[-1].subject
            == f"Visit cancelled: Frost 200 freezer, Wed 25 Nov 13:00 ({ticket.number})"
        )


def test_a_technician_without_an_address_is_booked_all_the_same(database: Database) -> None:
    with database.transaction() as session:
        ticket = leaking(session)
        offer(session, NOON + DAY, technician=replace(TECHNICIAN, email=""))

        assert booked(session, ticket).state is VisitState.BOOKED
        assert invitations(session) == []
