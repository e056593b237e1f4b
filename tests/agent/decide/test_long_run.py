"""What the long run means for a decision: when it is calm, how long it is weighed, and who is left to find back."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.case import Case, is_calm, is_wearing, normal_since
from agent.decide.guards import HARD, SOFT, returned
from agent.decide.moves import Book, Close, Guard, HandOver, Try, Wait
from agent.decide.next_move import next_move
from agent.decide.passing import NORMAL_AGAIN, PASSED
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome, TicketState, Tried
from agent.diagnose.diagnosis import Shows
from agent.diagnose.playbook import FaultKind
from agent.health.findings import HealthView, Worn
from agent.health.gone import Gone
from tests.builders import MINUTE, NOON, a_case, a_device, a_diagnosis, a_fault, a_playbook, a_remedy, a_ticket, a_view

HOUR = timedelta(hours=1)
RESTART = a_remedy("restart")
OFF = Worn("fan_rpm", -8.0, -90.0, 1_200.0, 1_110.0)
BACK = replace(OFF, lately=1_195.0)
SLIGHT = replace(OFF, z=-4.9)


def long_run(*worn: Worn, drift: float = 1.4, at: datetime = NOON) -> HealthView:
    """A device that the short run has called normal for two hours."""
    return a_view(normal_since=at - 2 * HOUR, state=0.1, drift=drift, worn=worn, sample_at=at)


@pytest.mark.parametrize(
    ("view", "wears"),
    [
        (long_run(OFF), True),
        (long_run(SLIGHT, OFF), True),
        (long_run(BACK), False),
        (long_run(SLIGHT), True),  # a drift all the same, and the furthest there is
        (long_run(SLIGHT, BACK), False),
        (long_run(), True),  # nobody knows that it is back
        (long_run(OFF, drift=0.9), False),
        (long_run(drift=0.9), False),
    ],
)
def test_it_wears_while_a_metric_that_alone_is_a_drift_is_off_to_this_hour(
    view: HealthView,
    wears: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert is_wearing(view) is wears
    assert (normal_since(view, POLICY, NOON) is None) is wears
    assert is_calm(view, POLICY, NOON, during=HOUR) is not wears


def unsure(view: HealthView) -> Case:
    return a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4), view=view)


def test_what_only_the_long_run_shows_is_looked_at_seldom_and_for_a_day() -> None:
    changed_at = a_ticket().changed_at
    last = changed_at + POLICY.slow_patience

    assert next_move(unsure(long_run(OFF)), POLICY, NOON) == Wait(NOON + POLICY.slow_look)
    assert next_move(unsure(long_run(OFF, at=last - MINUTE)), POLICY, last - MINUTE) == Wait(last)
    assert isinstance(next_move(unsure(long_run(OFF, at=last)), POLICY, last), HandOver)


def test_where_nothing_is_to_be_seen_nobody_is_asked_to_look_before_a_day_is_over() -> None:
    restless = replace(long_run(drift=0.2), normal_since=None, state=2.2)
    shows_nothing = replace(unsure(restless), diagnosis=replace(a_diagnosis(probability=0.2), shows=Shows.NOTHING))
    last = a_ticket().changed_at + POLICY.slow_patience

    assert next_move(shows_nothing, POLICY, NOON) == Wait(NOON + POLICY.slow_look)
    assert isinstance(next_move(shows_nothing, POLICY, last), HandOver)


def test_what_the_short_run_shows_too_is_a_person_s_matter_soon() -> None:
    ill = replace(long_run(OFF), normal_since=None, state=4.0)
    last = a_ticket().changed_at + POLICY.unclear_patience

    assert next_move(unsure(ill), POLICY, NOON) == Wait(NOON + POLICY.look_every)
    assert isinstance(next_move(unsure(ill), POLICY, last), HandOver)


def test_wear_that_is_back_has_passed_and_wear_that_stands_has_not() -> None:
    def heard_long_ago(view: HealthView) -> Case:
        return replace(unsure(view), finding_at=NOON - 5 * HOUR)

    assert next_move(heard_long_ago(long_run(BACK)), POLICY, NOON) == Close(PASSED)
    assert isinstance(next_move(heard_long_ago(long_run(OFF)), POLICY, NOON), Wait)


GONE = Gone("fan_rpm", -90.0, 1_200.0)
RESTS = replace(OFF, usual=0.0, lately=0.0)


def test_wear_has_not_passed_because_the_device_rests() -> None:
    def at_noon(worn: Worn) -> Case:
        return replace(unsure(long_run(worn)), finding_at=NOON - 5 * HOUR, gone=GONE)

    assert isinstance(next_move(at_noon(RESTS), POLICY, NOON), Wait)
    assert next_move(at_noon(BACK), POLICY, NOON) == Close(PASSED)


def test_what_a_remedy_has_not_reached_is_not_closed_as_normal_but_somebody_comes() -> None:
    clogged = a_playbook(a_fault("memory_leak", remedies=("restart",), skill="cooling"))
    spent = Tried("restart", "c1", NOON - 3 * HOUR, Outcome.NOT_HEALED)
    tried = a_ticket(opened_at=NOON - 5 * HOUR, changed_at=NOON - HOUR, tried=(spent,))
    calm = a_case(ticket=tried, playbook=clogged, view=long_run(OFF, drift=0.4), finding_at=NOON - 5 * HOUR)

    assert isinstance(next_move(replace(calm, gone=GONE), POLICY, NOON), Book)
    back = replace(calm, view=long_run(BACK, drift=0.4), gone=GONE)
    assert next_move(back, POLICY, NOON) == Close(NORMAL_AGAIN)


def after_a_remedy(kind: FaultKind, worn: Worn, ago: timedelta = HOUR) -> Case:
    """A calm device on which a remedy has not healed a fault that somebody can come for."""
    remedies = ("restart",) if kind is FaultKind.HEALABLE else ()
    spent = Tried("restart", "c1", NOON - 30 * HOUR, Outcome.NOT_HEALED)
    ticket = a_ticket(opened_at=NOON - 40 * HOUR, changed_at=NOON - ago, tried=(spent,))
    playbook = a_playbook(a_fault("memory_leak", kind=kind, remedies=remedies, skill="cooling"))
    view = long_run(worn, drift=0.4)
    return a_case(ticket=ticket, playbook=playbook, view=view, finding_at=NOON - 30 * HOUR, gone=GONE)


@pytest.mark.parametrize("kind", [FaultKind.HEALABLE, FaultKind.VISIT])
def test_after_a_remedy_nobody_is_sent_to_a_device_at_rest_and_somebody_where_it_is_still_off(kind: FaultKind) -> None:
    assert isinstance(next_move(after_a_remedy(kind, OFF), POLICY, NOON), Book)
    assert isinstance(next_move(after_a_remedy(kind, RESTS), POLICY, NOON), Wait)
    assert isinstance(next_move(after_a_remedy(kind, RESTS, ago=timedelta(days=1)), POLICY, NOON), Book)
    assert next_move(after_a_remedy(kind, BACK), POLICY, NOON) == Close(NORMAL_AGAIN)


def test_what_an_owner_was_asked_to_do_is_not_done_because_the_device_rests() -> None:
    asked = a_ticket(state=TicketState.WITH_OWNER, changed_at=NOON - HOUR)
    case = a_case(ticket=asked, view=long_run(RESTS), gone=GONE)

    assert isinstance(next_move(case, POLICY, NOON), Wait)
    assert isinstance(next_move(replace(case, view=long_run(BACK)), POLICY, NOON), Close)


def came_back(ago: timedelta, off_for: timedelta) -> Case:
    return a_case(back_at=NOON - ago, was_off_for=off_for)


def test_a_device_that_was_switched_off_is_left_to_find_back_for_as_long_as_it_was_off() -> None:
    move = next_move(came_back(HOUR, 2 * HOUR), POLICY, NOON)

    assert isinstance(move, Wait)
    assert move.refusal is not None
    assert (move.refusal.guard, move.refusal.until) == (Guard.RETURNED, NOON + HOUR)
    assert next_move(came_back(2 * HOUR, 2 * HOUR), POLICY, NOON) == Try("restart")


def test_a_device_that_was_off_for_days_is_left_alone_for_four_hours_at_most() -> None:
    assert isinstance(next_move(came_back(4 * HOUR - MINUTE, 90 * HOUR), POLICY, NOON), Wait)
    assert next_move(came_back(4 * HOUR, 90 * HOUR), POLICY, NOON) == Try("restart")


@given(ago=st.timedeltas(timedelta(), timedelta(days=3)), off_for=st.timedeltas(timedelta(), timedelta(days=3)))
def test_who_is_back_for_long_enough_or_was_never_away_is_not_held_back(ago: timedelta, off_for: timedelta) -> None:
    refusal = returned(came_back(ago, off_for), RESTART, POLICY, NOON)

    assert (refusal is None) is (ago >= min(off_for, POLICY.comes_back_within))
    assert returned(a_case(device=a_device(status_at=NOON - ago)), RESTART, POLICY, NOON) is None


def test_a_person_may_overrule_it() -> None:
    assert returned in SOFT
    assert returned not in HARD
