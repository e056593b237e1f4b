"""How long a device will last, from others and from its own drift."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.diagnose.time_left import Basis, Course, Look, TimeLeft, time_left, time_left_sentence

DAY = timedelta(days=1)


FILLING = [Look(-1.5 + 0.25 * k, 0.2 * k) for k in range(7)]
"""A drift that has risen for a day and a half: what it looks back on was still filling."""


def failed(*days: float) -> list[Course]:
    return [Course(n * DAY, failed=True) for n in days]


def rising(per_day: float, n: int = 5, now: float = 1.0) -> list[Look]:
    return [Look(-float(n - 1 - k), now - per_day * (n - 1 - k)) for k in range(n)]


def test_cases_give_the_range_in_which_most_like_it_failed() -> None:
    outlived = [Course(30 * DAY, failed=False), Course(14 * DAY, failed=False)]

    left = time_left([*failed(7, 8, 8, 9, 9, 9, 10, 11, 30), *outlived], 2 * DAY, [])

    assert left is not None
    assert left.basis is Basis.CASES
    assert (left.earliest, left.latest) == (5 * DAY, 28 * DAY)
    assert (left.within, left.alike) == (9, 9)


def test_a_few_stragglers_at_either_end_are_outside_of_the_range() -> None:
    left = time_left(failed(*([1.0] + [8.0] * 9 + [40.0])), timedelta(), [])

    assert left is not None
    assert (left.earliest, left.latest, left.within, left.alike) == (8 * DAY, 8 * DAY, 9, 11)


def test_who_failed_sooner_is_no_longer_like_it() -> None:
    left = time_left(failed(1, 2, 8, 9, 10), 3 * DAY, [])

    assert left is not None
    assert left.alike == 3
    assert left.earliest == 5 * DAY


def test_what_was_mended_in_time_proves_nothing_about_when_it_would_have_failed() -> None:
    mended = [Course(5 * DAY, failed=False)] * 20

    assert time_left([*failed(8, 9), *mended], timedelta(), []) is None


def test_the_slope_of_the_drift_stands_in_where_there_are_no_cases_and_says_so() -> None:
    left = time_left([], timedelta(), rising(0.2))

    assert left is not None
    assert left.basis is Basis.DRIFT
    assert left.earliest / DAY == pytest.approx(8.0)
    assert "by the slope of its drift alone; there are no cases" in time_left_sentence(left)


@pytest.mark.parametrize(
    "looks",
    [[], rising(0.2)[:2], FILLING, rising(0.0), rising(-0.3), rising(0.2, now=9.5), rising(1e-9)],
    ids=str,
)
def test_without_cases_and_without_a_rising_drift_nothing_is_promised(looks: list[Look]) -> None:
    assert time_left([], timedelta(), looks) is None


@given(
    days=st.lists(st.floats(0.1, 300), max_size=40),
    age=st.floats(0, 100),
    looks=st.lists(st.tuples(st.floats(-30, 0), st.floats(0, 12)), max_size=8),
)
@example(days=[], age=0.0, looks=[(-1.0, 0.0), (0.0, 0.0), (0.0, 2.2e-308), (0.0, 3.0)])  # all but flat
def test_the_range_lies_ahead_and_its_ends_in_order(
    days: list[float], age: float, looks: list[tuple[float, float]]
) -> None:
    left = time_left(failed(*days), age * DAY, [Look(*look) for look in sorted(looks)])

    if left is not None:
        assert timedelta() <= left.earliest <= left.latest
        assert 0 <= left.within <= left.alike


@given(per_day=st.lists(st.floats(0.05, 2.0), min_size=2, max_size=6, unique=True))
def test_a_steeper_drift_never_promises_more_time(per_day: list[float]) -> None:
    ends = [time_left([], timedelta(), rising(slope)) for slope in sorted(per_day)]

    for slower, steeper in pairwise(ends):
        assert slower is not None
        assert steeper is not None
        assert steeper.earliest <= slower.earliest


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (TimeLeft(6.2 * DAY, 8.4 * DAY, Basis.CASES, 11, 8), "Likely to fail in 6–9 days, 8 of 11 like it did."),
        (TimeLeft(0 * DAY, 2.5 * DAY, Basis.CASES, 4, 3), "Likely to fail within 3 days, 3 of 4 like it did."),
        (TimeLeft(5 * DAY / 24, 20 * DAY / 24, Basis.CASES, 5, 5), "Likely to fail in 5–20 hours, 5 of 5 like it did."),
        (TimeLeft(8 * DAY, 8 * DAY, Basis.CASES, 11, 9), "Likely to fail in 8 days, 9 of 11 like it did."),
        (None, ""),
    ],
)
def test_the_time_left_reads_like_a_sentence(left: TimeLeft | None, words: str) -> None:
    assert time_left_sentence(left) == words
