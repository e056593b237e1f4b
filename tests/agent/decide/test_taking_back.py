"""How often, and for how long, what a remedy has changed for the worse is tried to be set back."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.decide.taking_back import next_try_at, owed_until
from tests.builders import NOON

DELAYS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=1))


def test_the_first_try_is_at_once() -> None:
    assert next_try_at(NOON, None, POLICY) == NOON


@given(st.lists(DELAYS, min_size=40, max_size=40))
def test_tries_grow_rarer_and_end(delays: list[timedelta]) -> None:
    """``delays`` are what guards add to each pause."""
    tries = [NOON]
    for delay in delays:
        tries.append(next_try_at(NOON, tries[-1], POLICY) + delay)

    in_time = [at for at in tries if at < owed_until(NOON, POLICY)]
    assert len(in_time) <= 15
    assert all(later - earlier >= POLICY.look_every for earlier, later in pairwise(tries))


@given(st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)))
def test_a_clock_that_was_set_brings_no_try_at_once(off: timedelta) -> None:
    assert next_try_at(NOON, NOON + off, POLICY) >= NOON + off + POLICY.look_every
