"""How quick the model is and what a device takes, beside river's detectors (shell: reads the processor's time).

All learn the same stream in the same run, taking turns in short rounds, and the median round counts: what else the
machine does slows all of them. Everything is warmed first: compiled, past the first samples, and judged. Processor time
of this process counts, not time on the wall. River's half-space trees are measured twice: alone on values that were
scaled to 0..1 beforehand, and behind river's own ``MinMaxScaler``, as its documentation says for values that are not.
"""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import process_time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from river import anomaly, compose, preprocessing

from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples
from agent.health.memory import bytes_per_device

METRICS: Final = (5, 20)
_DEVICES: Final = 1_000
_WARM_ROWS, _TIMED_ROWS = 320, 63  # a device
_ROUNDS: Final = 7
_RIVER_WARM, _RIVER_ROUND = 300, 100  # of one device: past the first window of 250
_STEP_S: Final = 600.0  # so that two days are over and wear is followed too
_MILLION: Final = 1e6
_TREES: Final = "river HalfSpaceTrees"
_RIVER: Final[dict[str, Callable[[], Any]]] = {  # river's methods have no types
    _TREES: lambda: anomaly.HalfSpaceTrees(seed=7),
    "river MinMaxScaler | HalfSpaceTrees": lambda: compose.Pipeline(
        preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=7)
    ),
    "river OneClassSVM": lambda: anomaly.OneClassSVM(nu=0.1),
}


@dataclass(frozen=True, slots=True)
class Speed:
    """Figures of one contender: µs of processor time a sample, and bytes a device in memory."""

    us: float
    size: int


def measure_speed(metrics: int) -> dict[str, dict[str, float]]:
    """Return the figures of each contender at this many metrics; takes some ten seconds."""
    stream = _stream(metrics)
    batches = _batches(stream)
    model = FleetModel()
    model.grow(_DEVICES)
    for batch in batches[:_WARM_ROWS]:
        model.step(batch)
    rows = [dict(enumerate(row)) for row in _unit(stream[:, 0, :]).tolist()]
    sizes = {name: _size(make, rows[0]) for name, make in _RIVER.items()}
    detectors = {name: make() for name, make in _RIVER.items()}
    for detector in detectors.values():
        _follow(detector, rows[:_RIVER_WARM])
    edges = np.linspace(_WARM_ROWS, len(batches), _ROUNDS + 1).astype(int).tolist()
    model_us: list[float] = []
    river_us: dict[str, list[float]] = {name: [] for name in detectors}
    for number, (begin, end) in enumerate(pairwise(edges)):
        begun = process_time()
        for batch in batches[begin:end]:
            model.step(batch)
        model_us.append((process_time() - begun) / ((end - begin) * _DEVICES) * _MILLION)
        for name, detector in detectors.items():
            turn = [rows[(_RIVER_WARM + number * _RIVER_ROUND + place) % len(rows)] for place in range(_RIVER_ROUND)]
            begun = process_time()
            _follow(detector, turn)
            river_us[name].append((process_time() - begun) / _RIVER_ROUND * _MILLION)
    found = {"amends": Speed(median(model_us), bytes_per_device(metrics))}
    found |= {name: Speed(median(us), sizes[name]) for name, us in river_us.items()}
    return {name: _figures(speed, found["amends"]) for name, speed in found.items()}


def _figures(speed: Speed, model: Speed) -> dict[str, float]:
    return {
        "us_a_sample": speed.us,
        "samples_a_second": _MILLION / speed.us,
        "bytes_a_device": speed.size,
        "times_the_model": speed.us / model.us,
    }


def _follow(detector: Any, rows: list[dict[int, float]]) -> None:  # noqa: ANN401 - river's methods have no types
    for row in rows:
        detector.score_one(row)
        detector.learn_one(row)


def _size(make: Callable[[], Any], row: dict[int, float]) -> int:
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    detector = make()
    detector.learn_one(row)
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return size


def _batches(stream: NDArray[np.float32]) -> list[Samples]:
    rows, devices = stream.shape[:2]
    return [
        Samples(
            device=np.arange(devices, dtype=np.int32),
            at_s=np.full(devices, _STEP_S * row),
            values=stream[row],
            regime=np.zeros(devices, np.int32),
            learn=np.ones(devices, np.bool_),
        )
        for row in range(rows)
    ]


def _stream(metrics: int) -> NDArray[np.float32]:
    """Return rows of all devices: a day's rhythm, a common cause, and noise of each metric."""
    chance = np.random.default_rng(7)
    rows = _WARM_ROWS + _TIMED_ROWS
    common = chance.normal(size=(rows, _DEVICES, 1))
    day = 5.0 * np.sin(np.arange(rows) * (2 * np.pi / 144))[:, None, None]
    own = chance.normal(size=(rows, _DEVICES, metrics))
    values: NDArray[np.float32] = (20.0 + day + 0.5 * common + 0.5 * own).astype(np.float32)
    return values


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the values scaled to 0..1, as half-space trees want them."""
    low, high = values.min(axis=0), values.max(axis=0)
    scaled: NDArray[np.float32] = (values - low) / (high - low)
    return scaled
