"""Metrics and regimes that come later."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.fleet_model import FleetModel
from agent.health.memory import bytes_per_device
from tests.agent.health.made import calm, rows, samples


def test_a_metric_and_a_regime_that_come_later_leave_what_was_known_as_it_was() -> None:
    model = FleetModel()
    model.step(samples(calm(500)))
    mean, cells = model.memory().mean[0, 0].copy(), model.memory().cells[0].copy()

    model.step(samples(np.zeros((0, 5))))
    model.step(samples(calm(1, metrics=5), device=1, start=500, regime=2))

    assert (model.metrics, model.regimes) == (5, 3)
    assert np.array_equal(model.memory().mean[0, 0, :3], mean)
    assert np.array_equal(model.memory().cells[0, : len(cells)], cells, equal_nan=True)


def test_a_metric_that_comes_later_is_judged_like_the_others() -> None:
    values = calm(6000, metrics=4)
    values[:2000, 3] = np.nan
    values[5990:, 3] += 15

    scores = FleetModel().step(samples(values))

    assert scores.onset[5990] > 3
    assert int(np.abs(scores.because[5990]).argmax()) == 3
    assert np.isnan(scores.usual[1999, 3])
    assert scores.usual[5989, 3] == pytest.approx(values[5960:5990, 3].mean(), abs=1.0)


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(1, 599), max_size=4, unique=True), since=st.integers(0, 599))
def test_cutting_changes_nothing_while_metrics_and_regimes_come(cuts: list[int], since: int) -> None:
    values = calm(600, metrics=4)
    values[:since, 2] = np.nan
    values[: (since + 600) // 2, 3] = np.nan
    batch = samples(values, device=np.arange(600) % 3, regime=np.arange(600) // 200)
    model, whole = FleetModel(), FleetModel()

    expected = whole.step(batch)
    parts = [model.step(rows(batch, slice(a, b))) for a, b in itertools.pairwise([0, *sorted(cuts), 600])]

    assert np.array_equal(expected.onset, np.concatenate([part.onset for part in parts]))
    assert np.array_equal(expected.state, np.concatenate([part.state for part in parts]))
    model.grow(3)
    assert model.snapshot() == whole.snapshot()


def test_a_batch_narrower_than_what_is_known_is_scored_with_the_rest_missing() -> None:
    model = FleetModel()
    model.step(samples(calm(500, metrics=4)))

    scores = model.step(samples(calm(10, metrics=2), start=500))

    assert scores.because.shape == scores.z.shape == (10, 2)
    assert np.isfinite(scores.z).all()


def test_a_device_takes_less_than_sixteen_kilobytes_at_twenty_metrics() -> None:
    assert bytes_per_device(20) <= 16_000


def fleet_of(levels: list[float]) -> FleetModel:
    """A fleet that has been running side by side, each device about its own level."""
    side_by_side = np.stack([calm(200, seed=seed) + level for seed, level in enumerate(levels)], axis=1)
    batch = samples(side_by_side.reshape(-1, 3), device=np.tile(np.arange(len(levels)), 200))
    batch.at_s[:] = np.repeat(np.arange(200) * 60.0, len(levels))
    model = FleetModel()
    model.step(batch)
    return model


def test_a_newcomer_leans_on_a_fleet_of_its_like() -> None:
    model = fleet_of([0.0] * 10)

    model.step(samples(calm(1, seed=99), device=10))

    assert model.memory().learned[10, 0] > 1


def test_a_newcomer_does_not_lean_on_a_fleet_of_strangers() -> None:
    model = fleet_of([1000.0 * device for device in range(10)])

    model.step(samples(calm(1, seed=99), device=10))

    assert model.memory().learned[10, 0] == 1


def test_a_fleet_that_joins_one_by_one_is_moved_seldom_and_known_alike() -> None:
    one_by_one, at_once = FleetModel(), FleetModel()
    values = calm(400)
    moves, place = 0, None
    for devices in range(1, 401):
        one_by_one.grow(devices)
        cells = one_by_one.memory().cells
        moves += place is not None and cells.ctypes.data != place
        place = cells.ctypes.data
        one_by_one.step(samples(values[devices - 1 : devices], device=devices - 1, start=devices - 1))
    at_once.grow(400)
    at_once.step(samples(values, device=np.arange(400)))

    assert one_by_one.devices == 400
    assert moves <= 50
    assert one_by_one.snapshot() == at_once.snapshot()


def test_rows_made_ahead_of_need_are_in_no_snapshot() -> None:
    model = FleetModel()
    for devices in range(1, 50):
        model.grow(devices)

    assert FleetModel.restore(model.snapshot()).devices == 49
