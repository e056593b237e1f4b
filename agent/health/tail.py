"""How rare a deviation is for this device (state): a tail probability learned from the device's own past.

Beyond two standard deviations the excess is taken to follow a generalised Pareto distribution, its shape by
the method of moments; where little was seen, a Gaussian's tail stands in. So a metric that often spikes
does not alarm by spiking, and a quiet one alarms early.

Source:
    J. R. M. Hosking, J. R. Wallis, Technometrics 29 (1987) 339-349.
"""

from math import log10
from typing import Final

from agent.health.long_mean import LongMean

THRESHOLD: Final = 2.0  # standard deviations
HIGHEST: Final = 12.0  # a −log10 beyond this says nothing more
_LOG10_E: Final = 0.4342944819032518
_CALM: Final = 0.45  # score a standard deviation below the threshold, where nothing is decided
_EXPONENTIAL: Final = 1e-3  # a shape below this is none
# A Gaussian's values: share beyond 2, mean and mean square of the excess; and how many samples they weigh.
_RATE, _RATE_WEIGHT = 0.0455, 200.0
_EXCESS, _SQUARE, _EXCESS_WEIGHT = 0.373, 0.254, 30.0
_MOST_EXCESS: Final = 4.0  # one wild value must not make the wildest ordinary
_HEAVIEST: Final = 0.45  # shape; from 0.5 on the moments that give it do not exist


class Tail:
    """The tail of one stream of standardised deviations."""

    __slots__ = ("excess", "rate", "square")

    def __init__(self) -> None:
        self.rate = LongMean()
        self.excess = LongMean()
        self.square = LongMean()

    def score(self, deviation: float) -> float:
        """Return −log10 of the probability of ``|deviation|`` or more, 0 to ``HIGHEST``."""
        size = abs(deviation)
        if size <= THRESHOLD:
            return size * _CALM
        rate = self.rate.with_prior(_RATE, _RATE_WEIGHT)
        mean = self.excess.with_prior(_EXCESS, _EXCESS_WEIGHT)
        variance = self.square.with_prior(_SQUARE, _EXCESS_WEIGHT) - mean * mean
        shape = min(max(0.5 * (1.0 - mean * mean / variance), 0.0), _HEAVIEST) if variance > 0 else 0.0
        reach = (size - THRESHOLD) / (mean * (1.0 - shape))
        beyond = log10(1.0 + shape * reach) / shape if shape > _EXPONENTIAL else reach * _LOG10_E
        return min(max(beyond - log10(rate), THRESHOLD * _CALM), HIGHEST)

    def learn(self, deviation: float) -> None:
        """Take one deviation as ordinary."""
        excess = abs(deviation) - THRESHOLD
        if excess <= 0.0:
            self.rate.update(0.0)
            return
        excess = min(excess, _MOST_EXCESS)
        self.rate.update(1.0)
        self.excess.update(excess)
        self.square.update(excess * excess)

    def doubt(self) -> None:
        """Let what comes weigh more than what was."""
        self.rate.doubt(_RATE_WEIGHT)
        self.excess.doubt(_EXCESS_WEIGHT)
        self.square.doubt(_EXCESS_WEIGHT)

    def means(self) -> tuple[LongMean, ...]:
        """Return what it knows, for a snapshot."""
        return (self.rate, self.excess, self.square)
