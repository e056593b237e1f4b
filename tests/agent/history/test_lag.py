from hypothesis import given
from hypothesis import strategies as st

from agent.history.lag import Lag


def test_history_that_has_everything_is_not_behind() -> None:
    lag = Lag()

    lag.note(10, 1.0)

    assert lag.seconds(10, 99.0) == 0.0


def test_the_oldest_record_that_waits_says_how_far_history_is_behind() -> None:
    lag = Lag()

    for second in range(60):
        lag.note(second * 100, float(second))

    assert lag.seconds(5_000, 60.0) == 9.0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(0, 1500))
def test_the_lag_never_grows_by_writing_more(steps: list[int], written: int) -> None:
    lag, reached = Lag(), 0
    for second, step in enumerate(steps):
        reached += step
        lag.note(reached, float(second))

    before = lag.seconds(written, 100.0)

    assert 0.0 <= lag.seconds(written + 10, 100.0) <= before
