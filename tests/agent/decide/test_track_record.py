"""How sure a record is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.track_record import interval


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_the_interval_lies_within_0_and_1_and_holds_the_share_seen(healed: int, more: int) -> None:
    tried = healed + more
    low, high = interval(healed, tried)

    assert 0.0 <= low <= high <= 1.0
    if tried:
        assert low - 1e-12 <= healed / tried <= high + 1e-12


@given(st.integers(1, 500), st.integers(2, 20))
def test_more_of_the_same_makes_it_narrower(healed: int, times: int) -> None:
    low, high = interval(healed, 2 * healed)
    nearer, further = interval(healed * times, 2 * healed * times)

    assert further - nearer < high - low


def test_it_is_wilsons() -> None:
    # Worked by hand for 9 of 10 and z = 1.6449.
    low, high = interval(9, 10)

    assert low == pytest.approx(0.6523, abs=5e-4)
    assert high == pytest.approx(0.9774, abs=5e-4)


def test_nothing_tried_says_nothing() -> None:
    assert interval(0, 0) == (0.0, 1.0)


def test_more_healed_than_tried_is_an_error() -> None:
    with pytest.raises(ValueError, match="3 healed of 2"):
        interval(3, 2)
