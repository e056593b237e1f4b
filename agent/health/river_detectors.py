"""River's detectors and plain rules behind the interface of the per-device model (state).

One detector object a device, fed sample by sample: some hundred times slower than the fleet model, and useful as a
standing comparison or for those who bring their own. Inputs are scaled by the device's own past to about 0..1 with
limits, missing metrics are left out, and until ``warm`` samples were learned a score says "warming", never "normal":
half-space trees answer 0 until their first window is full.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from river import anomaly
from river.base.anomaly_detector import SupervisedAnomalyDetector

from agent.health.interface import Samples, Scores

KNOWN_AFTER = 10
"""Samples of a metric."""
LIMIT = 4.0
"""Standard deviations that map to the ends of 0..1."""


class Scale:
    """Running mean and variance of each metric of one device. Source: B. P. Welford, Technometrics 4 (1962) 419-420."""

    def __init__(self) -> None:
        self.count = self.mean = self.square = np.zeros(0)

    def deviations(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return standard deviations from the mean; NaN where not measured, 0 while too little was seen."""
        self._widen(len(values))
        spread = np.sqrt(self.square / np.maximum(self.count, 1))
        off = (values - self.mean) / np.maximum(spread, 1e-6)
        return np.where(np.isnan(values), np.nan, np.where(self.count > KNOWN_AFTER, off, 0.0))

    def learn(self, values: NDArray[np.float64]) -> None:
        """Take the values that were measured."""
        self._widen(len(values))
        known = np.isfinite(values)
        self.count = self.count + known
        off = np.where(known, values - self.mean, 0.0)
        self.mean = self.mean + off / np.maximum(self.count, 1)
        self.square = self.square + off * np.where(known, values - self.mean, 0.0)

    def _widen(self, metrics: int) -> None:
        more = np.zeros(max(metrics - len(self.count), 0))
        if len(more):
            self.count, self.mean, self.square = (
                np.concatenate([known, more]) for known in (self.count, self.mean, self.square)
            )


class Detector(Protocol):
    """What river's detectors have in common."""

    def score_one(self, features: dict[int, float]) -> float:
        """Return how odd a sample is; greater is odder."""
        ...

    def learn_one(self, features: dict[int, float]) -> None:
        """Take a sample as normal."""
        ...


class EachMetric:
    """One river scorer a metric, for those that judge a single number; the oddest metric decides.

    Args:
        make: returns a fresh scorer that knows ``score_one({}, y)`` and ``learn_one({}, y)``.
    """

    def __init__(self, make: Callable[[], SupervisedAnomalyDetector]) -> None:
        self._make = make
        self._scorers: dict[int, SupervisedAnomalyDetector] = {}

    def score_one(self, features: dict[int, float]) -> float:
        """Return the score of the oddest metric; 0 when none is known yet."""
        known = [abs(self._scorers[m].score_one({}, y)) for m, y in features.items() if m in self._scorers]
        return float(max(known, default=0.0))

    def learn_one(self, features: dict[int, float]) -> None:
        """Take a sample as normal."""
        for metric, y in features.items():
            self._scorers.setdefault(metric, self._make()).learn_one({}, y)


class DetectorModel:
    """A river detector for each device of one product, to compare with: it is never saved.

    Args:
        make: name of the detector, a key of ``DETECTORS``.
        warm: samples before a device is judged.
    """

    def __init__(self, make: str, warm: int = 256) -> None:
        self.make = make
        self.warm = warm
        self._scales: list[Scale] = []
        self._detectors: list[Detector] = []
        self._seen: list[int] = []

    def grow(self, devices: int) -> None:
        """Make room for at least ``devices`` device rows; what is known stays."""
        while len(self._seen) < devices:
            self._scales.append(Scale())
            self._detectors.append(DETECTORS[self.make]())
            self._seen.append(0)

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from those marked ``learn``.

        ``onset`` and ``state`` are ``log10(1 + score)`` of the detector; ``drift`` is 0, and the levels are not known.
        """
        rows, width = samples.values.shape
        onset = np.zeros(rows, np.float32)
        warming = np.zeros(rows, np.bool_)
        if rows:
            self.grow(int(samples.device.max()) + 1)
        for row, (device, learn) in enumerate(zip(samples.device.tolist(), samples.learn.tolist(), strict=True)):
            values = samples.values[row].astype(np.float64)
            warming[row] = self._seen[device] < self.warm
            features = self._features(device, values)
            if not warming[row]:
                onset[row] = np.log10(1.0 + max(float(self._detectors[device].score_one(features)), 0.0))
            if learn:
                self._detectors[device].learn_one(features)
                self._scales[device].learn(values)
                self._seen[device] += 1
        return Scores(
            onset=onset,
            state=onset.copy(),
            drift=np.zeros(rows, np.float32),
            alarm=np.zeros(rows, np.bool_),
            warming=warming,
            because=np.zeros((rows, width), np.float32),
            z=np.full((rows, width), np.nan, np.float32),
            usual=np.full((rows, width), np.nan, np.float32),
        )

    def _features(self, device: int, values: NDArray[np.float64]) -> dict[int, float]:
        off = self._scales[device].deviations(values)
        inside = np.clip(0.5 + off / (2 * LIMIT), 0.0, 1.0)
        return {int(metric): float(inside[metric]) for metric in np.flatnonzero(np.isfinite(inside))}


DETECTORS: dict[str, Callable[[], Detector]] = {
    "half-space-trees": lambda: anomaly.HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=7),
    "one-class-svm": lambda: anomaly.OneClassSVM(nu=0.1),
    "loda": lambda: anomaly.LODA(n_bins=20, n_random_cuts=50, seed=7),
    "absolute-deviation": lambda: EachMetric(anomaly.StandardAbsoluteDeviation),
    "gaussian": lambda: EachMetric(anomaly.GaussianScorer),
}
"""River's detectors, as users can select them."""
