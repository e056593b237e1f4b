"""One device's own model (state): its metrics together, from samples to scores.

Warm-up is a status of its own. A device that has been off for a while is listened to with one ear, so that a slow
fault does not become the new normal within hours; after three days it does, for then it is what the device is.
"""

from dataclasses import dataclass, field
from math import isnan, log10, nan, sqrt
from typing import Final

from agent.health.budget import Budget
from agent.health.long_mean import LongMean
from agent.health.river_metric import MetricModel, Reading, hour_of
from agent.health.tail import Tail

_ODD: Final = 2.0  # a state, −log10 of a probability
_IN_DOUBT, _IN_TROUBLE, _MOST_DOUBT = 3.0, 10.0, 20.0  # odd samples
_TAUGHT_IN_DOUBT: Final = 20  # one sample in so many
_NEW_NORMAL_AFTER_S: Final = 3 * 86_400.0
_TOGETHER_MIN: Final = 2  # metrics
_LEAST_SPREAD: Final = 0.01  # squared


@dataclass(slots=True)
class DeviceScores:
    """The scores of one sample; lists have an entry a metric."""

    onset: float
    state: float
    alarm: bool
    warming: bool
    because: list[float]
    z: list[float]
    usual: list[float]


@dataclass(slots=True)
class DeviceModel:
    """Everything learned about one device; ``warm_s`` and ``warm_samples`` must both pass before it is judged."""

    warm_s: float
    warm_samples: int
    metrics: list[MetricModel] = field(default_factory=list)
    together: LongMean = field(default_factory=LongMean)
    together_square: LongMean = field(default_factory=LongMean)
    together_tail: Tail = field(default_factory=Tail)
    samples: int = 0
    first_s: float = nan
    last_s: float = nan
    doubt: float = 0.0  # odd samples lately
    was_odd: bool = False
    trouble_s: float = nan  # since when; NaN: not in trouble
    budget: Budget = field(default_factory=Budget)

    def take(self, values: list[float], at_s: float, regime: int, *, learn: bool) -> DeviceScores:
        """Score one sample, then learn from it."""
        while len(self.metrics) < len(values):
            self.metrics.append(MetricModel())
        if self.samples == 0:
            self.first_s = self.last_s = at_s
        self.samples += 1
        new_normal = at_s - self.trouble_s > _NEW_NORMAL_AFTER_S  # False for NaN, that is, without trouble
        doubted = self.doubt >= _IN_DOUBT and not new_normal
        hour, days = hour_of(at_s), (at_s - self.first_s) / self.warm_s
        taught = learn and not (doubted and self.samples % _TAUGHT_IN_DOUBT)
        readings = [
            metric.take(value, regime, hour, days, learn=taught)
            for metric, value in zip(self.metrics, values, strict=False)
        ]
        warming = self.samples <= self.warm_samples or days < 1.0
        size, onset, state = self._judged(readings)
        # Of a run of odd samples only the first shows how far ordinary days go; the rest may be one fault.
        odd = state >= _ODD
        if learn and (warming or new_normal or not (doubted or (odd and self.was_odd))):
            self._accept(readings, size)
        self.was_odd = odd
        if warming:
            onset = state = 0.0
        alarm = self.budget.allows(onset, at_s - self.last_s)
        self._follow(state, at_s)
        self.last_s = at_s
        return DeviceScores(
            onset=onset,
            state=state,
            alarm=alarm,
            warming=warming,
            because=_shares(readings),
            z=[reading.z for reading in readings],
            usual=[reading.usual for reading in readings],
        )

    def means(self) -> tuple[LongMean, ...]:
        """Return the running means of the metrics together, for a snapshot."""
        return (self.together, self.together_square, *self.together_tail.means())

    def _judged(self, readings: list[Reading]) -> tuple[float, float, float]:
        """Return how far all metrics stray together, onset and state.

        A score is that of the rarest metric, made up for how many were asked, or that of all together.
        """
        onset = state = total = 0.0
        measured = 0
        for metric, reading in zip(self.metrics, readings, strict=True):
            if isnan(reading.z):
                continue
            measured += 1
            total += reading.short * reading.short
            onset = max(onset, metric.quick.tail.score(reading.quick))
            state = max(state, metric.short.tail.score(reading.short))
        if measured == 0:
            return nan, 0.0, 0.0
        size = sqrt(total / measured)
        if measured >= _TOGETHER_MIN:
            state = max(state, self.together_tail.score(self._together(size)))
        asked = log10(measured)
        return size, max(onset - asked, 0.0), max(state - asked, 0.0)

    def _together(self, size: float) -> float:
        """Return how unusual it is that the metrics stray this far together: many small moves make one large one."""
        mean = self.together.get()
        return max((size - mean) / sqrt(max(self.together_square.get() - mean * mean, _LEAST_SPREAD)), 0.0)

    def _accept(self, readings: list[Reading], size: float) -> None:
        """Take how far this sample strayed for ordinary."""
        for metric, reading in zip(self.metrics, readings, strict=True):
            metric.accept(reading)
        if not isnan(size):
            self.together_tail.learn(self._together(size))
            self.together.update(size)
            self.together_square.update(size * size)

    def _follow(self, state: float, at_s: float) -> None:
        """Let doubt grow while samples are odd and fade, half as fast, while they are not."""
        self.doubt = min(self.doubt + 1.0, _MOST_DOUBT) if state >= _ODD else max(self.doubt - 0.5, 0.0)
        if self.doubt == 0.0:
            self.trouble_s = nan
        elif isnan(self.trouble_s) and self.doubt >= _IN_TROUBLE:
            self.trouble_s = at_s


def _shares(readings: list[Reading]) -> list[float]:
    """Return each metric's share in the evidence, signed by its direction."""
    furthest = [reading.quick if abs(reading.quick) > abs(reading.short) else reading.short for reading in readings]
    total = sum(far * far for far in furthest)
    if total == 0.0:
        return [0.0] * len(readings)
    return [far * abs(far) / total for far in furthest]
