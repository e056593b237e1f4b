from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broker.backoff import FIRST, LONGEST, full_jitter


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_a_wait_is_never_longer_than_the_longest(attempt: int, chance: float) -> None:
    assert timedelta(0) <= full_jitter(attempt, chance) <= LONGEST


def test_the_span_doubles_with_every_try() -> None:
    assert [full_jitter(attempt, 1.0) for attempt in (1, 2, 3)] == [FIRST, FIRST * 2, FIRST * 4]
