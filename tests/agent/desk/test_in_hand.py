"""What a person can set going when the agent has nothing left: a remedy once more, or a visit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.act.command import CommandState
from agent.console.in_hand import Action, possible_actions
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import NotPossibleError, RefusedError, SecondPersonError, UnknownRemedyError
from agent.service.visit import Technician
from agent.store import visits
from agent.store.database import Database
from agent.store.tickets import save_ticket
from broker.messages import ResultStatus
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, NOON, a_birth, a_fault, a_playbook, a_remedy, a_ticket

NORMAL = {"state": 0.1, "now": ()}


@pytest.fixture
def office(database: Database) -> Office:
    """An office in which every remedy needs a yes."""
    asking = with_autonomy(a_playbook(), restart=Autonomy.ASK, defrost=Autonomy.ASK)
    office = Office(database, playbooks={"frost-200": asking})
    office.birth()
    return office


def asked(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL


def with_person(office: Office) -> None:
    """Let every remedy fail, so that none is left."""
    asked(office)
    for _ in range(2):
        office.later(31 * MINUTE)
        office.worker.approve(1, "mira")
        office.answer(office.send()[0], ResultStatus.FAILED)
        office.later(MINUTE)
    assert office.ticket().state is TicketState.WITH_PERSON


def test_a_person_may_send_a_remedy_once_more_when_none_is_left(office: Office) -> None:
    with_person(office)

    office.worker.try_again(1, "restart", "mira")

    (command,) = office.send()
    assert (command.remedy, command.approved_by) == ("restart", "mira")
    assert "Sends restart once more." in office.told(StoryKind.MOVE)
    office.answer(command, ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert [one.outcome for one in office.ticket().tried] == [Outcome.FAILED, Outcome.FAILED, Outcome.HEALED]


def test_what_holds_for_staff_too_stops_a_remedy_sent_once_more(office: Office) -> None:
    with_person(office)
    office.hear(a_birth(busy=True))
    with pytest.raises(RefusedError, match="somebody is using"):
        office.worker.try_again(1, "restart", "mira")

    office.hear(a_birth(commands=("defrost",)))
    with pytest.raises(RefusedError):
        office.worker.try_again(1, "restart", "mira")

    office.hear(a_birth())
    office.worker.halt("kim", "a test")
    with pytest.raises(RefusedError, match="halted"):
        office.worker.try_again(1, "restart", "mira")
    assert len(office.commands()) == 2


@pytest.mark.parametrize("name", ["", " ", "*", "reboot", "Restart"])
def test_a_remedy_that_the_fault_does_not_have_is_not_sent(office: Office, name: str) -> None:
    with_person(office)

    with pytest.raises(UnknownRemedyError):
        office.worker.try_again(1, name, "mira")

    assert len(office.commands()) == 2


def test_what_may_do_harm_is_sent_once_more_by_two_people(database: Database) -> None:
    for_good = (a_remedy("restart", reversible=False, autonomy=Autonomy.OBSERVE), a_remedy("defrost"))
    office = Office(database, playbooks={"frost-200": a_playbook(a_fault(remedies=("restart",)), remedies=for_good)})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)

    assert office.worker.try_again(1, "restart", "mira").state is TicketState.WITH_PERSON
    with pytest.raises(SecondPersonError):
        office.worker.try_again(1, "restart", "mira")
    assert office.commands() == ()

    assert office.worker.try_again(1, "restart", "kim").state is TicketState.FIXING


def test_nothing_is_sent_once_more_while_the_agent_is_at_it(office: Office) -> None:
    asked(office)

    with pytest.raises(NotPossibleError):
        office.worker.try_again(1, "restart", "mira")


def test_a_person_books_a_visit_as_the_agent_would(office: Office) -> None:
    with_person(office)
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        tomorrow = NOON + timedelta(days=1)
        visits.offer_slot(session, technician_id="t1", starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=2))

    visit = office.worker.book_visit(1, "mira")

    ticket = office.ticket()
    assert (ticket.state, ticket.due_at) == (
        TicketState.VISIT_BOOKED,
        visit.ends_at + office.policy.visit_report_within,
    )
    assert office.worker.book_visit(1, "mira") == visit
    assert any("A visit is booked" in told for told in office.told(StoryKind.VISIT))


def test_no_visit_is_booked_without_a_free_slot(office: Office) -> None:
    with_person(office)

    with pytest.raises(NotPossibleError, match="no slot is free"):
        office.worker.book_visit(1, "mira")

    assert office.ticket().state is TicketState.WITH_PERSON


def suggested(database: Database) -> Office:
    """Return an office with one remedy suggested, and another the agent may send by itself."""
    playbook = with_autonomy(a_playbook(), restart=Autonomy.SUGGEST, defrost=Autonomy.ACT)
    office = Office(database, playbooks={"frost-200": playbook})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    return office


def test_a_no_of_who_took_it_over_leaves_it_with_them(database: Database) -> None:
    office = suggested(database)
    office.worker.take_over(1, "mira")

    office.worker.reject(1, "mira", "its owner is asleep")
    office.later(31 * MINUTE)

    assert (office.ticket().state, office.ticket().owner) == (TicketState.WITH_PERSON, "mira")
    assert states(office.commands()) == [CommandState.REFUSED]
    office.worker.reopen(1, "mira", "she is up")
    assert [command.remedy for command in office.commands()] == ["restart", "defrost"]


def test_a_no_of_somebody_else_to_what_the_agent_asks_on_it_gives_it_back_to_them(office: Office) -> None:
    asked(office)
    with office.database.transaction() as session:
        save_ticket(session, replace(office.ticket(), owner="mira"))  # whose last remedy, approved, has failed

    office.worker.reject(1, "tom", "not that one")

    assert (office.ticket().state, office.ticket().owner) == (TicketState.WITH_PERSON, "mira")


def test_what_nobody_took_over_goes_back_to_the_agent_after_a_no(database: Database) -> None:
    office = suggested(database)

    office.worker.reject(1, "mira", "not that one")

    assert office.ticket().state is TicketState.FIXING


@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("owner", [None, "mira"])
def test_a_ticket_can_be_taken_over_wherever_the_agent_is_at_it(state: TicketState, owner: str | None) -> None:
    ticket = a_ticket(state=state, owner=owner)

    can = Action.TAKE_OVER in possible_actions(ticket, None, None, NOON, waiting=False)

    is_theirs = state is TicketState.WITH_PERSON and owner is not None
    assert can is (state is not TicketState.CLOSED and not is_theirs)
