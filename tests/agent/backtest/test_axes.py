from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.backtest.axes import stamp, time_ticks, value_ticks
from tests.agent.backtest.recordings import NOON_US

MINUTE_US = 60_000_000


@given(st.integers(2, 4_000_000), st.integers(3, 12))
def test_ticks_of_time_lie_within_and_are_few(minutes: int, most: int) -> None:
    end_us = NOON_US + minutes * MINUTE_US

    ticks = time_ticks(NOON_US, end_us, most)

    assert len(ticks) <= most + 1
    assert all(NOON_US <= tick.at <= end_us for tick in ticks)


def test_hours_are_named_within_a_day_and_days_at_midnight() -> None:
    day_us = timedelta(days=1) // timedelta(microseconds=1)

    assert [tick.text for tick in time_ticks(NOON_US, NOON_US + day_us, 4)] == [
        "12:00",
        "18:00",
        "22 Sep",
        "06:00",
        "12:00",
    ]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9))
def test_two_or_three_round_values_lie_within(low: float, span: float) -> None:
    ticks = value_ticks(low, low + span)

    assert 1 <= len(ticks) <= 3
    assert all(low - span * 1e-6 <= tick.at <= low + span * (1 + 1e-6) for tick in ticks)


def test_an_instant_is_said_to_the_minute() -> None:
    assert stamp(NOON_US + 59_000_000) == "2026-09-21 12:00"
