"""When owners hear something: never in quiet hours, never too often, never for nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.care.customer import Customer
from agent.care.message import VISIT_STAGES, Stage
from agent.care.timing import Moment, SendAt, Withhold, waking, wall_time, when_to_send
from tests.agent.care.builders import ANNA, NOON

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
hours = st.integers(min_value=0, max_value=23)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone
owners = st.builds(
    lambda zone, start, end, good: replace(ANNA, zone=zone, quiet_from=start, quiet_to=end, good_hour=good),
    st.sampled_from(ZONES),
    hours,
    hours,
    hours,
)


def moment(stage: Stage = Stage.FIXED, **changes: Any) -> Moment:
    return replace(Moment(stage=stage, customer=ANNA, agrees=True, noticeable=True), **changes)


def sent_at(verdict: SendAt | Withhold) -> datetime:
    assert isinstance(verdict, SendAt)
    return verdict.at


def reason(verdict: SendAt | Withhold) -> str:
    assert isinstance(verdict, Withhold)
    return verdict.why


@given(owner=owners, stage=st.sampled_from(Stage), now=instants)
def test_nothing_but_safety_is_ever_said_in_quiet_hours(owner: Customer, stage: Stage, now: datetime) -> None:
    at = sent_at(when_to_send(moment(stage, customer=owner), now))

    assert not owner.is_quiet(at)
    assert now <= at <= now + timedelta(days=3)


@given(owner=owners, now=instants)
def test_waking_is_the_first_moment_that_is_not_quiet(owner: Customer, now: datetime) -> None:
    at = waking(owner, now)

    assert not owner.is_quiet(at)
    if at > now:
        assert owner.is_quiet(now)
        assert owner.is_quiet(at - timedelta(minutes=1))


@given(zone=st.sampled_from(ZONES), hour=hours, after=instants)
def test_an_hour_of_the_wall_comes_within_a_day_or_two_and_after_now(zone: str, hour: int, after: datetime) -> None:
    at = wall_time(zone, hour, after)

    assert after < at <= after + timedelta(hours=49)
    assert at.astimezone(ZoneInfo(zone)).hour in {hour, (hour + 1) % 24}


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-03-28T23:30+01:00", "2026-03-29T08:00+02:00"),  # the night is an hour short
        ("2026-10-24T23:30+02:00", "2026-10-25T08:00+01:00"),  # the night is an hour long
        ("2026-11-24T20:59+01:00", "2026-11-24T20:59+01:00"),
        ("2026-11-24T21:00+01:00", "2026-11-25T08:00+01:00"),
        ("2026-11-25T07:59+01:00", "2026-11-25T08:00+01:00"),
        ("2026-11-25T08:00+01:00", "2026-11-25T08:00+01:00"),
    ],
)
def test_quiet_hours_run_over_midnight_and_clock_changes(now: str, wanted: str) -> None:
    assert waking(ANNA, datetime.fromisoformat(now)) == datetime.fromisoformat(wanted)


def test_an_hour_that_the_clocks_skip_begins_where_they_were_set_to() -> None:
    at = wall_time("Europe/Berlin", 2, datetime.fromisoformat("2026-03-29T00:30+01:00"))

    assert at == datetime.fromisoformat("2026-03-29T03:00+02:00")


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    at = wall_time("Europe/Berlin", 2, datetime.fromisoformat("2026-10-25T00:30+02:00"))

    assert at == datetime.fromisoformat("2026-10-25T02:00+02:00")


def test_equal_hours_mean_no_quiet_hours() -> None:
    never_quiet = replace(ANNA, quiet_from=8, quiet_to=8)

    assert waking(never_quiet, NOON.replace(hour=3)) == NOON.replace(hour=3)


def test_a_fix_that_was_asked_for_is_told_at_once_by_day() -> None:
    assert sent_at(when_to_send(moment(noticeable=False), NOON)) == NOON


def test_a_fix_that_was_felt_waits_for_the_good_hour() -> None:
    not_asked = replace(ANNA, tell_about_fixes=False)

    assert sent_at(when_to_send(moment(customer=not_asked), NOON)) == NOON.replace(hour=17)


def test_within_the_good_hour_there_is_nothing_to_wait_for() -> None:
    now = NOON.replace(hour=17, minute=40)

    assert sent_at(when_to_send(moment(Stage.WITH_PERSON), now)) == now


def test_a_fix_nobody_noticed_or_asked_about_is_not_told() -> None:
    not_asked = replace(ANNA, tell_about_fixes=False)

    assert "need not notice" in reason(when_to_send(moment(customer=not_asked, noticeable=False), NOON))


@pytest.mark.parametrize("stage", sorted({Stage.NEEDS_YOU} | VISIT_STAGES))
def test_what_loses_its_point_by_waiting_does_not_wait_for_the_good_hour(stage: Stage) -> None:
    assert sent_at(when_to_send(moment(stage), NOON)) == NOON


def test_without_consent_not_even_safety_goes_by_mail() -> None:
    assert "not agreed" in reason(when_to_send(moment(agrees=False, safety=True), NOON))


def test_without_an_address_nothing_goes_by_mail() -> None:
    assert "address" in reason(when_to_send(moment(customer=replace(ANNA, email="")), NOON))


def test_the_fourth_message_in_a_week_is_withheld() -> None:
    lately = [NOON - timedelta(days=days) for days in (1, 3, 6)]

    assert "3 times" in reason(when_to_send(moment(due_lately=lately), NOON))
    assert when_to_send(moment(due_lately=lately[:2]), NOON) == SendAt(NOON)


def test_a_message_of_a_week_ago_does_not_count_any_more() -> None:
    lately = [NOON - timedelta(days=days) for days in (1, 3, 7)]

    assert when_to_send(moment(due_lately=lately), NOON) == SendAt(NOON)


def test_planned_messages_and_those_of_a_future_that_was_taken_back_count() -> None:
    lately = [NOON + timedelta(days=days) for days in (1, 30, 400)]

    assert "3 times" in reason(when_to_send(moment(due_lately=lately), NOON))


@pytest.mark.parametrize("stage", sorted(VISIT_STAGES))
def test_an_appointment_is_never_kept_from_somebody_whose_door_it_is(stage: Stage) -> None:
    assert when_to_send(moment(stage, due_lately=[NOON] * 9), NOON) == SendAt(NOON)


def test_safety_is_said_at_once_by_night_and_beyond_the_budget() -> None:
    night = NOON.replace(hour=2)

    assert when_to_send(moment(Stage.NEEDS_YOU, safety=True, due_lately=[night] * 9), night) == SendAt(night)
