"""River's anomaly detectors, made alike (state): one object a device, and the scaling they need.

Each metric is scaled by the device's own past; half-space trees need features within 0..1, so there far ends are cut.
Detectors of a single number run once a metric.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log10
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from river import anomaly
from river.base.anomaly_detector import SupervisedAnomalyDetector

KNOWN_AFTER = 10
"""Samples of a metric."""
LIMIT = 4.0
"""Standard deviations that map to the ends of 0..1."""
LEAST_PROBABILITY = 1e-12


class Scale:
    """Running mean and variance of each metric of one device. Source: B. P. Welford, Technometrics 4 (1962) 419-420."""

    def __init__(self) -> None:
        self.count = self.mean = self.square = np.zeros(0)

    def deviations(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return standard deviations from the mean; NaN where not measured, 0 while too little was seen."""
        self._widen(len(values))
        spread = np.sqrt(self.square / np.maximum(self.count, 1))
        off = (values - self.mean) / np.maximum(spread, 1e-6)
        return np.where(np.isnan(values), np.nan, np.where(self.known(), off, 0.0))

    def learn(self, values: NDArray[np.float64]) -> None:
        """Take the values that were measured."""
        self._widen(len(values))
        known = np.isfinite(values)
        self.count = self.count + known
        off = np.where(known, values - self.mean, 0.0)
        self.mean = self.mean + off / np.maximum(self.count, 1)
        self.square = self.square + off * np.where(known, values - self.mean, 0.0)

    def known(self) -> NDArray[np.bool_]:
        """Tell of each metric whether enough was seen to judge it."""
        return self.count > KNOWN_AFTER

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
        probability: the scorer gives 0..1, which is turned into −log10 of what is missing to 1.
    """

    def __init__(self, make: Callable[[], SupervisedAnomalyDetector], *, probability: bool = False) -> None:
        self._make = make
        self._probability = probability
        self._scorers: dict[int, SupervisedAnomalyDetector] = {}

    def score_one(self, features: dict[int, float]) -> float:
        """Return the score of the oddest metric; 0 when none is known yet."""
        known = [abs(self._scorers[m].score_one({}, y)) for m, y in features.items() if m in self._scorers]
        oddest = float(max(known, default=0.0))
        return -log10(max(1.0 - oddest, LEAST_PROBABILITY)) if self._probability else oddest

    def learn_one(self, features: dict[int, float]) -> None:
        """Take a sample as normal."""
        for metric, y in features.items():
            self._scorers.setdefault(metric, self._make()).learn_one({}, y)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one detector is made. ``limited``: its features must lie within 0..1, 0.5 being the device's usual."""

    make: Callable[[], Detector]
    limited: bool


DETECTORS: Final[Mapping[str, Recipe]] = {
    "half-space-trees": Recipe(
        lambda: anomaly.HalfSpaceTrees(n_trees=25, height=8, window_size=250, seed=7), limited=True
    ),
    "one-class-svm": Recipe(lambda: anomaly.OneClassSVM(nu=0.1), limited=True),
    "loda": Recipe(lambda: anomaly.LODA(n_bins=20, n_random_cuts=50, seed=7), limited=False),
    "absolute-deviation": Recipe(lambda: EachMetric(anomaly.StandardAbsoluteDeviation), limited=False),
    "gaussian": Recipe(lambda: EachMetric(anomaly.GaussianScorer, probability=True), limited=False),
}
"""River's detectors, as users can select them."""
