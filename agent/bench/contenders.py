"""What is compared on the recordings: the model and its baselines (pure).

Each contender takes a recording and returns one score a row, from one causal pass over all devices in time order.
"""

# The loop at the end is compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN202 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from agent.bench.recordings import Recording
from agent.health.compiled import loop
from agent.health.detector_model import DetectorModel
from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples, Scores

BATCH = 4096
KNOWN_AFTER = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """One entry a row of the recording, in its order."""

    onset: NDArray[np.float64]
    state: NDArray[np.float64]
    drift: NDArray[np.float64]
    alarm: NDArray[np.bool_] | None
    """None: the contender keeps no alarm budget."""
    because: NDArray[np.float32] | None
    """None: the contender does not explain itself."""


class Scorer(Protocol):
    """The part of a model that a recording needs."""

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from it."""
        ...

    def grow(self, devices: int) -> None:
        """Make room for at least so many devices."""
        ...


Contender = Callable[[Recording], Verdict]


def fleet_model(recording: Recording) -> Verdict:
    """Run the model of the product, with its defaults, as one product of all devices of the set."""
    model = FleetModel()
    scores = replay(model, recording)
    return Verdict(
        scores.onset.astype(np.float64),
        scores.state.astype(np.float64),
        scores.drift.astype(np.float64),
        scores.alarm,
        scores.because,
    )


def reference(name: str) -> Contender:
    """Return a contender that runs one of river's detectors on each device, judged by its own, uncalibrated scores.

    With one threshold for all devices these are where a detector is at its best; as a kind of model its scores are
    made into probabilities.
    """

    def run(recording: Recording) -> Verdict:
        model = DetectorModel(name)
        model.grow(len(recording.device_ids))
        raw = np.zeros(len(recording.device))
        values = recording.values.astype(np.float64)
        for row in np.lexsort((recording.device, recording.at_s)).tolist():
            device = model.devices[int(recording.device[row])]
            judged = device.take(values[row], float(recording.at_s[row]), learn=True, warm=model.warm)
            raw[row] = 0.0 if judged.warming else judged.raw
        return Verdict(raw, raw, np.zeros(len(raw)), None, None)

    return run


def all_time_z(recording: Recording) -> Verdict:
    """Score each row by the greatest deviation of a metric from its mean so far, in standard deviations."""
    score = _greatest_z(recording.device, recording.values)
    return Verdict(score, score, np.zeros(len(score)), None, None)


CONTENDERS: dict[str, Contender] = {
    "all-time z": all_time_z,
    "river HalfSpaceTrees": reference("half-space-trees"),
    "river OneClassSVM": reference("one-class-svm"),
    "river LODA": reference("loda"),
    "river StandardAbsoluteDeviation": reference("absolute-deviation"),
    "river GaussianScorer": reference("gaussian"),
    "amends": fleet_model,
}
"""In the order of the table."""


def replay(model: Scorer, recording: Recording) -> Scores:
    """Feed a recording to a model as it would have come: all devices in time order, in batches."""
    order = np.lexsort((recording.device, recording.at_s))
    model.grow(len(recording.device_ids))
    parts: list[Scores] = []
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        batch = Samples(
            recording.device[rows],
            recording.at_s[rows],
            recording.values[rows],
            recording.regime[rows],
            np.ones(len(rows), np.bool_),
        )
        parts.append(model.step(batch))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    fields = ("onset", "state", "drift", "alarm", "warming", "because", "z", "usual")
    return Scores(*(np.concatenate([getattr(part, field) for part in parts])[back] for field in fields))


@loop
def _greatest_z(device, values):
    rows, metrics = values.shape
    out = np.zeros(rows)
    count = np.zeros(metrics)
    mean = np.zeros(metrics)
    square = np.zeros(metrics)
    for row in range(rows):
        if row == 0 or device[row] != device[row - 1]:
            count[:] = 0
            mean[:] = 0
            square[:] = 0
        for metric in range(metrics):
            x = values[row, metric]
            if np.isnan(x):
                continue
            if count[metric] > KNOWN_AFTER:
                spread = max(np.sqrt(square[metric] / count[metric]), 1e-6)
                out[row] = max(out[row], abs(x - mean[metric]) / spread)
            count[metric] += 1
            off = x - mean[metric]
            mean[metric] += off / count[metric]
            square[metric] += off * (x - mean[metric])
    return out
