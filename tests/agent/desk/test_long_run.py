"""What a ticket does to the long run of its device, and what being switched off does to a ticket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.act.command import CommandState
from agent.desk.ticket import StoryKind, TicketState
from agent.health.findings import Because, FindingKind, Worn
from agent.health.marks import Mark
from agent.store.database import Database
from broker.messages import Event, Level, Presence, ResultStatus, Status
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE

NORMAL = {"state": 0.1, "now": ()}
ODD = (Because("wifi_rssi_dbm", 1.0, 6.0, -30.0, -60.0),)
HOT = (Because("ambient_temp_c", 1.0, 9.0, 38.0, 21.0),)
HELD = "Not now: it had been switched off, and is still on its way back to its usual."


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def anew(office: Office) -> list[str]:
    return office.health.those(Mark.ANEW)


def test_a_verified_fix_lets_the_long_run_begin_anew_and_one_under_way_does_not(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    assert anew(office) == []

    office.later(30 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.HEALED
    assert anew(office) == ["frost-0001"]


@pytest.mark.parametrize(
    ("metric", "ends"), [("wifi_rssi_dbm", TicketState.HEALED), ("fan_rpm", TicketState.VERIFYING)]
)
def test_a_fix_is_not_judged_by_slow_wear_of_what_says_nothing_of_any_fault(
    office: Office, metric: str, ends: TicketState
) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    worn = (Worn(metric, 51.0, 9.6, -61.0, -49.0),)

    office.later(30 * MINUTE, normal_since=office.clock.at, drift=104.0, worn=worn, **NORMAL)

    assert office.ticket().fault == "memory_leak"
    assert office.ticket().state is ends


def test_a_remedy_that_has_not_healed_leaves_the_long_run_as_it_is(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)

    office.later(100 * MINUTE)

    assert anew(office) == []


def test_what_staff_close_begins_anew_named_or_not(office: Office) -> None:
    office.sees(now=ODD)
    office.hear(office.finding(because=ODD))
    assert office.ticket().fault is None

    office.worker.close(1, "mira", "They bought another one.")

    assert anew(office) == ["frost-0001"]


def test_a_named_fault_that_is_closed_by_the_agent_begins_anew(office: Office) -> None:
    office.sees(now=HOT)
    office.hear(office.finding(because=HOT))
    office.later(5 * MINUTE, now=HOT)

    assert (office.ticket().state, office.ticket().fault) == (TicketState.CLOSED, "heat_wave")
    assert anew(office) == ["frost-0001"]


def test_what_passed_without_a_name_goes_on_counting(office: Office) -> None:
    office.sees(now=ODD)
    office.hear(office.finding(because=ODD))

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert (office.ticket().state, office.ticket().fault) == (TicketState.CLOSED, None)
    assert anew(office) == []


def switch_off(office: Office, hours: float) -> None:
    """Let somebody switch the device off, and on again."""
    office.hear(Event(boot="b", seq=1, code="power_off", level=Level.INFO), Status(Presence.OFFLINE))
    office.clock.at += timedelta(hours=hours)
    office.birth(boot="01JD3K00000000000000000001")


def held(office: Office) -> bool:
    return HELD in office.told(StoryKind.GUARD)


def test_a_device_that_was_switched_off_gets_no_remedy_until_it_had_as_long_to_find_back(office: Office) -> None:
    switch_off(office, hours=2)

    office.notice()
    office.later(119 * MINUTE)
    assert held(office)
    assert office.commands() == ()

    office.later(5 * MINUTE)
    assert states(office.commands()) == [CommandState.QUEUED]


def test_a_device_that_was_away_without_being_switched_off_is_not_held_back(office: Office) -> None:
    office.hear(Status(Presence.OFFLINE))
    office.clock.at += timedelta(hours=2)
    office.birth()

    office.notice()
    office.later(5 * MINUTE)

    assert not held(office)
    assert len(office.commands()) == 1


def test_what_was_switched_off_more_than_a_day_ago_is_no_matter_any_more(office: Office) -> None:
    switch_off(office, hours=2)
    office.clock.at += timedelta(hours=23)
    office.hear(Status(Presence.OFFLINE), Status(Presence.ONLINE))

    office.notice()
    office.later(5 * MINUTE)

    assert not held(office)
    assert len(office.commands()) == 1


def test_a_lost_connection_hours_after_it_was_switched_on_is_no_return(office: Office) -> None:
    switch_off(office, hours=1)
    office.hear(Event(boot="b", seq=2, code="power_on", level=Level.INFO))
    office.clock.at += timedelta(hours=10)
    office.hear(Status(Presence.OFFLINE), Status(Presence.ONLINE))

    office.notice()
    office.later(5 * MINUTE)

    assert not held(office)
    assert len(office.commands()) == 1


def test_slow_wear_is_not_over_because_the_device_rests_at_noon(office: Office) -> None:
    because = (Because("flow_l_min", 1.0, -3.0, 17.0, 18.2),)
    standing = Worn("flow_l_min", -6.0, -1.2, usual=18.2, lately=17.0)
    slow: dict[str, Any] = {"drift": 1.3, "normal_since": office.clock.at - timedelta(hours=5), **NORMAL}
    office.sees(worn=(standing,), **slow)
    office.hear(office.finding(kind=FindingKind.DRIFT, score=1.3, because=because))
    office.later(timedelta(hours=3), worn=(standing,), **slow)

    office.later(timedelta(minutes=40), worn=(replace(standing, usual=0.0, lately=0.0),), **slow)
    assert office.ticket().state is not TicketState.CLOSED

    office.later(timedelta(minutes=40), worn=(replace(standing, lately=18.1),), **slow)
    assert office.ticket().state is TicketState.CLOSED
