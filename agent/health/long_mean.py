"""A running mean with a long memory (state): river's, but its rate never falls below one in 20 000.

Long memory is what helps a per-device model most; none at all would never forget how a device was when it was new.
"""

from typing import Final

from river import stats

_MEMORY: Final = 20_000.0  # samples; two weeks at one a minute


class LongMean(stats.Mean):
    """The mean of what came, the last 20 000 or so weighing about the same; ``n`` is the weight of all of it."""

    n: float
    _mean: float

    def update(self, x: float, w: float = 1.0) -> None:
        """Take a value in; river's own formula (West 1979) with the weight of the past bounded."""
        weight = min(self.n + w, _MEMORY)
        self.n = weight
        self._mean += (w / weight) * (x - self._mean)

    def with_prior(self, value: float, weight: float) -> float:
        """Return the mean as it would be had ``value`` come ``weight`` times before."""
        return (self.n * self._mean + weight * value) / (self.n + weight)

    def doubt(self, most: float) -> None:
        """Let all of the past weigh ``most`` at the highest, so that what comes counts for more."""
        self.n = min(self.n, most)
