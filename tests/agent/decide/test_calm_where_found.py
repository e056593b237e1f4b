"""Calm counts where the trouble was seen: hot water does not make a cold house normal."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.case import Case
from agent.decide.moves import Close, HandOver, Wait
from agent.decide.next_move import next_move
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome, TicketState, Tried
from agent.diagnose.diagnosis import Diagnosis, Shows
from agent.health.gone import Gone
from agent.health.stays import Stay
from tests.builders import MINUTE, NOON, a_case, a_diagnosis, a_ticket, a_view

HEATING, WATER, OFF = ("heating",), ("dhw",), ("off",)
HOUR = timedelta(hours=1)
LONG_AGO = NOON - 60 * HOUR
STATES = st.sampled_from([TicketState.NOTICED, TicketState.AWAITING_APPROVAL, TicketState.WITH_OWNER])


def a_calm_case(*stays: Stay, calm: timedelta = HOUR, **changes: Any) -> Case:
    """A case of trouble that was seen while heating, on a device whose signal is normal since ``calm``."""
    seen: dict[str, Any] = {
        "ticket": a_ticket(opened_at=NOON - 20 * HOUR, changed_at=NOON - 20 * HOUR),
        "view": a_view(state=0.1, normal_since=NOON - calm, sample_at=NOON, stays=stays),
        "finding_at": NOON - max(calm, POLICY.evidence_lasts),
        "found_in": frozenset({HEATING}),
    }
    return a_case(**(seen | changes))


def bath(minutes: int, *, ended: int = 0) -> tuple[Stay, ...]:
    """Hot water for so long, until ``ended`` minutes ago (0: it goes on)."""
    began = NOON - (minutes + ended) * MINUTE
    back = (Stay(HEATING, NOON - ended * MINUTE),) if ended else ()
    return (Stay(HEATING, LONG_AGO), Stay(WATER, began), *back)


@given(
    state=STATES,
    named=st.booleans(),
    tried=st.booleans(),
    turns=st.lists(st.tuples(st.sampled_from([WATER, OFF]), st.integers(1, 700)), min_size=1, max_size=5),
    calm=st.integers(0, 119),
)
def test_calm_that_was_never_where_the_trouble_was_seen_closes_nothing(
    state: TicketState,
    named: bool,  # noqa: FBT001 - drawn
    tried: bool,  # noqa: FBT001 - drawn
    turns: list[tuple[tuple[str], int]],
    calm: int,
) -> None:
    ends, stays = NOON, list[Stay]()
    for regime, minutes in turns:
        stays.insert(0, Stay(regime, ends - minutes * MINUTE))
        ends = stays[0].since
    stays[0] = Stay(stays[0].regime, min(ends, NOON - calm * MINUTE))
    ended = (Tried("restart", "c1", NOON - 21 * HOUR, Outcome.NOT_HEALED),)
    ticket = a_ticket(
        state=state,
        fault="memory_leak" if named else None,
        opened_at=NOON - 22 * HOUR,
        changed_at=NOON - 22 * HOUR,
        tried=ended if tried else (),
    )

    case = a_calm_case(Stay(HEATING, LONG_AGO), *stays, calm=calm * MINUTE, ticket=ticket)

    assert not isinstance(next_move(case, POLICY, NOON), Close)


def test_calm_where_the_trouble_was_seen_closes_it_and_hot_water_in_between_is_left_out() -> None:
    quarter = POLICY.calm_for // MINUTE

    assert isinstance(
        next_move(a_calm_case(*bath(30, ended=quarter), calm=30 * MINUTE + POLICY.calm_for), POLICY, NOON), Close
    )
    assert isinstance(next_move(a_calm_case(*bath(60 - quarter), calm=HOUR), POLICY, NOON), Close)
    assert not isinstance(next_move(a_calm_case(*bath(61 - quarter), calm=HOUR), POLICY, NOON), Close)
    just_back = a_calm_case(*bath(30, ended=quarter - 1), calm=29 * MINUTE + POLICY.calm_for)
    assert not isinstance(next_move(just_back, POLICY, NOON), Close)


def test_an_approval_is_not_withdrawn_for_a_bath() -> None:
    asked = a_ticket(state=TicketState.AWAITING_APPROVAL, changed_at=NOON - 9 * HOUR)

    assert isinstance(next_move(a_calm_case(*bath(25), calm=25 * MINUTE, ticket=asked), POLICY, NOON), Wait)
    assert isinstance(next_move(a_calm_case(*bath(25, ended=15), calm=40 * MINUTE, ticket=asked), POLICY, NOON), Close)


@pytest.mark.parametrize("state", [TicketState.NOTICED, TicketState.AWAITING_APPROVAL, TicketState.WITH_OWNER])
def test_two_hours_of_calm_close_it_wherever_they_were_spent(state: TicketState) -> None:
    ticket = a_ticket(state=state, opened_at=NOON - 5 * HOUR, changed_at=NOON - 5 * HOUR)
    summer = (Stay(HEATING, LONG_AGO), Stay(OFF, NOON - 3 * HOUR))

    assert isinstance(next_move(a_calm_case(*summer, calm=2 * HOUR, ticket=ticket), POLICY, NOON), Close)
    shorter = a_calm_case(*summer, calm=2 * HOUR - MINUTE, ticket=ticket)
    assert not isinstance(next_move(shorter, POLICY, NOON), Close)


def test_where_nothing_is_known_of_regimes_calm_is_calm() -> None:
    short = POLICY.calm_for

    assert isinstance(next_move(a_calm_case(calm=short), POLICY, NOON), Close)
    assert isinstance(next_move(a_calm_case(*bath(40), calm=short, found_in=frozenset()), POLICY, NOON), Close)
    assert isinstance(next_move(a_calm_case(Stay(None, LONG_AGO), calm=short), POLICY, NOON), Close)


def test_what_is_unclear_and_calm_elsewhere_goes_to_nobody_until_it_has_passed_or_is_off_again() -> None:
    unclear: dict[str, Any] = {
        "ticket": a_ticket(fault=None, opened_at=NOON - 3 * HOUR, changed_at=NOON - 3 * HOUR),
        "diagnosis": Diagnosis(a_diagnosis(probability=0.4).suspects, 0.6, "It is too low.", shows=Shows.UNCLEAR),
    }

    assert isinstance(next_move(a_calm_case(*bath(110), calm=110 * MINUTE, **unclear), POLICY, NOON), Wait)
    assert isinstance(next_move(a_calm_case(*bath(120), calm=120 * MINUTE, **unclear), POLICY, NOON), Close)
    ill_again = a_view(sample_at=NOON, stays=bath(30, ended=5))
    assert isinstance(next_move(a_calm_case(**unclear, view=ill_again), POLICY, NOON), HandOver)
    said = {**unclear, "diagnosis": replace(unclear["diagnosis"], shows=Shows.WORD)}
    assert isinstance(next_move(a_calm_case(*bath(110), calm=110 * MINUTE, **said), POLICY, NOON), HandOver)


def test_where_nothing_is_to_be_seen_a_calm_elsewhere_makes_nobody_less_patient() -> None:
    ticket = a_ticket(fault=None, opened_at=NOON - 9 * HOUR, changed_at=NOON - 9 * HOUR)
    nothing = Diagnosis(a_diagnosis(probability=0.1).suspects, 0.9, "", shows=Shows.NOTHING)
    still_off = {"gone": Gone("fan_rpm", -100.0, 900.0)}  # and not measured now: nobody knows whether it is back

    case = a_calm_case(*bath(300), calm=5 * HOUR, ticket=ticket, diagnosis=nothing, **still_off)

    assert isinstance(next_move(case, POLICY, NOON), Wait)
