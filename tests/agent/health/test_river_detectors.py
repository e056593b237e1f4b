"""River's detectors behind the interface of the model."""

import numpy as np
import pytest

from agent.health.river_detectors import DETECTORS, DetectorModel
from tests.agent.health.made import calm, samples


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_detector_finds_a_sample_far_outside_odder_than_usual(name: str) -> None:
    values = calm(300)
    values[290:] += 60

    scores = DetectorModel(name, warm=50).step(samples(values))

    assert scores.onset[290] > np.median(scores.onset[200:290])


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_every_detector_survives_missing_values(name: str) -> None:
    values = calm(300)
    values[::3, 1] = np.nan

    scores = DetectorModel(name).step(samples(values))

    assert np.isfinite(scores.onset).all()


def test_warming_is_said_until_enough_was_learned() -> None:
    scores = DetectorModel("half-space-trees", warm=100).step(samples(calm(150)))

    assert scores.warming.sum() == 100
