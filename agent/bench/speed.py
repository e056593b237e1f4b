"""How quick the model is and what a device takes (shell: reads the processor's time).

River's half-space trees, with river's defaults, learn the same stream in the same run: a machine that is busy slows
both. Everything is warmed first: compiled, past the first samples, and judged. Processor time of this process counts,
not time on the wall.
"""

import tracemalloc
from dataclasses import dataclass
from time import process_time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from river import anomaly

from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples
from agent.health.memory import bytes_per_device

METRICS: Final = (5, 20)
_DEVICES: Final = 1_000
_WARM_ROWS, _TIMED_ROWS = 320, 64  # a device
_RIVER_WARM, _RIVER_TIMED = 300, 1_000  # of one device: past the first window of 250
_MINUTE_S: Final = 60.0
_MILLION: Final = 1e6


@dataclass(frozen=True, slots=True)
class Speed:
    """Figures at one number of metrics: µs of processor time a sample, and bytes a device."""

    metrics: int
    model_us: float
    model_bytes: int
    river_us: float
    river_bytes: int

    def figures(self) -> dict[str, dict[str, float]]:
        """Return the figures of each contender."""
        return {
            "amends": {
                "us_a_sample": self.model_us,
                "samples_a_second": _MILLION / self.model_us,
                "bytes_a_device": self.model_bytes,
                "times_river": self.river_us / self.model_us,
            },
            "river HalfSpaceTrees": {
                "us_a_sample": self.river_us,
                "samples_a_second": _MILLION / self.river_us,
                "bytes_a_device": self.river_bytes,
            },
        }


def measure_speed(metrics: int) -> Speed:
    """Measure both at this many metrics; takes some seconds."""
    stream = _stream(metrics)
    model_us = _model_us(stream)
    tracemalloc.start()
    trees: Any = anomaly.HalfSpaceTrees(seed=7)  # river's methods have no types
    one = [dict(enumerate(row)) for row in _unit(stream[:, 0, :]).tolist()]
    before, _ = tracemalloc.get_traced_memory()
    trees.learn_one(one[0])
    river_bytes = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    rows = [one[place % len(one)] for place in range(_RIVER_WARM + _RIVER_TIMED)]
    for row in rows[:_RIVER_WARM]:
        trees.score_one(row)
        trees.learn_one(row)
    begun = process_time()
    for row in rows[_RIVER_WARM:]:
        trees.score_one(row)
        trees.learn_one(row)
    river_us = (process_time() - begun) / _RIVER_TIMED * _MILLION
    return Speed(metrics, model_us, bytes_per_device(metrics), river_us, river_bytes)


def _stream(metrics: int) -> NDArray[np.float32]:
    """Return rows of all devices: a day's rhythm, a common cause, and noise of each metric."""
    chance = np.random.default_rng(7)
    rows = _WARM_ROWS + _TIMED_ROWS
    common = chance.normal(size=(rows, _DEVICES, 1))
    day = 5.0 * np.sin(np.arange(rows) * (2 * np.pi / 1_440))[:, None, None]
    own = chance.normal(size=(rows, _DEVICES, metrics))
    values: NDArray[np.float32] = (20.0 + day + 0.5 * common + 0.5 * own).astype(np.float32)
    return values


def _model_us(stream: NDArray[np.float32]) -> float:
    rows, devices = _WARM_ROWS + _TIMED_ROWS, _DEVICES
    model = FleetModel()
    model.grow(devices)
    batches = [
        Samples(
            device=np.arange(devices, dtype=np.int32),
            at_s=np.full(devices, _MINUTE_S * row),
            values=stream[row],
            regime=np.zeros(devices, np.int32),
            learn=np.ones(devices, np.bool_),
        )
        for row in range(rows)
    ]
    for batch in batches[:_WARM_ROWS]:
        model.step(batch)
    begun = process_time()
    for batch in batches[_WARM_ROWS:]:
        model.step(batch)
    return (process_time() - begun) / (_TIMED_ROWS * devices) * _MILLION


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values scaled to 0..1, as half-space trees want them."""
    low, high = values.min(axis=0), values.max(axis=0)
    scaled: NDArray[np.float32] = (values - low) / (high - low)
    return scaled
