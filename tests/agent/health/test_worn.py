"""Whether what has been changing slowly is still off, and what the newest samples say on average."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.health.findings import Worn
from agent.health.recent import Fresh, Ring

levels = st.floats(-1e3, 1e3)
sizes = st.floats(1e-3, 1e3)
ways = st.sampled_from([-1.0, 1.0])


def worn(usual: float | None, lately: float | None, shift: float) -> Worn:
    return Worn("fan_rpm", 7.0, shift, usual, lately)


@given(usual=levels, size=sizes, way=ways, share=st.floats(-3.0, 3.0))
@example(usual=50.0, size=9.0, way=-1.0, share=0.49)
@example(usual=50.0, size=9.0, way=-1.0, share=0.51)
def test_it_stands_from_half_of_the_shift_on_and_on_its_side_alone(
    usual: float, size: float, way: float, share: float
) -> None:
    assume(abs(share - 0.5) > 1e-3)
    shift = way * size

    assert worn(usual, usual + share * shift, shift).stands is (share > 0.5)


@given(usual=levels, lately=levels, shift=sizes, further=st.floats(0, 1e3))
def test_what_stands_stands_too_when_it_is_further_off(
    usual: float, lately: float, shift: float, further: float
) -> None:
    one = worn(usual, lately, shift)

    assert replace(one, lately=lately + further).stands >= one.stands


@given(usual=st.none() | levels, lately=st.none() | levels, shift=sizes, way=ways)
def test_what_nobody_knows_to_be_back_stands(
    usual: float | None, lately: float | None, shift: float, way: float
) -> None:
    assume(usual is None or lately is None)

    assert worn(usual, lately, way * shift).stands


def plain(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the mean of the newest twenty rows, a metric each; NaN: measured in fewer than five."""
    newest = values[-20:]
    mean = np.full(width, np.nan, np.float32)
    for metric in range(min(width, newest.shape[1])):
        measured = newest[np.isfinite(newest[:, metric]), metric]
        if len(measured) >= 5:
            mean[metric] = measured.mean()
    return mean


@given(
    seed=st.integers(0, 1_000),
    batches=st.integers(1, 150),
    devices=st.integers(1, 6),
    limit=st.sampled_from([3, 25, 100]),
    poured_at=st.none() | st.integers(0, 150),
)
def test_lately_is_the_mean_of_the_newest_twenty_however_many_batches_they_lie_in(
    seed: int, batches: int, devices: int, limit: int, poured_at: int | None
) -> None:
    chance = np.random.default_rng(seed)
    fresh, rings = Fresh(), [Ring(limit) for _ in range(devices)]
    said: list[list[NDArray[np.float32]]] = [[] for _ in range(devices)]
    at = 0
    for number in range(batches):
        if number == poured_at:
            fresh.pour(rings)
            said = [rows[-limit:] for rows in said]
        rows, width = int(chance.integers(1, 4)), 2 if number < batches // 2 else 3
        places = chance.integers(0, devices, rows).astype(np.int32)
        values = chance.normal(size=(rows, width)).astype(np.float32)
        values[chance.random((rows, width)) < 0.2] = np.nan
        fresh.add(places, at + np.arange(rows, dtype=np.float64), values, np.zeros(rows, np.float32))
        at += rows
        for place, row in zip(places.tolist(), values, strict=True):
            said[place].append(np.concatenate([row, np.full(3 - width, np.nan, np.float32)]))

    lately = [fresh.lately(place, ring, 3) for place, ring in enumerate(rings)]

    for one, rows_said in zip(lately, said, strict=True):
        expected = plain(np.array(rows_said, np.float32).reshape(-1, 3), 3)
        assert np.allclose(one, expected, rtol=1e-5, atol=1e-5, equal_nan=True)


def test_many_batches_laid_together_are_still_poured_in_order() -> None:
    fresh, rings = Fresh(), [Ring(200), Ring(200)]
    for number in range(150):
        one = np.array([number % 2], np.int32), np.array([float(number)])
        fresh.add(*one, np.full((1, 1), number, np.float32), np.zeros(1, np.float32))
        if number == 100:
            fresh.lately(0, rings[0], 1)

    whole = fresh.with_ring(1, rings[1]).read()[0].tolist()
    fresh.pour(rings)

    assert whole == rings[1].read()[0].tolist() == [float(number) for number in range(1, 150, 2)]
    assert rings[0].read()[1][:, 0].tolist() == [float(number) for number in range(0, 150, 2)]
