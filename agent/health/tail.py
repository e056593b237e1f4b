"""How rare a deviation is for this device (state): a tail probability learned from the device's own past.

Beyond two standard deviations the excess is taken to follow a generalised Pareto distribution, its shape by
the method of moments; where little was seen, a Gaussian's tail stands in. So a metric that often spikes
does not alarm by spiking, and a quiet one alarms early.

Source:
    J. R. M. Hosking, J. R. Wallis, Technometrics 29 (1987) 339-349.
"""

from math import log10
from typing import Final

from river import stats

THRESHOLD: Final = 2.0  # standard deviations
HIGHEST: Final = 12.0  # a −log10 beyond this says nothing more
_LOG10_E: Final = 0.4342944819032518
_MEMORY: Final = 20_000.0  # samples; long memory is what helps most
# A Gaussian's values: share beyond 2, mean and mean square of the excess; and how many samples they weigh.
_RATE, _RATE_WEIGHT = 0.0455, 200.0
_EXCESS, _SQUARE, _EXCESS_WEIGHT = 0.373, 0.254, 30.0
_MOST_EXCESS: Final = 4.0  # one wild value must not make the wildest ordinary
_HEAVIEST: Final = 0.45  # shape; from 0.5 on the moments that give it do not exist


class Tail:
    """The tail of one stream of standardised deviations."""

    __slots__ = ("excess", "rate", "square")

    def __init__(self) -> None:
        self.rate = stats.Mean()
        self.excess = stats.Mean()
        self.square = stats.Mean()

    def score(self, deviation: float) -> float:
        """Return −log10 of the probability of ``|deviation|`` or more, 0 to ``HIGHEST``."""
        size = abs(deviation)
        rate = self.rate
        usual = -log10((rate.n * rate.get() + _RATE_WEIGHT * _RATE) / (rate.n + _RATE_WEIGHT))
        if size <= THRESHOLD:
            return usual * size / THRESHOLD
        seen = self.excess.n
        mean = (seen * self.excess.get() + _EXCESS_WEIGHT * _EXCESS) / (seen + _EXCESS_WEIGHT)
        square = (seen * self.square.get() + _EXCESS_WEIGHT * _SQUARE) / (seen + _EXCESS_WEIGHT)
        variance = square - mean * mean
        shape = min(max(0.5 * (1.0 - mean * mean / variance), 0.0), _HEAVIEST) if variance > 0 else 0.0
        reach = (size - THRESHOLD) / (mean * (1.0 - shape))
        beyond = log10(1.0 + shape * reach) / shape if shape > 1e-3 else reach * _LOG10_E  # noqa: PLR2004 - an exponential by then
        return min(usual + beyond, HIGHEST)

    def learn(self, deviation: float) -> None:
        """Take one deviation as ordinary."""
        excess = abs(deviation) - THRESHOLD
        remember(self.rate, 1.0 if excess > 0 else 0.0)
        if excess > 0:
            excess = min(excess, _MOST_EXCESS)
            remember(self.excess, excess)
            remember(self.square, excess * excess)

    def doubt(self) -> None:
        """Let what comes weigh more than what was."""
        self.rate.n = min(self.rate.n, _RATE_WEIGHT)
        self.excess.n = min(self.excess.n, _EXCESS_WEIGHT)
        self.square.n = self.excess.n

    def means(self) -> tuple[stats.Mean, ...]:
        """Return what it knows, for a snapshot."""
        return (self.rate, self.excess, self.square)


def remember(mean: stats.Mean, value: float) -> None:
    """Take a value into a running mean with memory: its rate is ``max(1/n, 1/20 000)``."""
    mean.update(value)
    mean.n = min(mean.n, _MEMORY)
