"""The memory of every value ever seen, in a few intervals."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.memory import ENDS, INTERVALS, LANES, PARTS, SEEN, Floats, new_memory
from agent.health.novelty import nearest, remember

VIEW = np.uint64(0)

VALUES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60)


def cell_of(values: list[float]) -> Floats:
    cell: Floats = new_memory(1, 1, 1).cells[0]
    for value in values:
        if cell[PARTS] == 0 or distance(cell, value) > 0:
            remember(cell, 0, 0, np.float32(value))
    return cell


def distance(cell: Floats, x: float) -> float:
    return float(nearest(cell, VIEW, VIEW, np.float32(x))[0])


@settings(deadline=None)
@given(VALUES)
def test_a_value_seen_once_is_never_new_again(values: list[float]) -> None:
    cell = cell_of(values)

    assert all(distance(cell, value) == 0 for value in values)


@settings(deadline=None)
@given(VALUES)
def test_intervals_stay_sorted_apart_and_few(values: list[float]) -> None:
    cell = cell_of(values)
    parts = int(cell[PARTS])
    low = cell[SEEN : SEEN + ENDS : LANES]
    high = cell[SEEN + ENDS : SEEN + 2 * ENDS : LANES]

    assert 1 <= parts <= INTERVALS
    assert (low[:parts] <= high[:parts]).all()
    assert (high[: parts - 1] < low[1:parts]).all()
    assert (low[parts:] == np.inf).all()
    assert (high[parts:] == -np.inf).all()


@settings(deadline=None)
@given(VALUES, st.floats(-2e6, 2e6, width=32))
def test_novelty_is_never_more_than_the_distance_to_the_nearest_value(values: list[float], x: float) -> None:
    cell = cell_of(values)

    assert distance(cell, x) <= min(abs(x - value) for value in values) * (1 + 1e-6) + 1e-6


@settings(deadline=None)
@given(VALUES)
def test_the_extremes_are_those_of_the_values(values: list[float]) -> None:
    cell = cell_of(values)

    _, least, greatest = nearest(cell, VIEW, VIEW, np.float32(values[0]))

    assert (least, greatest) == (np.float32(min(values)), np.float32(max(values)))


def test_a_value_between_two_usual_ones_is_new() -> None:
    cell = cell_of([0.0, 1.0, 0.5, 10.0, 11.0, 10.5] * 3)

    assert distance(cell, 6.0) == 4.0
