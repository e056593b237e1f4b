"""From a finding to a ticket that is healed, visited, refused or handed over, on a real database file."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from agent.act.command import CommandState
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.answers import GRACE
from agent.desk.lessons import Word
from agent.desk.lifecycle import having_tried
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy, FaultKind
from agent.errors import UnknownTicketError
from agent.health.findings import Because, FindingKind
from agent.health.marks import Mark
from agent.listen.facts import Gap
from agent.service.visit import Technician
from agent.store import visits
from agent.store.charts import find_chart
from agent.store.commands import add_command
from agent.store.database import Database
from agent.store.devices import find_device
from agent.store.outcomes import had_healed
from agent.store.tickets import open_ticket, open_tickets_of, save_ticket
from broker.ids import new_id
from broker.messages import Event, Level, Presence, Result, ResultStatus, Status
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, NOON, a_birth, a_command, a_fault, a_finding, a_playbook, a_remedy

NORMAL = {"state": 0.1, "now": ()}
HOUR = timedelta(hours=1)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def fixing(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)


def test_a_device_is_healed_proven_and_watched_without_a_person(office: Office) -> None:
    fixing(office)
    (command,) = office.send()
    office.answer(command, ResultStatus.ACCEPTED)
    office.answer(command, ResultStatus.SUCCEEDED)
    done_at = office.clock.at

    assert office.ticket().state is TicketState.VERIFYING
    office.later(19 * MINUTE, normal_since=done_at + MINUTE, **NORMAL)
    assert office.ticket().state is TicketState.VERIFYING
    office.later(3 * MINUTE, normal_since=done_at + MINUTE, **NORMAL)

    ticket = office.ticket()
    assert ticket.state is TicketState.HEALED
    assert [(one.remedy, one.outcome) for one in ticket.tried] == [("restart", Outcome.HEALED)]
    assert ticket.due_at == ticket.changed_at + timedelta(days=7)
    assert office.told(StoryKind.OUTCOME)[0].startswith("Healed")
    with office.database.reading() as session:
        assert find_chart(session, 1).curves[0].metric == "memory_free_kb"


def test_an_ok_from_the_device_is_not_healed(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)

    office.later(90 * MINUTE)

    assert office.ticket().tried[0].outcome is Outcome.NOT_HEALED
    assert [command.remedy for command in office.commands()] == ["restart", "defrost"]


def test_a_week_without_recurrence_closes_the_ticket_and_a_recurrence_reopens_it(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED

    office.clock.at += timedelta(days=2)
    office.notice()

    ticket = office.ticket()
    assert ticket.state in {TicketState.NOTICED, TicketState.FIXING}
    assert (ticket.tried[0].outcome, ticket.tried[0].held_h > 24) == (Outcome.RECURRED, True)
    office.later(4 * MINUTE)
    assert [command.remedy for command in office.commands()] == ["restart", "restart"]


def test_what_came_back_has_its_usual_time_left_anew(database: Database) -> None:
    playbook = a_playbook(replace(a_fault("memory_leak"), time_left=timedelta(hours=30)))
    office = Office(database, {"frost-200": playbook})
    office.birth()
    office.notice()
    assert office.ticket().fails_by == NOON + timedelta(hours=30)
    office.later(HOUR)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.clock.at += timedelta(days=2)
    office.notice()

    assert office.ticket().fails_by == office.clock.at + timedelta(hours=30)


def test_what_came_back_within_a_day_gets_the_next_remedy(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.clock.at += timedelta(hours=10)
    office.notice()
    assert [command.remedy for command in office.commands()] == ["restart"]  # it is weighed anew: one evening may pass

    office.later(5 * MINUTE)
    assert [command.remedy for command in office.commands()] == ["restart", "defrost"]


def healed_by_setting(database: Database) -> Office:
    """An office in which the agent has set what a device had lost, and that has healed it."""
    sets = a_remedy("restart", verb="set_config", args=(("setpoint_c", -18.0),), rollback=True)
    office = Office(
        database, {"frost-200": a_playbook(a_fault(remedies=("restart",), skill="cooling"), remedies=(sets,))}
    )
    office.birth()
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED
    return office


@pytest.mark.parametrize("held", [10 * HOUR, timedelta(days=2)])
def test_what_an_owner_sets_again_is_not_set_back_without_a_person(database: Database, held: timedelta) -> None:
    office = healed_by_setting(database)

    office.clock.at += held
    office.notice()
    office.later(HOUR)

    assert office.ticket().state is TicketState.AWAITING_APPROVAL
    assert states(office.commands()) == [CommandState.SUCCEEDED, CommandState.AWAITING_APPROVAL]
    assert "Perhaps somebody sets it at the device" in office.told(StoryKind.GUARD)[-1]


def test_what_an_owner_has_set_again_is_left_so_for_good(database: Database) -> None:
    office = healed_by_setting(database)
    office.clock.at += timedelta(days=2)
    office.notice()
    office.later(HOUR)
    office.worker.reject(1, "mira", "They want it so.")
    office.later(HOUR)
    assert office.ticket().state is TicketState.WITH_PERSON
    office.worker.close(1, "mira", "Their own choice.")

    office.clock.at += timedelta(days=20)
    office.notice()
    office.later(HOUR)

    assert office.ticket(2).state is TicketState.AWAITING_APPROVAL
    assert states(office.commands(2)) == [CommandState.AWAITING_APPROVAL]


def test_a_setting_that_is_lost_again_after_the_watch_is_set_right_again(database: Database) -> None:
    office = healed_by_setting(database)
    office.clock.at += timedelta(days=8)
    office.work()
    assert office.ticket().state is TicketState.CLOSED

    fixing(office)

    assert states(office.commands(2)) == [CommandState.QUEUED]


def test_what_was_set_right_was_so_on_that_device_as_that_product_by_that_remedy(database: Database) -> None:
    office = healed_by_setting(database)
    healed: dict[str, Any] = {
        "device_id": "frost-0001",
        "product": "frost-200",
        "remedies": {"restart", "defrost"},
        "since": NOON,
    }
    others = {"device_id": "frost-0002", "product": "bean-9", "remedies": {"defrost"}, "since": office.clock.at}

    with office.database.reading() as session:
        assert had_healed(session, **healed) == {"restart"}
        for name, other in others.items():
            assert had_healed(session, **(healed | {name: other})) == frozenset()


def test_what_stays_healed_is_closed_after_the_watch(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    office.clock.at += timedelta(days=7)
    office.work()

    assert office.ticket().state is TicketState.CLOSED
    assert "did not come back" in office.ticket().resolution


def test_findings_of_one_fault_make_one_ticket(office: Office) -> None:
    office.notice()
    office.notice()
    office.hear(office.finding())

    with office.database.reading() as session:
        assert len(open_tickets_of(session, "frost-0001")) == 1


SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)


def test_another_fault_than_the_one_a_person_is_at_is_another_ticket(office: Office) -> None:
    fixing(office)
    office.worker.take_over(1, "mira")

    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)

    assert office.ticket(1).fault == "memory_leak"
    assert office.ticket(2).fault == "fan_bearing_wear"


def test_a_proposal_is_withdrawn_when_the_evidence_comes_to_speak_for_another_cause(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": with_autonomy(a_playbook(), restart=Autonomy.ASK)})
    office.birth()
    fixing(office)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL

    office.clock.at += timedelta(hours=2)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR))

    assert states(office.commands()) == [CommandState.CANCELLED]
    assert office.ticket().fault == "fan_bearing_wear"


def test_what_looked_like_one_fault_and_is_another_stays_one_ticket(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.clock.at += timedelta(minutes=80)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))

    office.later(15 * MINUTE, now=SLOWER)

    assert office.ticket().fault == "fan_bearing_wear"
    with pytest.raises(UnknownTicketError):
        office.ticket(2)


def test_nothing_fits_so_a_person_gets_it_with_the_reason(office: Office) -> None:
    odd = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)
    office.sees(now=odd)
    office.hear(office.finding(because=odd))

    office.later(DEFAULT_POLICY.unclear_patience - 10 * MINUTE, now=odd)
    assert office.ticket().state is TicketState.NOTICED

    office.later(20 * MINUTE, now=odd)
    assert office.ticket().state is TicketState.WITH_PERSON
    assert any("No known fault fits" in text for text in office.told(StoryKind.MOVE))


@pytest.mark.parametrize(("reported", "state"), [(False, TicketState.CLOSED), (True, TicketState.WITH_PERSON)])
def test_what_is_slight_for_a_day_needs_nobody_unless_the_device_no_longer_does_its_work(
    office: Office,
    reported: bool,  # noqa: FBT001 - a column of the table
    state: TicketState,
) -> None:
    slight = (Because("wifi_rssi_dbm", 1.0, 3.5, -45.0, -60.0),)
    office.sees(now=slight)
    office.hear(office.finding(because=slight))
    office.later(DEFAULT_POLICY.unclear_patience + 10 * MINUTE, now=slight)
    assert office.ticket().state is TicketState.NOTICED
    if reported:
        office.worker.report_failure(1, "mira")

    office.clock.at += DEFAULT_POLICY.slow_patience
    office.later(MINUTE, now=slight)

    assert office.ticket().state is state


def test_what_passes_by_itself_is_closed_and_nobody_is_told(office: Office) -> None:
    odd = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)
    office.sees(now=odd)
    office.hear(office.finding(because=odd))

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    assert office.told(StoryKind.MESSAGE) == []
    assert office.commands() == ()


def test_a_gap_and_a_device_off_on_purpose_open_no_ticket(office: Office) -> None:
    office.sees(silent_since=office.clock.at)
    office.hear(Event(boot="b", seq=1, code="power_off", level=Level.INFO))
    office.hear(office.finding(kind=FindingKind.SILENCE, score=60.0, because=()))
    office.hear(Gap(7), office.finding(kind=FindingKind.GAP, score=7.0, because=()))

    with office.database.reading() as session:
        assert find_device(session, "frost-0001").off_on_purpose
        assert find_device(session, "frost-0001").missed == 7
    assert office.story() == ()


def test_history_that_was_sent_late_is_evidence_and_opens_no_ticket(office: Office) -> None:
    office.sees()
    office.hear(a_finding(at=office.clock.at - timedelta(hours=2)))

    assert office.story() == ()


def test_an_odd_moment_that_nothing_explains_on_a_normal_device_opens_no_ticket(office: Office) -> None:
    odd = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)
    office.sees(normal_since=office.clock.at - timedelta(hours=5), now=odd)
    office.hear(office.finding(because=odd))

    assert office.story() == ()


def test_a_device_that_falls_silent_by_itself_gets_a_ticket_and_no_remedy(office: Office) -> None:
    office.sees(silent_since=office.clock.at)
    office.hear(office.finding(kind=FindingKind.SILENCE, score=30.0, because=()))

    (told,) = office.told(StoryKind.FINDING)
    assert told.startswith("The device has been silent for 30 minutes, though it is still connected")
    assert office.commands() == ()


def test_a_device_that_was_switched_off_and_is_still_connected_is_left_alone(office: Office) -> None:
    office.notice()
    office.hear(Event(boot="b", seq=1, code="power_off", level=Level.INFO))

    office.later(6 * MINUTE)

    assert office.commands() == ()
    assert "Not now: it was switched off at its switch." in office.told(StoryKind.GUARD)


def test_nothing_is_sent_while_a_technician_is_there_or_has_not_reported(office: Office) -> None:
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        visits.offer_slot(session, technician_id="t1", starts_at=NOON + 3 * HOUR, ends_at=NOON + 5 * HOUR)
        other = open_ticket(session, device_id="frost-0001", product="frost-200", playbook_version="1", now=NOON)
        save_ticket(session, replace(other, fault="fan_bearing_wear", state=TicketState.WITH_PERSON, due_at=None))
    booked = office.worker.book_visit(1, "mira")
    office.clock.at = NOON + 3 * HOUR + 10 * MINUTE
    office.notice()

    office.later(2 * HOUR)
    assert office.commands(2) == ()
    assert "Not now: a technician is there, or has not reported yet." in office.told(StoryKind.GUARD, 2)
    office.worker.record_visit_result(booked.id, "Noor", "Changed the fan.")
    office.later(5 * MINUTE)

    assert [command.remedy for command in office.commands(2)] == ["restart"]


def test_a_refusal_is_told_once_and_not_at_every_look(office: Office) -> None:
    office.hear(a_birth(busy=True))
    office.notice()

    office.later(30 * MINUTE)

    assert office.told(StoryKind.GUARD) == ["Not now: somebody is using the device."]
    office.hear(a_birth(busy=False))
    office.later(3 * MINUTE)
    assert office.ticket().state is TicketState.FIXING


def test_no_answer_in_time_is_a_failure_and_not_a_wait(office: Office) -> None:
    fixing(office)
    office.send()

    office.later(6 * MINUTE)

    assert states(office.commands())[0] is CommandState.TIMED_OUT
    assert office.ticket().tried[0].outcome is Outcome.NO_ANSWER


def test_an_answer_after_the_end_is_told_and_nothing_follows_from_it(office: Office) -> None:
    fixing(office)
    (command,) = office.send()
    office.later(6 * MINUTE)
    before = office.ticket()

    office.answer(command, ResultStatus.SUCCEEDED)
    office.answer(command, ResultStatus.SUCCEEDED)

    assert office.ticket() == before
    assert len(office.told(StoryKind.ANSWER)) == 1


def test_an_answer_past_its_time_that_comes_before_any_look_is_no_fresh_success(office: Office) -> None:
    fixing(office)
    (command,) = office.send()

    office.clock.at += timedelta(hours=3)
    office.sees()
    office.answer(command, ResultStatus.SUCCEEDED)
    office.work()

    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.told(StoryKind.MOVE)[-1].startswith("A person decides. Nobody listened")
    assert office.ticket().tried[0].outcome is None


@given(
    waited=st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=6)),
    status=st.sampled_from([ResultStatus.ACCEPTED, ResultStatus.SUCCEEDED, ResultStatus.FAILED]),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_an_answer_moves_its_ticket_on_only_in_its_time(
    office: Office, waited: timedelta, status: ResultStatus
) -> None:
    with office.database.transaction() as session:
        ticket = open_ticket(
            session, device_id="frost-0001", product="frost-200", playbook_version="1", now=office.clock.at
        )
        fixed = replace(ticket, fault="memory_leak", state=TicketState.FIXING)
        sent = a_command(
            id=new_id(office.clock.at),
            ticket_id=ticket.id,
            state=CommandState.SENT,
            created_at=office.clock.at,
            sent_at=office.clock.at,
            not_after=office.clock.at + 5 * MINUTE,
        )
        add_command(session, sent)
        save_ticket(session, having_tried(fixed, "restart", sent.id, office.clock.at))
    office.clock.at += waited

    office.answer(sent, status)

    (answered,) = office.commands(ticket.id)
    in_time = waited <= 5 * MINUTE + GRACE
    began = status is ResultStatus.ACCEPTED and not in_time  # which says nothing about how it ended
    assert answered.state is (CommandState.UNKNOWN if began else CommandState(status))
    assert in_time is (office.ticket(ticket.id).state is not TicketState.WITH_PERSON)
    with office.database.transaction() as session:  # the device is free for the next example
        session.connection().execute(text("update command set state = 'timed_out'"))


def test_a_device_that_refuses_is_asked_again_later_and_not_for_ever(office: Office) -> None:
    fixing(office)
    office.answer(office.send()[0], ResultStatus.REJECTED, "somebody is at me")
    assert office.ticket().state is TicketState.NOTICED
    assert office.told(StoryKind.GUARD)[-1].startswith("Not now: the last remedy")

    office.later(31 * MINUTE)
    office.answer(office.send()[0], ResultStatus.REJECTED)
    office.later(31 * MINUTE)

    assert [command.remedy for command in office.commands()] == ["restart", "restart", "defrost"]


def test_a_command_that_cannot_leave_in_time_never_leaves(office: Office) -> None:
    fixing(office)

    office.clock.at += 6 * MINUTE
    assert office.send() == ()
    office.later(MINUTE)

    assert states(office.commands())[0] is CommandState.EXPIRED
    assert all(tried.command_id != office.commands()[0].id for tried in office.ticket().tried)


def test_answers_of_strangers_are_quarantined(office: Office) -> None:
    fixing(office)
    (command,) = office.send()
    before = office.ticket()

    office.hear(Status(Presence.ONLINE), device_id="frost-0002")
    office.hear(Result(id=command.id, status=ResultStatus.SUCCEEDED), device_id="frost-0002")
    office.hear(Result(id="01NEVER", status=ResultStatus.SUCCEEDED))

    assert office.ticket() == before
    assert states(office.commands()) == [CommandState.SENT]


def test_facts_told_again_after_a_restart_change_nothing(office: Office) -> None:
    office.sees()
    facts = [office.fact(office.finding()), office.fact(office.finding())]
    office.worker.take(facts)
    before = (office.ticket(), office.story())

    office.worker.take(facts)

    assert (office.ticket(), office.story()) == before


def test_a_device_with_a_remedy_at_work_teaches_nothing_until_it_has_settled(office: Office) -> None:
    worker = office.worker
    office.notice()
    office.clock.at += 5 * MINUTE
    office.sees()
    worker.work_due(office.clock.at)
    assert office.health.those(Mark.QUIET) == ["frost-0001"]

    worker.take([office.fact(office.finding())])
    assert office.health.those(Mark.TEACH) == []

    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    office.clock.at += 6 * MINUTE
    office.sees()
    worker.work_due(office.clock.at)
    assert office.health.those(Mark.TEACH) == ["frost-0001"]


def test_a_product_nobody_described_goes_to_a_person(database: Database) -> None:
    office = Office(database, playbooks={})
    office.birth(product="toaster")
    office.notice()

    assert office.ticket().state is TicketState.WITH_PERSON


def test_a_false_friend_is_dismissed_and_its_next_findings_open_nothing(database: Database) -> None:
    office = Office(database)
    office.birth()
    hot = (Because("ambient_temp_c", 1.0, 9.0, 38.0, 21.0),)
    office.sees(now=hot)
    office.hear(office.finding(because=hot))
    office.later(5 * MINUTE, now=hot)
    assert office.ticket().state is TicketState.CLOSED

    office.hear(office.finding(because=hot))

    assert office.ticket().state is TicketState.CLOSED
    with pytest.raises(UnknownTicketError):
        office.ticket(2)


def test_an_owner_who_can_help_is_told_and_the_signal_says_whether_they_did(office: Office) -> None:
    office.own()
    door = (Because("door_open_s", 1.0, 9.0, 60.0, 2.0),)
    office.sees(now=door)
    office.hear(office.finding(because=door))
    office.later(5 * MINUTE, now=door)
    assert office.ticket().state is TicketState.WITH_OWNER

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED


def test_without_a_technician_a_person_gets_the_visit(office: Office) -> None:
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))

    office.later(5 * MINUTE, now=SLOWER)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert "technician" in office.told(StoryKind.MOVE)[-1]


def with_a_slot_in(office: Office, days: int) -> None:
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        starts_at = NOON + timedelta(days=days)
        visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))


@pytest.mark.parametrize(
    ("days", "safety", "state"),
    [
        (3, False, TicketState.VISIT_BOOKED),
        (6, False, TicketState.WITH_PERSON),
        (3, True, TicketState.WITH_PERSON),
    ],
)
def test_where_nobody_is_free_in_time_the_first_within_days_comes_late_unless_somebody_might_be_hurt(
    database: Database,
    days: int,
    safety: bool,  # noqa: FBT001 - a column of the table
    state: TicketState,
) -> None:
    worn = a_fault("worn", kind=FaultKind.VISIT, remedies=(), codes=("E21",), skill="cooling", safety=safety)
    playbook = a_playbook(replace(worn, symptoms=(), time_left=timedelta(days=1)))
    office = Office(database, playbooks={"frost-200": playbook})
    office.birth()
    with_a_slot_in(office, days)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))

    office.later(30 * MINUTE, now=SLOWER)

    assert office.ticket().state is state
    if state is TicketState.VISIT_BOOKED:
        assert "free before it is likely to be felt" in office.told(StoryKind.VISIT)[-1]


COLDER = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)


def odd_until_a_person_has_it(office: Office, because: tuple[Because, ...] = COLDER, score: float = 5.0) -> None:
    office.sees(now=because)
    sampled_at = office.clock.at - timedelta(seconds=2)  # as in life: before its ticket is opened
    office.hear(replace(office.finding(because=because, score=score), at=sampled_at))
    office.later(DEFAULT_POLICY.unclear_patience + 10 * MINUTE, now=because)


def test_what_a_person_has_looked_at_and_closed_is_not_brought_to_them_again_the_next_day(office: Office) -> None:
    odd_until_a_person_has_it(office)
    office.worker.close(1, "mira", "The battery of a car is loaded there every morning.")
    office.clock.at += timedelta(days=1)

    odd_until_a_person_has_it(office)

    assert office.ticket(2).state is TicketState.NOTICED
    assert office.told(StoryKind.GUARD, 2) == [
        "Not to a person yet: somebody has looked at the same on this device lately, and closed it."
    ]
    office.later(DEFAULT_POLICY.slow_patience, now=COLDER)
    assert office.ticket(2).state is TicketState.WITH_PERSON  # it has not passed as it did then


def test_what_is_stronger_than_then_or_something_else_reaches_a_person_as_ever(office: Office) -> None:
    odd_until_a_person_has_it(office)
    office.worker.close(1, "mira", "Nothing.")
    office.clock.at += timedelta(days=1)
    odd_until_a_person_has_it(office, score=9.0)
    assert office.ticket(2).state is TicketState.WITH_PERSON
    office.worker.close(2, "mira", "Nothing.")
    office.clock.at += timedelta(days=1)

    odd_until_a_person_has_it(office, (Because("ambient_temp_c", 1.0, -6.0, 5.0, 21.0),))

    assert office.ticket(3).state is TicketState.WITH_PERSON


def test_what_a_person_named_spares_nobody(office: Office) -> None:
    odd_until_a_person_has_it(office)
    office.worker.close(1, "mira", "It leaked.", Word("memory_leak"))
    office.clock.at += timedelta(days=1)

    odd_until_a_person_has_it(office)

    assert office.ticket(2).state is TicketState.WITH_PERSON


def test_what_passed_before_anybody_saw_it_spares_nobody(office: Office) -> None:
    office.sees(now=COLDER)
    office.hear(office.finding(because=COLDER))
    office.later(DEFAULT_POLICY.calm_for + 5 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.CLOSED
    office.clock.at += timedelta(days=1)

    odd_until_a_person_has_it(office)

    assert office.ticket(2).state is TicketState.WITH_PERSON


def test_a_word_of_the_device_besides_what_was_seen_before_reaches_a_person(office: Office) -> None:
    odd_until_a_person_has_it(office)
    office.worker.close(1, "mira", "Nothing.")
    office.clock.at += timedelta(days=1)
    office.sees(now=COLDER)
    office.hear(office.finding(because=COLDER), Event(boot="b", seq=1, code="E77", level=Level.ERROR))

    office.later(DEFAULT_POLICY.unclear_patience + 10 * MINUTE, now=COLDER)

    assert office.ticket(2).state is TicketState.WITH_PERSON


def test_after_two_weeks_people_look_again(office: Office) -> None:
    odd_until_a_person_has_it(office)
    office.worker.close(1, "mira", "Nothing.")
    office.clock.at += DEFAULT_POLICY.familiar_for

    odd_until_a_person_has_it(office)

    assert office.ticket(2).state is TicketState.WITH_PERSON


def test_a_suggested_remedy_waits_for_one_click(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": with_autonomy(a_playbook(), restart=Autonomy.SUGGEST)})
    office.birth()
    fixing(office)

    assert office.ticket().state is TicketState.WITH_PERSON
    assert states(office.commands()) == [CommandState.PROPOSED]
    assert office.send() == ()
