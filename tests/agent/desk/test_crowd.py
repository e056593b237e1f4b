"""How long a remedy keeps others of its product waiting."""

from dataclasses import replace

import pytest

from agent.decide.policy import DEFAULT_POLICY
from agent.desk.ticket import StoryKind, TicketState
from agent.health.findings import Because
from agent.store.breakers import Fuse, find_breaker
from agent.store.database import Database
from broker.messages import ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE, a_fault, a_playbook, a_remedy
from tests.faults.guarded_fleet import GuardedFleet

FIRST, SECOND = "frost-0001", "frost-0002"


@pytest.fixture
def fleet(database: Database) -> GuardedFleet:
    """Two of four devices are ill; the first got its remedy, which may take until tomorrow to show."""
    slow = a_playbook(remedies=(a_remedy("restart", verify_within=720 * MINUTE), a_remedy("defrost")))
    fleet = GuardedFleet.of(Office(database, playbooks={"frost-200": slow}), 4)
    fleet.fall_ill([FIRST])
    fleet.later(10 * MINUTE)
    (command,) = fleet.office.send()
    fleet.office.answer(command, ResultStatus.SUCCEEDED)
    fleet.fall_ill([SECOND])
    return fleet


def test_what_many_show_at_once_reaches_people_three_times_and_the_others_wait_for_a_day(database: Database) -> None:
    odd = (Because("wifi_rssi_dbm", 0.5, 6.5, -45.0, -60.0), Because("fan_rpm", 0.5, -6.5, 855.0, 900.0))
    fleet = GuardedFleet.of(Office(database), 40)
    office, many = fleet.office, fleet.ids[:8]
    fleet.see(now=odd)
    office.worker.take([office.fact(replace(office.finding(because=odd), device_id=one), one) for one in many])

    fleet.later(DEFAULT_POLICY.unclear_patience + 10 * MINUTE, now=odd)
    assert len(fleet.tickets(TicketState.WITH_PERSON)) == 3
    waiting = fleet.tickets(TicketState.NOTICED)
    assert len(waiting) == 5
    assert "several devices of this product" in office.told(StoryKind.GUARD, waiting[0])[0]

    office.clock.at += DEFAULT_POLICY.slow_patience
    fleet.later(DEFAULT_POLICY.slow_look, now=odd)
    assert len(fleet.tickets(TicketState.WITH_PERSON)) == 8


def test_what_is_only_a_little_off_waits_for_a_day_is_closed_then_and_says_so(database: Database) -> None:
    slight = (Because("wifi_rssi_dbm", 0.5, 3.0, -50.0, -60.0), Because("fan_rpm", 0.5, -3.0, 870.0, 900.0))
    fleet = GuardedFleet.of(Office(database), 4)
    office = fleet.office
    fleet.see(now=slight)
    office.worker.take([office.fact(replace(office.finding(because=slight), device_id=FIRST), FIRST)])

    fleet.later(DEFAULT_POLICY.unclear_patience + 10 * MINUTE, now=slight)
    (waiting,) = fleet.tickets(TicketState.NOTICED)
    assert "nothing it measures is far from its usual" in office.told(StoryKind.GUARD, waiting)[0]

    fleet.later(DEFAULT_POLICY.slow_patience, now=slight)
    assert fleet.tickets(TicketState.CLOSED) == [waiting]
    assert "nothing needs doing" in office.told(StoryKind.STATE, waiting)[-1]


def acted_on(fleet: GuardedFleet) -> set[str]:
    return {one.device_id for one in fleet.decided()}


def test_others_wait_while_a_remedy_that_was_done_might_still_do_harm(fleet: GuardedFleet) -> None:
    fleet.later(DEFAULT_POLICY.fleet_watch - 10 * MINUTE)

    assert acted_on(fleet) == {FIRST}
    told = fleet.office.told(StoryKind.GUARD, fleet.ticket_of(SECOND))
    assert told == ["Not now: as many devices of this product have a remedy at work as may at once."]


def test_they_go_on_once_only_its_success_is_open(fleet: GuardedFleet) -> None:
    fleet.later(DEFAULT_POLICY.fleet_watch + 60 * MINUTE)

    assert acted_on(fleet) == {FIRST, SECOND}
    assert fleet.state_of(fleet.ticket_of(FIRST)) is TicketState.VERIFYING


def test_what_waited_for_a_long_halt_to_end_is_not_given_to_people_all_at_once(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database, policy=replace(DEFAULT_POLICY, freeze_from=1000)), 6)
    fleet.office.worker.halt("mira", "we look at something")
    fleet.fall_ill()
    fleet.later(10 * MINUTE)
    fleet.office.clock.at += DEFAULT_POLICY.guarded_for
    fleet.later(10 * MINUTE)

    fleet.office.worker.resume("mira", "done")
    fleet.later(10 * MINUTE)

    assert len(acted_on(fleet)) == 1
    assert fleet.tickets(TicketState.WITH_PERSON) == []
    fleet.office.clock.at += DEFAULT_POLICY.guarded_for
    fleet.later(10 * MINUTE)
    assert fleet.tickets(TicketState.WITH_PERSON)


def test_what_was_on_its_way_when_its_breaker_opened_does_not_close_it(database: Database) -> None:
    policy = replace(DEFAULT_POLICY, fleet_share=1.0, canary_second=100, freeze_from=1000)
    only = a_playbook(a_fault("memory_leak", remedies=("restart",)))
    fleet = GuardedFleet.of(Office(database, playbooks={"frost-200": only}, policy=policy), 7)
    fleet.fall_ill()
    fleet.later(5 * MINUTE)
    sent = fleet.office.send()
    for command in sent[:5]:
        fleet.office.answer(command, ResultStatus.FAILED)
    for command in sent[5:]:
        fleet.office.answer(command, ResultStatus.SUCCEEDED)

    others = [command.device_id for command in sent[5:]]
    fleet.later(30 * MINUTE, on=others, state=0.1, now=(), normal_since=fleet.office.clock.at)

    assert len(fleet.tickets(TicketState.HEALED)) == 2
    with database.reading() as session:
        breaker = find_breaker(session, Fuse("frost-200", "2.4.1", "restart"))
    assert breaker is not None
    assert (breaker.is_open, breaker.trials) == (True, 0)
