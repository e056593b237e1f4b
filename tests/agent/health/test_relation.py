"""How pairs of metrics are packed: nothing is written beyond the room that is promised, whatever the number."""

import numpy as np
import pytest

from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples
from agent.health.relation import outer, pairs, twice
from broker.limits import MAX_METRICS

LANES = 8


@pytest.mark.parametrize("metrics", [*range(1, 34), 63, 64, 127, MAX_METRICS])
def test_products_of_pairs_are_packed_in_the_room_there_is(metrics: int) -> None:
    values = np.arange(2, metrics + 2, dtype=np.float32)
    circle = np.zeros(2 * metrics + LANES, np.float32)
    room = len(pairs(metrics)) + LANES
    out = np.full(room + 4 * metrics, -1.0, np.float32)

    twice(values, np.uint64(0), np.uint64(metrics), circle)
    outer(circle, np.uint64(metrics), out)

    assert out[: room - LANES].tolist() == [values[one] * values[other] for one, other in pairs(metrics)]
    assert set(out[room:].tolist()) == {-1.0}


@pytest.mark.parametrize("metrics", [18, 64, 104, MAX_METRICS])
def test_a_device_with_as_many_metrics_as_are_allowed_is_scored(metrics: int) -> None:
    chance = np.random.default_rng(metrics)
    rows = 300
    model = FleetModel()

    scores = model.step(
        Samples(
            device=np.zeros(rows, np.int32),
            at_s=np.linspace(1.79e9, 1.79e9 + 60.0 * rows, rows),
            values=chance.normal(20, 1, (rows, metrics)).astype(np.float32),
            regime=np.zeros(rows, np.int32),
            learn=np.ones(rows, np.bool_),
        )
    )

    assert model.metrics == metrics
    assert np.isfinite(scores.state).all()
