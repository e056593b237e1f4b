"""What staff, owners and technicians can do with a ticket, and what they cannot."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agent.act.command import CommandState
from agent.act.departures import claim, hold_back, may_leave, unanswered
from agent.care.customer import Customer, Purpose
from agent.care.rating import RatingSource
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.lessons import IN_ORDER, Word
from agent.desk.ticket import StoryKind, TicketState
from agent.diagnose.experience import UNKNOWN
from agent.diagnose.playbook import Autonomy
from agent.errors import (
    NoReasonError,
    NotPossibleError,
    PersonError,
    RefusedError,
    UnknownRemedyError,
    UnknownTicketError,
)
from agent.health.findings import Because
from agent.service.visit import Technician
from agent.store import people, visits
from agent.store.database import Database
from agent.work import Worker
from broker.messages import Event, Feedback, Level, ResultStatus
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, NOON, a_birth, a_fault, a_playbook

NORMAL = {"state": 0.1, "now": ()}
TWO_VISITS = "The same shows again after 2 visits, so one more would not end it."
SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)


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


def test_an_approved_remedy_is_sent_in_the_name_of_who_approved_it(office: Office) -> None:
    asked(office)
    assert office.send() == ()

    office.worker.approve(1, "mira")

    assert [(command.state, command.approved_by) for command in office.send()] == [(CommandState.SENT, "mira")]
    assert office.ticket().state is TicketState.FIXING


def test_an_approval_asks_the_guards_again(office: Office) -> None:
    asked(office)
    office.hear(a_birth(busy=True))

    with pytest.raises(RefusedError, match="somebody is using"):
        office.worker.approve(1, "mira")

    assert states(office.commands()) == [CommandState.AWAITING_APPROVAL]


def test_nothing_can_be_approved_while_everything_is_halted(office: Office) -> None:
    asked(office)
    office.worker.halt("mira", "smoke")

    with pytest.raises(RefusedError, match="halted"):
        office.worker.approve(1, "mira")


def test_a_no_is_remembered_and_the_next_remedy_is_asked_about(office: Office) -> None:
    asked(office)

    office.worker.reject(1, "mira", "they are on the phone with us")
    assert [(one.remedy, one.state) for one in office.commands()] == [
        ("restart", CommandState.REFUSED),
        ("defrost", CommandState.AWAITING_APPROVAL),
    ]
    office.worker.reject(1, "mira", "neither")

    assert office.ticket().state is TicketState.WITH_PERSON
    assert not office.ticket().tried


def test_an_approval_nobody_gave_in_time_goes_to_a_person_who_can_put_it_back_on_the_desk(office: Office) -> None:
    asked(office)

    office.clock.at += timedelta(hours=25)
    office.sees()
    office.work()

    assert office.ticket().state is TicketState.WITH_PERSON
    with pytest.raises(NotPossibleError, match="too old"):
        office.worker.approve(1, "mira")
    office.worker.reopen(1, "mira", "They are back from holiday.")
    assert office.ticket().state is TicketState.AWAITING_APPROVAL


@pytest.mark.parametrize("level", [Autonomy.ASK, Autonomy.SUGGEST])
def test_what_nobody_approved_in_time_has_expired(database: Database, level: Autonomy) -> None:
    office = Office(database, playbooks={"frost-200": with_autonomy(a_playbook(), restart=level)})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    (proposed,) = office.commands()

    office.clock.at = proposed.not_after + MINUTE
    office.sees()
    office.work()
    office.work()

    assert states(office.commands()) == [CommandState.EXPIRED]
    assert office.told(StoryKind.COMMAND) == [
        "Nobody decided in time about restart: what was proposed is no longer there to be approved."
    ]
    assert office.ticket().state is TicketState.WITH_PERSON


def test_a_yes_or_a_no_to_another_proposal_than_the_one_that_waits_changes_nothing(office: Office) -> None:
    asked(office)
    (restart,) = office.commands()
    office.worker.reject(1, "tom", "not while they cook")  # and the agent asks about a defrost

    with pytest.raises(NotPossibleError, match="not the one you saw"):
        office.worker.approve(1, "mira", restart.id)
    with pytest.raises(NotPossibleError, match="not the one you saw"):
        office.worker.reject(1, "mira", "no", restart.id)
    assert states(office.commands()) == [CommandState.REFUSED, CommandState.AWAITING_APPROVAL]

    office.worker.approve(1, "mira", office.commands()[-1].id)
    assert [(one.remedy, one.approved_by) for one in office.send()] == [("defrost", "mira")]


def test_a_guard_s_no_to_a_person_is_written_on_the_ticket_once(office: Office) -> None:
    asked(office)
    office.worker.halt("mira", "smoke")

    for _ in range(3):
        with pytest.raises(RefusedError, match="halted"):
            office.worker.approve(1, "tom")
    office.clock.at += MINUTE
    office.worker.take_over(1, "mira")
    for _ in range(2):
        with pytest.raises(RefusedError, match="halted"):
            office.worker.try_again(1, "restart", "mira")

    told = [(entry.actor, entry.text) for entry in office.story() if entry.kind is StoryKind.GUARD]
    no = "Wanted it to be sent, and it was not. Not now: every automatic fix is halted."
    assert told == [("tom", no), ("mira", no)]


def test_a_command_whose_ticket_went_on_without_it_expires_and_frees_the_device(office: Office) -> None:
    a_technician(office)
    asked(office)
    office.worker.take_over(1, "mira")
    visit = office.worker.book_visit(1, "mira")
    office.worker.take_over(1, "tom")
    office.sees()
    office.worker.try_again(1, "restart", "tom")
    office.worker.record_visit_result(visit.id, "Noor", "Came early, cleaned it.")
    assert states(office.commands())[-1] is CommandState.QUEUED

    office.later(6 * MINUTE)

    assert states(office.commands())[-1] is CommandState.EXPIRED
    assert not office.ticket().tried
    assert office.told(StoryKind.COMMAND)[-1] == "The command did not leave in time and will not be sent."


def test_taking_over_withdraws_what_was_proposed_and_stops_the_agent(office: Office) -> None:
    asked(office)

    office.worker.take_over(1, "mira")
    office.later(timedelta(hours=1))

    assert (office.ticket().state, office.ticket().owner) == (TicketState.WITH_PERSON, "mira")
    assert states(office.commands()) == [CommandState.CANCELLED]


def test_a_ticket_taken_over_while_the_command_is_out_still_hears_the_answer(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")
    (command,) = office.send()

    office.worker.take_over(1, "mira")
    office.answer(command, ResultStatus.SUCCEEDED)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert states(office.commands()) == [CommandState.SUCCEEDED]


def test_closing_stops_what_has_not_left_and_reopening_starts_anew(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")

    office.worker.close(1, "mira", "They bought another one.")

    assert office.send() == ()
    assert (office.ticket().state, office.ticket().resolution) == (TicketState.CLOSED, "They bought another one.")
    office.worker.reopen(1, "mira", "They kept it.")
    assert office.ticket().state is not TicketState.CLOSED


def test_a_note_is_told_in_the_name_of_who_wrote_it(office: Office) -> None:
    asked(office)

    office.worker.note(1, "mira", "Rang them.")

    assert (office.story()[-1].actor, office.story()[-1].text) == ("mira", "Rang them.")


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (lambda worker: worker.approve(99, "mira"), UnknownTicketError),
        (lambda worker: worker.note(1, "mira", "  "), NoReasonError),
        (lambda worker: worker.reject(1, "mira", ""), NoReasonError),
        (lambda worker: worker.close(1, "mira", ""), NoReasonError),
        (lambda worker: worker.reopen(1, "mira", "why not"), NotPossibleError),
        (lambda worker: worker.halt("mira", ""), NoReasonError),
        (lambda worker: worker.set_autonomy("frost-200", "explode", Autonomy.ACT, "mira"), UnknownRemedyError),
        (lambda worker: worker.set_autonomy("", "", Autonomy.ACT, "mira"), UnknownRemedyError),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(
    office: Office, order: Callable[[Worker], object], error: type[PersonError]
) -> None:
    asked(office)
    before = (office.ticket(), office.commands(), office.story())

    with pytest.raises(error):
        order(office.worker)

    assert (office.ticket(), office.commands(), office.story()) == before


def test_approving_what_nobody_asked_is_not_possible(office: Office) -> None:
    office.notice()

    with pytest.raises(NotPossibleError, match="nothing waits"):
        office.worker.approve(1, "mira")


def test_staff_s_word_lets_the_agent_act_from_then_on(office: Office) -> None:
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")

    office.notice()
    office.later(5 * MINUTE)

    assert office.ticket().state is TicketState.FIXING


def test_halted_commands_stay_here_and_the_switch_survives_a_restart(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")

    office.worker.halt("mira", "smoke")
    again = Office(office.database, office.playbooks, office.health, office.clock, office.offset)

    assert again.send() == ()
    again.worker.resume("mira", "toast")
    assert len(again.send()) == 1


def test_a_command_that_left_is_not_claimed_again(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")

    assert len(office.send()) == 1
    assert office.send() == ()
    assert states(office.commands()) == [CommandState.SENT]


def test_a_command_claimed_before_the_halt_is_held_back_at_the_last_moment(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")
    (command,) = office.send()
    office.worker.halt("mira", "smoke")

    with office.database.transaction() as session:
        assert not may_leave(session, command.id, office.clock.at)
        hold_back(session, command.id, office.clock.at)
    office.work()

    assert "Stopped at the last moment, nothing was sent. Every automatic fix is halted." in office.told(
        StoryKind.GUARD
    )
    # The approval is not forgotten silently: staff are asked again.
    assert states(office.commands()) == [CommandState.CANCELLED, CommandState.AWAITING_APPROVAL]
    assert not office.ticket().tried


def test_what_was_sent_and_not_answered_goes_out_again_under_its_id_until_its_time_is_over(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")
    (command,) = office.send()

    with office.database.transaction() as session:
        assert claim(session, office.clock.at) == ()
        assert unanswered(session, office.clock.at) == (command,)
        assert unanswered(session, command.not_after) == ()


def test_what_nobody_listened_to_goes_to_a_person_and_is_never_sent_again(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")
    (command,) = office.send()

    office.clock.at += timedelta(hours=3)
    office.worker.begin()

    assert states(office.commands()) == [CommandState.UNKNOWN]
    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.ticket().tried[0].outcome is None
    office.answer(command, ResultStatus.SUCCEEDED)
    assert office.ticket().state is TicketState.WITH_PERSON


def test_an_unhappy_rating_brings_a_person_and_a_happy_one_does_not(office: Office) -> None:
    asked(office)
    office.worker.approve(1, "mira")
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.hear(Feedback(ticket="T-1", score=5, comment="did not even notice"))
    assert office.ticket().state is TicketState.HEALED
    office.worker.rate(1, 1, "it beeped all night", RatingSource.MAIL)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert len(office.told(StoryKind.RATING)) == 2


def test_a_device_can_only_rate_its_own_ticket(office: Office) -> None:
    asked(office)

    office.hear(Feedback(ticket="T-1", score=1), device_id="frost-0002")
    office.hear(Feedback(ticket="T-77", score=1))

    assert office.told(StoryKind.RATING) == []


def somebody_is_free(office: Office, *days: int) -> None:
    """Offer two hours of the technician on each of these days from today."""
    with office.database.transaction() as session:
        for day in days:
            starts_at = NOON + timedelta(days=day)
            visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))


def a_technician(office: Office) -> None:
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
    somebody_is_free(office, 1)


def booked(office: Office) -> None:
    a_technician(office)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)
    assert office.ticket().state is TicketState.VISIT_BOOKED


def test_a_ticket_that_gets_a_visit_says_why_nothing_was_sent(database: Database) -> None:
    office = Office(database, {"frost-200": a_playbook(a_fault("memory_leak", skill="cooling"))})
    office.birth(commands=())
    a_technician(office)

    office.notice()
    office.later(5 * MINUTE)

    assert office.ticket().state is TicketState.VISIT_BOOKED
    (why,) = (text for text in office.told(StoryKind.MOVE) if "No remedy is left." in text)
    assert "this device does not know the command restart" in why


def test_a_visit_is_judged_by_the_device_and_not_by_the_report(office: Office) -> None:
    booked(office)

    office.clock.at = NOON + timedelta(days=1, hours=1)
    office.worker.record_visit_result(1, "Noor", "Changed the fan.")
    assert office.ticket().state is TicketState.VERIFYING
    office.later(timedelta(minutes=65), normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.HEALED


def test_a_visit_that_did_not_help_brings_a_person(office: Office) -> None:
    booked(office)

    office.clock.at = NOON + timedelta(days=1, hours=1)
    office.worker.record_visit_result(1, "Noor", "Could not find anything.")
    office.clock.at += timedelta(hours=24)
    office.later(5 * MINUTE, now=SLOWER)

    assert office.ticket().state is TicketState.WITH_PERSON


@pytest.mark.parametrize(("found", "comes_again"), [("fan_bearing_wear", True), (UNKNOWN, False), (IN_ORDER, False)])
def test_what_a_technician_has_found_to_be_something_else_brings_a_person_and_no_second_visit(
    office: Office,
    found: str,
    comes_again: bool,  # noqa: FBT001 - a column of the table
) -> None:
    booked(office)
    office.clock.at = NOON + timedelta(days=1, hours=1)
    somebody_is_free(office, 3)
    office.worker.record_visit_result(1, "Noor", "Looked at the fan.", Word(found))
    office.later(timedelta(minutes=65), normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED

    office.clock.at += timedelta(days=1)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=9, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)

    assert office.ticket().state is (TicketState.VISIT_BOOKED if comes_again else TicketState.WITH_PERSON)
    assert any("had found something else" in text for text in office.told(StoryKind.MOVE)) != comes_again


def back_after_a_visit(office: Office, visit: int, found: str, ticket: int = 1, *, closed: bool = False) -> None:
    """Let the technician have been there and the device be well, its ticket perhaps closed, and slow again next day."""
    office.clock.at = NOON + timedelta(days=2 * visit - 1, hours=1)
    office.worker.record_visit_result(visit, "Noor", "Looked at the fan.", Word(found))
    office.later(timedelta(minutes=65), normal_since=office.clock.at, **NORMAL)
    assert office.ticket(ticket).state is TicketState.HEALED
    if closed:
        office.worker.close(ticket, "mira", "All is well.")
    slow_again(office, timedelta(hours=20))


def slow_again(office: Office, after: timedelta) -> None:
    office.clock.at += after
    office.sees(now=SLOWER)
    office.hear(Event(boot=str(office.clock.at), seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)


@pytest.mark.parametrize("found", ["fan_bearing_wear", IN_ORDER, ""])
def test_what_is_back_after_two_visits_brings_a_person_whatever_they_had_found(office: Office, found: str) -> None:
    booked(office)
    somebody_is_free(office, *range(3, 9))
    back_after_a_visit(office, 1, "fan_bearing_wear")
    assert office.ticket().state is TicketState.VISIT_BOOKED

    back_after_a_visit(office, 2, found)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert TWO_VISITS in office.told(StoryKind.MOVE)[-1]


def test_two_visits_count_whatever_became_of_their_tickets_until_they_are_long_past(office: Office) -> None:
    booked(office)
    somebody_is_free(office, *range(3, 9), 45)
    back_after_a_visit(office, 1, "fan_bearing_wear", closed=True)
    assert office.ticket(2).state is TicketState.VISIT_BOOKED

    back_after_a_visit(office, 2, "fan_bearing_wear", 2, closed=True)

    assert office.ticket(3).state is TicketState.WITH_PERSON
    assert TWO_VISITS in office.told(StoryKind.MOVE, 3)[-1]
    office.worker.close(3, "mira", "It was the draught in the cellar.")

    slow_again(office, DEFAULT_POLICY.visits_within)

    assert office.ticket(4).state is TicketState.VISIT_BOOKED


@pytest.mark.parametrize(
    ("device", "product", "fault", "counted"),
    [
        ("frost-0001", "frost-200", "fan_bearing_wear", 1),
        ("frost-0001", "frost-200", "memory_leak", 0),
        ("frost-0001", "frost-300", "fan_bearing_wear", 0),
        ("frost-0002", "frost-200", "fan_bearing_wear", 0),
    ],
)
def test_visits_count_for_the_device_product_and_fault_they_were_about(
    office: Office, device: str, product: str, fault: str, counted: int
) -> None:
    booked(office)
    back_after_a_visit(office, 1, "fan_bearing_wear")

    with office.database.reading() as session:
        assert visits.count_visited(session, device, product, fault, NOON) == counted


def test_closing_a_ticket_cancels_its_visit(office: Office) -> None:
    booked(office)

    office.worker.close(1, "mira", "They bought another one.")

    with office.database.reading() as session:
        assert visits.booked_visit(session, 1) is None


def test_without_the_owner_s_consent_even_an_allowed_remedy_is_asked_about(database: Database) -> None:
    office = Office(database)
    office.birth()
    owner = Customer("c1", "Ada", "ada@example.org", "en", "UTC", 22, 7, 18, tell_about_fixes=False)
    with database.transaction() as session:
        people.save_customer(session, owner)
        people.own_device(session, device_id="frost-0001", customer_id="c1", now=NOON)
        people.set_consents(session, "c1", {Purpose.DIAGNOSE}, NOON)

    asked(office)

    assert any("has not agreed" in text for text in office.told(StoryKind.GUARD))


@pytest.fixture
def acting(database: Database) -> Office:
    """An office in which the agent has decided on a remedy that needs nobody's yes."""
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.FIXING
    return office


