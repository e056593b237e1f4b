"""River's detectors behind the interface of the model."""

import os
import pickle

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.health.detector_model import DetectorModel
from agent.health.errors import SnapshotError
from agent.health.interface import Scores
from agent.health.models import KINDS
from agent.health.river_detectors import DETECTORS
from agent.health.seal import seal
from tests.agent.health.made import calm, samples

NAMES = sorted(DETECTORS)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_far_outside_is_an_onset_and_lasting_ones_are_a_state(name: str) -> None:
    values = still(800)
    values[780:] += 60

    scores = DetectorModel(name).step(samples(values))

    assert scores.onset[780:783].max() > scores.onset[600:780].max()
    assert scores.state[790] > scores.state[600:780].max()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_ordinary_for_a_device_is_seldom_odd(name: str) -> None:
    scores = DetectorModel(name).step(samples(still(1_500)))

    judged = ~scores.warming
    assert (scores.state[judged] > 3.3).mean() < 0.02
    assert (scores.onset[judged] > 3.3).mean() < 0.02


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_survives_missing_values_and_missing_samples(name: str) -> None:
    values = calm(300)
    values[::3, 1] = np.nan
    values[100:120] = np.nan

    scores = DetectorModel(name, warm=50).step(samples(values))

    assert np.isfinite(scores.onset).all()
    assert np.isnan(scores.z[110]).all()


def test_warming_is_said_until_enough_was_learned() -> None:
    scores = DetectorModel("half-space-trees", warm=100).step(samples(calm(250)))

    assert scores.warming.sum() == 200


def test_the_metric_that_moved_has_the_largest_share_and_its_direction() -> None:
    values = calm(400)
    values[395:, 1] -= 30

    scores = DetectorModel("absolute-deviation", warm=100).step(samples(values))

    assert int(np.argmax(np.abs(scores.because[399]))) == 1
    assert scores.because[399, 1] < 0


def test_samples_while_a_remedy_is_at_work_teach_nothing() -> None:
    model = DetectorModel("gaussian", warm=50)
    model.step(samples(calm(150)))
    before = model.devices[0].scale.mean.copy()

    model.step(samples(calm(50) + 100, learn=False))

    assert (model.devices[0].scale.mean == before).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_restored_model_goes_on_as_if_nothing_had_happened(name: str) -> None:
    values = calm(700)
    model = DetectorModel(name, warm=60)
    model.step(samples(values[:400]))

    restored = DetectorModel.restore(model.snapshot())

    assert restored.snapshot() == model.snapshot()
    assert _all(restored.step(samples(values[400:]))) == _all(model.step(samples(values[400:])))
    assert restored.snapshot() == model.snapshot()


def still(rows: int) -> NDArray[np.float64]:
    """An ordinary device without a rhythm: these detectors know none."""
    return np.random.default_rng(3).normal(20.0, 1.0, (rows, 3))


class Forged:
    """What somebody who can write our directory might leave there."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def test_a_snapshot_that_would_run_something_is_refused() -> None:
    forged = seal("river-detectors", 1, pickle.dumps(("gaussian", 1, [Forged()])))

    with pytest.raises(SnapshotError, match="no detector is made of"):
        DetectorModel.restore(forged)


def test_a_damaged_snapshot_is_refused() -> None:
    with pytest.raises(SnapshotError):
        DetectorModel.restore(seal("river-detectors", 1, b"\x80\x05nonsense"))


@pytest.mark.parametrize("name", NAMES)
def test_every_detector_can_be_selected_as_a_kind(name: str) -> None:
    model = KINDS[name].make()
    model.grow(2)

    assert model.step(samples(calm(3))).warming.all()
    assert KINDS[name].restore(model.snapshot()).snapshot() == model.snapshot()


def _all(scores: Scores) -> list[bytes]:
    return [getattr(scores, name).tobytes() for name in Scores.__slots__]
