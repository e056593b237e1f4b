"""A heat pump that cannot warm its house makes hot water twice a day: what that does to its ticket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.act.command import CommandState
from agent.desk.regimes import found_in
from agent.desk.ticket import Outcome, TicketState
from agent.desk.turn import Turn
from agent.diagnose.playbook import Autonomy
from agent.health.findings import FindingKind
from agent.health.fleet import Fleet
from agent.health.gathering import Source
from agent.health.stays import Stay
from agent.store.database import Database
from broker.messages import ResultStatus
from tests.agent.desk.office import Office, states, with_autonomy
from tests.agent.health.test_fleet import AT, birth, one
from tests.builders import MINUTE, NOON, a_playbook

HEATING, WATER = ("heating",), ("dhw",)
HOUR = timedelta(hours=1)
NORMAL: dict[str, Any] = {"state": 0.1, "now": ()}
SINCE_YESTERDAY = (Stay(HEATING, NOON - timedelta(days=1)),)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def asked(database: Database) -> Office:
    """A cold house whose remedy waits for a yes."""
    office = Office(database, playbooks={"frost-200": with_autonomy(a_playbook(), restart=Autonomy.ASK)})
    office.birth()
    office.notice()
    office.later(90 * MINUTE, stays=SINCE_YESTERDAY)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL
    return office


def begun(office: Office, *stays: Stay) -> dict[str, Any]:
    """A normal signal since now, in the stays."""
    return {"normal_since": office.clock.at, "stays": (*SINCE_YESTERDAY, *stays), **NORMAL}


def test_hot_water_neither_closes_a_cold_house_nor_withdraws_what_waits_for_a_yes(database: Database) -> None:
    office = asked(database)
    bath = Stay(WATER, office.clock.at)

    office.later(40 * MINUTE, **begun(office, bath))
    assert states(office.commands()) == [CommandState.AWAITING_APPROVAL]
    office.later(30 * MINUTE, stays=(*SINCE_YESTERDAY, bath, Stay(HEATING, office.clock.at)))

    assert office.ticket().state is TicketState.AWAITING_APPROVAL


def test_a_house_that_stays_warm_while_it_is_heated_has_passed(database: Database) -> None:
    office = asked(database)
    bath, back = Stay(WATER, office.clock.at), Stay(HEATING, office.clock.at + 40 * MINUTE)

    office.later(60 * MINUTE, **begun(office, bath, back))

    assert office.ticket().state is TicketState.CLOSED
    assert states(office.commands()) == [CommandState.CANCELLED]


def verifying(office: Office) -> Stay:
    """Send the remedy, have it done, and begin a bath the next minute."""
    office.notice()
    office.later(5 * MINUTE, stays=SINCE_YESTERDAY)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    return Stay(WATER, office.clock.at)


def test_a_remedy_is_not_proven_by_hot_water(office: Office) -> None:
    bath = verifying(office)

    office.later(60 * MINUTE, **begun(office, bath))
    assert office.ticket().state is TicketState.VERIFYING
    office.later(55 * MINUTE, stays=(*SINCE_YESTERDAY, bath, Stay(HEATING, office.clock.at)))

    outcome = office.ticket().tried[0].outcome
    assert outcome is Outcome.NOT_HEALED


def test_a_remedy_is_proven_once_the_house_has_been_heated_for_as_long_even_past_its_time(office: Office) -> None:
    bath = verifying(office)
    calm = begun(office, bath)

    office.later(85 * MINUTE, **calm)
    assert office.ticket().state is TicketState.VERIFYING
    office.later(19 * MINUTE, **{**calm, "stays": (*calm["stays"], back := Stay(HEATING, office.clock.at))})
    assert office.ticket().state is TicketState.VERIFYING
    office.later(4 * MINUTE, **{**calm, "stays": (*calm["stays"], back)})

    assert office.ticket().state is TicketState.HEALED


def test_a_heating_season_that_ends_keeps_no_remedy_open_for_more_than_two_hours(office: Office) -> None:
    summer = verifying(office)
    calm = begun(office, summer)

    office.later(118 * MINUTE, **calm)
    assert office.ticket().state is TicketState.VERIFYING
    office.later(6 * MINUTE, **calm)

    assert office.ticket().state is TicketState.HEALED


def test_only_what_the_signal_itself_showed_says_where(office: Office) -> None:
    bath = Stay(WATER, office.clock.at - 60 * MINUTE)
    office.sees(stays=(*SINCE_YESTERDAY, bath))
    office.hear(office.finding(), office.finding(kind=FindingKind.DRIFT))
    office.hear(replace(office.finding(), at=office.clock.at + MINUTE, kind=FindingKind.GAP))

    with office.database.reading() as session:
        turn = Turn(session, office.clock.at, office.playbooks, office.health, office.policy, "")
        assert found_in(turn, office.ticket()) == {WATER}
        office.sees(stays=SINCE_YESTERDAY)
        assert found_in(replace(turn), office.ticket()) == frozenset()


@pytest.mark.parametrize(
    ("in_the_bath", "regimes"), [(1, {HEATING}), (2, {HEATING, WATER}), (4, {HEATING, WATER}), (9, {WATER})]
)
def test_what_chance_adds_in_another_regime_is_not_where_the_trouble_was_found(
    office: Office, in_the_bath: int, regimes: set[tuple[str]]
) -> None:
    office.hear(*(replace(office.finding(), at=office.clock.at - count * HOUR) for count in range(4)))
    office.clock.at += HOUR
    bath = Stay(WATER, office.clock.at - 30 * MINUTE)
    office.sees(stays=(*SINCE_YESTERDAY, bath))
    office.hear(*(replace(office.finding(), at=office.clock.at + count * MINUTE) for count in range(in_the_bath)))

    with office.database.reading() as session:
        turn = Turn(session, office.clock.at, office.playbooks, office.health, office.policy, "")
        assert found_in(turn, office.ticket()) == regimes


def mode_at(minute: int) -> str:
    """The mode of a minute since noon: half an hour of hot water in the evening and in the morning."""
    return "dhw" if minute % 1440 // 30 in {14, 36} else "heating"


def test_with_a_real_model_a_house_that_turned_cold_stays_open_through_its_bath(database: Database) -> None:
    fleet, cold_from = Fleet(), 2 * 1440 + 5 * 60  # two hours before the bath
    fleet.born("frost-0001", birth())
    office = Office(database)
    office.health = fleet  # type: ignore[assignment]  # the real one
    office.clock.at = AT + cold_from * MINUTE
    office.birth()

    calm_in_bath = False
    for minute in range(cold_from + 5 * 60):
        mode = mode_at(minute)
        wobble = 0.3 * ((minute * 7919) % 13 - 6) / 6
        usual_c = 36.0 if mode == "heating" else 50.0
        supply_c = 27.0 if minute >= cold_from and mode == "heating" else usual_c
        fleet.sample("frost-0001", one(minute, mode, supply_c=supply_c + wobble), [at_s(minute)], source(minute))
        findings = [raised.finding for raised in fleet.score()] if minute % 60 == 0 or minute >= cold_from else []
        if minute >= cold_from:
            office.clock.at = AT + minute * MINUTE
            office.hear(*findings)
            office.work()
            view = fleet.view("frost-0001")
            assert view is not None
            calm = view.normal_since is not None and office.clock.at - view.normal_since >= office.policy.calm_for
            calm_in_bath = calm_in_bath or (mode == "dhw" and calm)

    assert calm_in_bath  # so the signal alone would have closed it
    assert office.ticket().state is not TicketState.CLOSED


def at_s(minute: int) -> float:
    return AT.timestamp() + 60.0 * minute


def source(minute: int) -> Source:
    return Source(minute, at_s(minute))