def test_a_remedy_on_its_way_is_waited_for_when_its_ticket_is_put_back(acting: Office) -> None:
    (command,) = acting.send()
    acting.worker.take_over(1, "mira")

    acting.worker.reopen(1, "mira", "go on")
    acting.later(MINUTE)
    acting.answer(command, ResultStatus.SUCCEEDED)

    assert acting.ticket().state is TicketState.VERIFYING


@pytest.mark.parametrize("answered", [False, True])
def test_what_is_put_back_before_the_agent_has_caught_up_is_not_ended_as_if_somebody_had_listened(
    acting: Office,
    answered: bool,  # noqa: FBT001 - a column of the table
) -> None:
    (command,) = acting.send()
    if answered:
        acting.answer(command, ResultStatus.SUCCEEDED)
    acting.worker.take_over(1, "mira")

    acting.clock.at += timedelta(hours=2)  # stopped, and started again: people can act before the agent does
    acting.worker.reopen(1, "mira", "go on")
    acting.worker.begin()
    acting.work()

    assert acting.ticket().tried[0].outcome is None
    assert acting.ticket().state is (TicketState.VERIFYING if answered else TicketState.WITH_PERSON)


def test_a_remedy_that_a_take_over_has_stopped_was_never_tried(acting: Office) -> None:
    acting.worker.take_over(1, "mira")

    assert states(acting.commands()) == [CommandState.CANCELLED]
    assert acting.ticket().tried == ()
    acting.worker.reopen(1, "mira", "go on")
    assert [one.remedy for one in acting.ticket().tried] == ["restart"]


def test_a_remedy_held_back_after_a_take_over_was_never_tried(acting: Office) -> None:
    (command,) = acting.send()
    acting.worker.take_over(1, "mira")
    acting.worker.halt("mira", "smoke")

    with acting.database.transaction() as session:
        hold_back(session, command.id, acting.clock.at)

    assert acting.ticket().tried == ()
    assert acting.ticket().state is TicketState.WITH_PERSON


def test_no_second_remedy_is_sent_while_the_first_is_being_judged(acting: Office) -> None:
    acting.answer(acting.send()[0], ResultStatus.SUCCEEDED)
    acting.worker.take_over(1, "mira")
    acting.later(5 * MINUTE)

    with pytest.raises(NotPossibleError, match="restart is still being judged"):
        acting.worker.try_again(1, "restart", "mira")

    assert len(acting.commands()) == 1
    assert acting.ticket().verify_by is not None
