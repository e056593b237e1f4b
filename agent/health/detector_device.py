"""One device under a river detector (state): raw scores made into calibrated ones, and reasons beside them.

A detector's score has no unit, so it is judged by its own past on this device: how far it stands above its mean, and
how often it has stood so far. River's detectors do not say which metric made them speak; the shares are those of the
metrics' own deviations, which is an honest guess and no more.
"""

from dataclasses import dataclass, field
from math import log10, nan, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.health.budget import Budget
from agent.health.long_mean import LongMean
from agent.health.river_detectors import DETECTORS, LIMIT, Detector, Scale
from agent.health.tail import Tail

_LASTING: Final = 0.125  # rate of the smoothed score that the state is read from
_SHORT: Final = 0.25  # rate of the short-run deviation
_LEAST_SPREAD: Final = 1e-6
_ODD: Final = 3.3  # a state from which on a sample is not taken for ordinary

Row = NDArray[np.float64]


@dataclass(slots=True)
class Stream:
    """One stream of scores, and how rare its values are for this device."""

    mean: LongMean = field(default_factory=LongMean)
    square: LongMean = field(default_factory=LongMean)
    tail: Tail = field(default_factory=Tail)

    def rarity(self, value: float) -> float:
        """Return −log10 of the probability of this value or more; values below the mean are ordinary."""
        return self.tail.score(self._above(value))

    def learn(self, value: float) -> None:
        """Take a value for ordinary."""
        self.tail.learn(self._above(value))
        self.mean.update(value)
        self.square.update(value * value)

    def _above(self, value: float) -> float:
        mean = self.mean.get()
        return max((value - mean) / sqrt(max(self.square.get() - mean * mean, _LEAST_SPREAD)), 0.0)


@dataclass(slots=True)
class Judged:
    """The scores of one sample; rows have an entry a metric. ``raw`` is the detector's own, as log10(1 + score)."""

    raw: float
    onset: float
    state: float
    alarm: bool
    warming: bool
    because: Row
    z: Row
    usual: Row


@dataclass(slots=True)
class DetectorDevice:
    """A detector, what it is fed and what its scores have been. ``last_s`` is in Unix seconds, NaN: never."""

    detector: Detector
    limited: bool
    scale: Scale = field(default_factory=Scale)
    quick: Stream = field(default_factory=Stream)
    lasting: Stream = field(default_factory=Stream)
    budget: Budget = field(default_factory=Budget)
    smoothed: float = 0.0
    short: Row = field(default_factory=lambda: np.zeros(0))
    seen: int = 0
    last_s: float = nan

    @classmethod
    def of(cls, name: str) -> "DetectorDevice":
        """Return a device nothing is known of; ``name`` is a key of ``DETECTORS``."""
        recipe = DETECTORS[name]
        return cls(recipe.make(), recipe.limited)

    def take(self, values: Row, at_s: float, *, learn: bool, warm: int) -> Judged:
        """Score one sample, then learn from it; judged once ``warm`` samples were learned, and the scores as many."""
        off = self.scale.deviations(values)
        fed = np.clip(0.5 + off / (2 * LIMIT), 0.0, 1.0) if self.limited else off
        features = {int(metric): float(fed[metric]) for metric in np.flatnonzero(np.isfinite(fed))}
        warming = self.seen < 2 * warm
        self._feel(off)
        raw = self._raw(features)
        self.smoothed += _LASTING * (raw - self.smoothed)
        onset, state = (0.0, 0.0) if warming else (self.quick.rarity(raw), self.lasting.rarity(self.smoothed))
        alarm = self.budget.allows(onset, 0.0 if np.isnan(self.last_s) else at_s - self.last_s)
        usual = np.where(self.scale.known(), self.scale.mean, np.nan)
        self.last_s = at_s
        if learn:
            self.detector.learn_one(features)
            self.scale.learn(values)
            self.seen += 1
            if self.seen > warm and state < _ODD:
                self.quick.learn(raw)
                self.lasting.learn(self.smoothed)
        known = np.isfinite(values) & np.isfinite(usual)
        weight = float(np.sum(self.short[known] ** 2))
        because = np.where(known, self.short * np.abs(self.short), 0.0) / (weight or 1.0)
        return Judged(raw, onset, state, alarm, warming, because, np.where(known, self.short, np.nan), usual)

    def _raw(self, features: dict[int, float]) -> float:
        """Return the detector's word on a common scale; a sample without a value says nothing new."""
        if not features:
            return self.smoothed
        score = float(self.detector.score_one(features))
        return log10(1.0 + score) if score > 0.0 else 0.0

    def _feel(self, off: Row) -> None:
        if len(off) > len(self.short):
            self.short = np.concatenate([self.short, np.zeros(len(off) - len(self.short))])
        self.short += _SHORT * (np.nan_to_num(off) - self.short)
