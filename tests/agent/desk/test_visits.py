"""Visits that somebody may still come to, that nobody came to, and that were judged before anybody spoke."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.console.in_hand import Action, fault_of, possible_actions
from agent.desk.lessons import Word
from agent.desk.ticket import StoryKind, TicketState
from agent.errors import NotPossibleError
from agent.health.findings import Because
from agent.health.stays import Stay
from agent.service.errors import VisitOverError
from agent.service.visit import Technician, Visit, VisitState
from agent.store import visits
from agent.store.database import Database
from agent.store.learning import find_impression
from broker.messages import Event, Level
from tests.agent.desk.office import Office
from tests.builders import MINUTE, NOON, a_playbook

NORMAL = {"state": 0.1, "now": ()}
SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def offer(office: Office, days: int, hours: int = 2) -> None:
    """Give the technician a free slot at noon, some days from now on."""
    starts_at = NOON + days * DAY
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + hours * HOUR)


def book(office: Office, days: int = 1, hours: int = 2) -> None:
    """Let the agent book a visit for a fan that wears out."""
    offer(office, days, hours)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)
    assert office.ticket().state is TicketState.VISIT_BOOKED


def booked(office: Office) -> Visit | None:
    with office.database.reading() as session:
        return visits.booked_visit(session, 1)


def put_back(office: Office) -> None:
    """Let a person have the ticket for a while in which the device is calm."""
    since = office.clock.at
    office.worker.take_over(1, "mira")
    office.later(5 * MINUTE, normal_since=since, **NORMAL)
    office.worker.reopen(1, "mira", "I have spoken to the owner, go on.")


def test_a_ticket_put_back_with_a_visit_ahead_waits_for_it_however_calm_the_device(office: Office) -> None:
    book(office, days=3)
    due_at = office.ticket().due_at

    put_back(office)
    assert (office.ticket().state, office.ticket().due_at) == (TicketState.VISIT_BOOKED, due_at)
    assert office.ticket().owner is None
    office.clock.at += 26 * HOUR
    office.later(MINUTE, normal_since=NOON, **NORMAL)

    assert office.ticket().state is TicketState.VISIT_BOOKED
    assert booked(office) is not None


def test_what_a_technician_reports_on_a_ticket_put_back_is_judged(office: Office) -> None:
    book(office)
    offer(office, 4)
    put_back(office)

    office.clock.at = NOON + DAY + HOUR
    office.worker.record_visit_result(1, "Noor", "Changed the fan.")
    assert office.ticket().state is TicketState.VERIFYING
    office.later(10 * MINUTE, now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(10 * MINUTE, now=SLOWER)

    assert office.told(StoryKind.VISIT)[-1] == "The visit is done: Changed the fan."


def test_a_visit_is_not_proven_by_what_was_never_off(office: Office) -> None:
    cooling = Stay(("cooling",), NOON - DAY)
    office.sees(stays=(cooling,))
    book(office)
    office.clock.at = NOON + DAY + HOUR
    office.worker.record_visit_result(1, "Noor", "Changed the fan.")
    calm: dict[str, Any] = {"normal_since": office.clock.at, **NORMAL}
    defrosting, back = Stay(("defrosting",), office.clock.at), Stay(("cooling",), office.clock.at + 95 * MINUTE)

    office.later(95 * MINUTE, stays=(cooling, defrosting), **calm)
    assert office.ticket().state is TicketState.VERIFYING
    office.later(30 * MINUTE, stays=(cooling, defrosting, back), **calm)

    assert office.ticket().state is TicketState.HEALED


def test_a_ticket_put_back_long_after_its_visit_is_weighed_anew(office: Office) -> None:
    book(office)
    office.worker.take_over(1, "mira")
    office.clock.at = NOON + DAY + 12 * HOUR
    office.sees(now=SLOWER)

    office.worker.reopen(1, "mira", "Nobody came.")

    assert office.ticket().state is not TicketState.VISIT_BOOKED


def nobody_came(office: Office) -> None:
    """Let the time of the first visit and of its report go by, on a device that is not normal."""
    book(office)
    offer(office, 4)
    office.clock.at = NOON + DAY + 6 * HOUR
    office.later(5 * MINUTE, now=SLOWER)
    assert office.ticket().state is TicketState.WITH_PERSON


def possible(office: Office) -> frozenset[Action]:
    with office.database.reading() as session:
        visit = visits.visit_by_id(session, 1)
    ticket = office.ticket()
    return possible_actions(ticket, visit, fault_of(ticket, office.playbooks), office.clock.at, waiting=False)


def test_where_nobody_came_a_person_can_book_another_visit(office: Office) -> None:
    nobody_came(office)
    assert {Action.VISIT, Action.VISITED} <= possible(office)

    again = office.worker.book_visit(1, "mira")

    assert again.starts_at == NOON + 4 * DAY
    assert booked(office) == again
    with office.database.reading() as session:
        first = visits.visit_by_id(session, 1)
    assert first is not None
    assert first.state is VisitState.CANCELLED


def test_where_nobody_came_and_nobody_is_free_the_first_visit_may_still_be_reported(office: Office) -> None:
    book(office)
    office.clock.at = NOON + DAY + 6 * HOUR
    office.later(5 * MINUTE, now=SLOWER)

    with pytest.raises(NotPossibleError, match="no slot is free"):
        office.worker.book_visit(1, "mira")
    office.worker.record_visit_result(1, "Noor", "Was there after all.")

    assert office.ticket().state is TicketState.VERIFYING


def test_where_nobody_came_the_agent_books_another_visit_once_it_is_put_back(office: Office) -> None:
    nobody_came(office)

    office.worker.reopen(1, "mira", "The technician did not come.")
    office.sees(now=SLOWER)
    office.hear(office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)

    assert office.ticket().state is TicketState.VISIT_BOOKED
    assert office.told(StoryKind.VISIT)[-1] == "A visit is booked for 2026-09-25 12:00 UTC."


def test_no_second_visit_is_booked_while_somebody_may_be_there(office: Office) -> None:
    book(office)
    office.worker.take_over(1, "mira")
    office.clock.at = NOON + DAY + HOUR / 2
    assert Action.VISIT not in possible(office)

    assert office.worker.book_visit(1, "mira") == booked(office)


def test_what_a_technician_reports_late_is_learned_and_judged_no_second_time(office: Office) -> None:
    book(office)
    since, office.clock.at = NOON + DAY + HOUR, NOON + DAY + 5 * HOUR
    office.later(70 * MINUTE, normal_since=since, **NORMAL)
    assert office.ticket().state is TicketState.HEALED  # nobody had said a word by then
    assert Action.VISITED in possible(office)

    office.worker.record_visit_result(1, "Noor", "Changed the bearing.", Word("fan_bearing_wear"))

    with office.database.reading() as session:
        kept, visit = find_impression(session, 1), visits.visit_by_id(session, 1)
    assert kept is not None
    assert kept.confirmed == "fan_bearing_wear"
    assert visit is not None
    assert visit.report == "Changed the bearing."
    assert office.ticket().state is TicketState.HEALED
    with pytest.raises(VisitOverError):
        office.worker.record_visit_result(1, "Noor", "And the fan.")


@pytest.mark.parametrize("view", [{"now": SLOWER}, {"normal_since": NOON + DAY + HOUR, **NORMAL}])
def test_a_long_visit_is_not_over_while_the_technician_is_at_it(database: Database, view: dict[str, Any]) -> None:
    usual = a_playbook()
    faults = tuple(replace(fault, visit_minutes=360) for fault in usual.faults)
    office = Office(database, {"frost-200": replace(usual, faults=faults)})
    office.birth()
    book(office, hours=8)

    office.clock.at = NOON + DAY + 4 * HOUR
    office.later(5 * MINUTE, **view)
    assert office.ticket().state is TicketState.VISIT_BOOKED
    assert booked(office) is not None

    office.clock.at = NOON + DAY + 10 * HOUR
    office.later(5 * MINUTE, **view)
    assert office.ticket().state is not TicketState.VISIT_BOOKED
