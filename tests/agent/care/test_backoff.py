"""Trying again: later and later, not all at once, and not forever."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.care.backoff import ENOUGH_TRIES, FIRST, GIVE_UP_AFTER, LONGEST, is_hopeless, next_try
from tests.agent.care.builders import NOON


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_never_shorter_than_half_a_minute_nor_longer_than_the_longest(attempts: int, chance: float) -> None:
    wait = next_try(attempts, NOON, chance) - NOON

    assert FIRST / 2 <= wait <= LONGEST


@given(st.integers(1, 100))
def test_each_wait_is_at_least_as_long_as_the_one_before(attempts: int) -> None:
    assert next_try(attempts + 1, NOON, 0) >= next_try(attempts, NOON, 0)


def test_it_is_hopeless_after_a_day_of_real_tries() -> None:
    tomorrow = NOON + GIVE_UP_AFTER

    assert is_hopeless(ENOUGH_TRIES, NOON, tomorrow)
    assert not is_hopeless(ENOUGH_TRIES, NOON, tomorrow - timedelta(seconds=1))
    assert not is_hopeless(ENOUGH_TRIES - 1, NOON, tomorrow)
