"""Public holidays: what can wait waits until they are over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.case import Case
from agent.decide.guards import holiday
from agent.decide.holidays import UnknownPlaceError, holiday_on, over_at
from agent.decide.moves import Guard, HandOver, Try, Wait
from agent.decide.next_move import next_move
from agent.decide.policy import DEFAULT_POLICY
from agent.guard_settings import GuardSettings
from tests.builders import a_case, a_fault, a_playbook, a_remedy, a_ticket, a_view

BAVARIA = ("DE-BY",)
POLICY = replace(DEFAULT_POLICY, holidays=BAVARIA)
CHRISTMAS = datetime(2026, 12, 25, 9, tzinfo=UTC)
OVER = datetime(2026, 12, 26, 23, tzinfo=UTC)  # in Berlin midnight after the second day of Christmas
MINUTE = timedelta(minutes=1)


def can_wait(at: datetime = CHRISTMAS, *, felt_by: datetime | None = OVER + MINUTE, safety: bool = False) -> Case:
    opened_at = at - timedelta(hours=1)
    ticket = replace(a_ticket(), opened_at=opened_at, changed_at=opened_at, fails_by=felt_by)
    playbook = a_playbook(a_fault("memory_leak", safety=safety))
    view = replace(a_view(), sample_at=at - MINUTE)
    return replace(a_case(ticket=ticket, playbook=playbook, view=view), zone="Europe/Berlin", finding_at=at)


def test_a_holiday_is_known_by_its_place() -> None:
    assert holiday_on(BAVARIA, date(2026, 1, 6)) == "Epiphany"
    assert holiday_on(("DE-BE",), date(2026, 1, 6)) is None
    assert holiday_on(("DE-BE", "DE-BY"), date(2026, 1, 6)) == "Epiphany"
    assert holiday_on((), date(2026, 12, 25)) is None


def test_what_can_wait_waits_until_the_holidays_are_over_and_says_which() -> None:
    move = next_move(can_wait(), POLICY, CHRISTMAS)

    assert isinstance(move, Wait)
    assert move.until == OVER
    assert move.refusal is not None
    assert move.refusal.guard is Guard.HOLIDAY
    assert "Christmas Day" in move.refusal.text
    assert isinstance(next_move(can_wait(OVER), POLICY, OVER), Try)
    assert isinstance(next_move(can_wait(), DEFAULT_POLICY, CHRISTMAS), Try)


def test_what_would_be_felt_before_is_not_held_back_nor_what_might_hurt() -> None:
    for urgent in (can_wait(felt_by=OVER), can_wait(felt_by=None), can_wait(safety=True)):
        assert isinstance(next_move(urgent, POLICY, CHRISTMAS), Try)


def test_a_ticket_that_waits_for_a_holiday_goes_to_nobody_for_it() -> None:
    morning = can_wait()
    since = CHRISTMAS - timedelta(hours=20)
    long = replace(morning, ticket=replace(morning.ticket, opened_at=since, changed_at=since))

    assert isinstance(next_move(long, POLICY, CHRISTMAS), Wait)


def test_what_waits_for_a_holiday_goes_to_nobody_for_another_guard_s_no_either() -> None:
    since = CHRISTMAS - timedelta(hours=8)
    long = can_wait()
    long = replace(long, ticket=replace(long.ticket, opened_at=since, changed_at=since))
    in_use = replace(long, device=replace(long.device, busy=True))

    assert isinstance(next_move(in_use, POLICY, CHRISTMAS), Wait)


def test_guards_have_their_time_anew_once_the_holidays_are_over() -> None:
    since = CHRISTMAS - timedelta(hours=8)
    for late, move in ((MINUTE, Wait), (DEFAULT_POLICY.guarded_for, HandOver)):
        at = OVER + late
        case = can_wait(at, felt_by=OVER + timedelta(days=3))
        case = replace(case, ticket=replace(case.ticket, opened_at=since, changed_at=since))
        assert isinstance(next_move(replace(case, device=replace(case.device, busy=True)), POLICY, at), move)


def test_the_day_begins_where_the_owner_lives() -> None:
    late = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)  # half past midnight in Berlin

    assert holiday(can_wait(late), a_remedy("restart"), POLICY, late) is not None
    assert holiday(replace(can_wait(late), zone="UTC"), a_remedy("restart"), POLICY, late) is None


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["Europe/Berlin", "Asia/Tokyo"]))  # noqa: DTZ001
def test_holidays_are_over_at_a_later_midnight_there_of_an_ordinary_day(at: datetime, zone: str) -> None:
    at = at.replace(tzinfo=UTC)
    over = over_at(BAVARIA, at, zone)

    assert (over.hour, over.minute) == (0, 0)
    assert holiday_on(BAVARIA, over.date()) is None
    assert over - at <= timedelta(days=5)


def test_a_place_without_holidays_is_refused_when_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownPlaceError, match="DE-ZZ"):
        holiday_on(("DE-ZZ",), date(2026, 1, 1))
    monkeypatch.setenv("GUARD_HOLIDAYS", "AT, DE-ZZ")
    with pytest.raises(ValueError, match="no public holidays are known of 'DE-ZZ'"):
        GuardSettings()
    monkeypatch.setenv("GUARD_HOLIDAYS", "AT, DE-BY")
    assert GuardSettings().policy.holidays == ("AT", "DE-BY")
