"""What one metric of one device usually does (state), held in river's running means.

A level per operating regime, a daily rhythm around it, and the size of what is left over. A reading becomes a
deviation in the device's own standard deviations; two short memories of deviations, each measured against
how far it usually strays, answer "did it just change" and "is it off now".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan, nan, sqrt
from typing import Final

from agent.health.long_mean import LongMean
from agent.health.tail import Tail

HOURS: Final = 24
QUICK_RATE: Final = 0.5
SHORT_RATE: Final = 0.2
_SLOW_RATE: Final = 1 / 240
_KNOWN_AFTER: Final = 20.0  # samples in a regime before it is judged
_RHYTHM_WEIGHT: Final = 8.0  # samples an hour needs to be believed half
_RHYTHM_MEMORY: Final = 1_800.0  # samples of one hour: a month at one a minute, so that seasons may turn
_SPREAD_WEIGHT: Final = 100.0
_BELIEVED_FROM: Final = 2.0  # warm-ups: the rhythm is made in the first day and tried on the second
_LEARN_CLIP: Final = 8.0  # standard deviations an outlier may move what is learned
_SCORE_CLIP: Final = 6.0  # … and may weigh in the short memories, so that one reading alone is no finding
_LEAST_SIGMA: Final = 5e-4  # of the level: below that, rounding would be a fault


@dataclass(frozen=True, slots=True)
class Hour:
    """A moment's place in the day: between the middles of two hours, ``share`` of the way to ``after``."""

    now: int
    before: int
    after: int
    share: float


def hour_of(at_s: float) -> Hour:
    """Return the place in the UTC day of Unix seconds."""
    position = at_s % 86_400.0 / 3_600.0
    behind = position - 0.5
    before = int(behind // 1)
    return Hour(int(position), before % HOURS, (before + 1) % HOURS, behind - before)


class Short:
    """A short memory of deviations, and how far it strays on ordinary days."""

    __slots__ = ("_first_square", "_rate", "square", "tail", "value")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._first_square = rate / (2.0 - rate)  # of independent deviations
        self.value = 0.0
        self.square = LongMean()
        self.tail = Tail()

    def feel(self, z: float) -> float:
        """Take a deviation in; return how unusual the memory is, in its own standard deviations."""
        self.value += self._rate * (z - self.value)
        return self.value / sqrt(self.square.with_prior(self._first_square, _SPREAD_WEIGHT))

    def fade(self) -> None:
        """Let a metric that is not measured be forgotten rather than stay off."""
        self.value -= self._rate * self.value

    def doubt(self) -> None:
        """Forget most of how far it strays: what is expected is made another way from now on."""
        self.square.doubt(_SPREAD_WEIGHT)
        self.tail.doubt()

    def learn(self, unusual: float) -> None:
        """Take the memory as it is for ordinary."""
        self.square.update(self.value * self.value)
        self.tail.learn(unusual)


@dataclass(slots=True)
class Reading:
    """What a value means: ``quick`` and ``short`` say how unusual it is, ``usual`` what was expected."""

    z: float
    quick: float
    short: float
    usual: float


_NOT_MEASURED: Final = Reading(nan, 0.0, 0.0, nan)


@dataclass(slots=True)
class Regime:
    """What a metric does in one operating regime; ``seen`` and ``hourly`` have an entry an hour of the UTC day.

    ``noise`` and ``rest`` are the mean squares of what the level and the daily rhythm leave unexplained.
    """

    level: LongMean = field(default_factory=LongMean)
    noise: LongMean = field(default_factory=LongMean)
    rest: LongMean = field(default_factory=LongMean)
    seen: list[float] = field(default_factory=lambda: [0.0] * HOURS)
    hourly: list[float] = field(default_factory=lambda: [0.0] * HOURS)

    def rhythm(self, hour: Hour) -> float:
        """Return what this time of day has shown, between the middles of two hours; the level where it has not."""
        before, after = self._believed(hour.before), self._believed(hour.after)
        return before + hour.share * (after - before)

    def learn(self, value: float, hour: Hour, *, again: bool) -> None:
        """Take a value; ``again``: a day has passed, so that the rhythm can be tried on what it was not made from."""
        if again:
            self.rest.update((value - self.rhythm(hour)) ** 2)
        self.noise.update((value - self.level.get()) ** 2 if self.level.n else 0.0)
        self.level.update(value)
        seen = self.seen[hour.now] = min(self.seen[hour.now] + 1.0, _RHYTHM_MEMORY)
        self.hourly[hour.now] += (value - self.hourly[hour.now]) / seen

    def _believed(self, hour: int) -> float:
        level, seen = self.level.get(), self.seen[hour]
        return level + (self.hourly[hour] - level) * seen / (seen + _RHYTHM_WEIGHT)


class MetricModel:
    """One metric of one device."""

    __slots__ = ("quick", "regimes", "rhythmic", "short", "slow")

    def __init__(self) -> None:
        self.regimes: dict[int, Regime] = {}
        self.rhythmic = False
        self.quick = Short(QUICK_RATE)
        self.short = Short(SHORT_RATE)
        self.slow = 0.0

    def take(self, value: float, regime: int, hour: Hour, days: float, *, learn: bool) -> Reading:
        """Judge one value, then learn from it when asked to; NaN is skipped and fades.

        ``days`` is how long the device is known, in units of its warm-up: the rhythm is tried from 1 on, and believed
        from 2 on where it explains more than the level alone.
        """
        if isnan(value):
            self.quick.fade()
            self.short.fade()
            return _NOT_MEASURED
        known = self.regimes.get(regime)
        if known is None:
            known = self.regimes[regime] = Regime()
        if known.level.n < _KNOWN_AFTER:
            # Too little seen of this regime to judge it; learning it cannot wait.
            known.learn(value, hour, again=False)
            return Reading(nan, 0.0, 0.0, known.level.get())
        usual, square = known.level.get(), known.noise.get()
        if days >= _BELIEVED_FROM and known.rest.n >= _KNOWN_AFTER and known.rest.get() < square:
            usual, square = known.rhythm(hour), known.rest.get()
            if not self.rhythmic:
                self.rhythmic = True
                self.quick.doubt()
                self.short.doubt()
        sigma = max(sqrt(square), _LEAST_SIGMA * abs(usual), 1e-9)
        z = (value - usual) / sigma
        if z > _SCORE_CLIP:
            z = _SCORE_CLIP
        elif z < -_SCORE_CLIP:
            z = -_SCORE_CLIP
        quick, short = self.quick.feel(z), self.short.feel(z)
        self.slow += _SLOW_RATE * (z - self.slow)
        if learn:
            clip = _LEARN_CLIP * sigma
            known.learn(min(max(value, usual - clip), usual + clip), hour, again=days >= 1.0)
        return Reading(self.short.value, quick, short, usual)

    def accept(self, reading: Reading) -> None:
        """Take how far the short memories strayed for ordinary; apart, since that is known only after all metrics."""
        if not isnan(reading.z):
            self.quick.learn(reading.quick)
            self.short.learn(reading.short)

    def spread(self) -> float:
        """Return the standard deviation about its level, in the metric's unit; NaN: nothing seen yet."""
        seen = [regime for regime in self.regimes.values() if regime.noise.n]
        return sqrt(max(seen, key=lambda regime: regime.noise.n).noise.get()) if seen else nan

    def means(self) -> Iterator[LongMean]:
        """Give every running mean in a fixed order, for a snapshot."""
        for regime in self.regimes.values():
            yield regime.level
            yield regime.noise
            yield regime.rest
        for short in (self.quick, self.short):
            yield short.square
            yield from short.tail.means()
