"""How likely a deviation is under a fault (pure): every metric is up, steady or down, and a fault bets on it.

A fault does not say how far a metric moves, only which way; so each of the three states has one broad
density over the standardised deviation, shared by all faults, and a fault is only the odds it gives to the
states. Nothing it did not foresee can therefore cost it more than those odds: one wild reading
never decides alone, whatever its size.
"""

from dataclasses import dataclass
from math import exp, fsum, log, pi, sqrt
from typing import Final

from agent.diagnose.playbook import Direction

_CLIP: Final = 12.0  # beyond this many standard deviations, further says nothing more
_TYPICAL_MOVE: Final = 6.0  # half of all moves are larger; of little effect between 5 and 7
_LEAK: Final = 0.02  # a metric that moved and reads as if it had not (a lull, the other half of a cycle)


@dataclass(frozen=True, slots=True)
class Odds:
    """The probabilities a hypothesis gives to a metric being down, steady and up; they add up to 1 at most."""

    down: float
    steady: float
    up: float


# A fault at work has not moved all its metrics yet: early on, about one in five still looks usual.
_BETS: Final = {
    Direction.UP: Odds(down=0.02, steady=0.18, up=0.80),
    Direction.DOWN: Odds(down=0.80, steady=0.18, up=0.02),
    Direction.STEADY: Odds(down=0.03, steady=0.94, up=0.03),
    Direction.EITHER: Odds(down=0.42, steady=0.16, up=0.42),
}
NOT_PAST: Final = Odds(down=0.02, steady=0.18, up=0.02)
"""A metric that is not past the bound its move has: what the fault bet on past it is lost, so this is not all."""
UNSAID: Final = Odds(down=0.04, steady=0.92, up=0.04)
"""A metric the fault says nothing about: probably steady, mildly surprising otherwise."""
NO_FAULT: Final = Odds(down=0.015, steady=0.97, up=0.015)
"""A metric of a device with nothing wrong."""
ANY_FAULT: Final = Odds(down=0.15, steady=0.70, up=0.15)
"""A metric under a fault nobody has described."""


def bet(direction: Direction) -> Odds:
    """Return the odds behind a symptom's direction."""
    return _BETS[direction]


def log_likelihood(z: float, odds: Odds) -> float:
    """Return the log density of a deviation under the odds; finite for every z, infinite ones too.

    Args:
        z: deviation in the device's own standard deviations; not NaN.
        odds: what the hypothesis says about the metric.
    """
    bounded = min(max(z, -_CLIP), _CLIP)
    steady = _steady(bounded)
    return log(
        fsum((odds.down * _moved(-bounded, steady), odds.steady * steady, odds.up * _moved(bounded, steady))),
    )


def _steady(z: float) -> float:
    """Return Student's t density with 3 degrees of freedom: unit noise whose tails are as heavy as life's."""
    return 6.0 * sqrt(3.0) / (pi * (3.0 + z * z) ** 2)


def _moved(z: float, steady: float) -> float:
    """Return the density of a deviation that went up: log-logistic, shape 4, median the typical move.

    It rises late: below two deviations it speaks for "steady", so that several metrics a little off together
    prove nothing (one mild day moves many). Beyond the typical, how large a move is says little.
    """
    if z <= 0.0:
        return _LEAK * steady
    ratio = z / _TYPICAL_MOVE
    return _LEAK * steady + (1.0 - _LEAK) * 4.0 * ratio**3 / (_TYPICAL_MOVE * (1.0 + ratio**4) ** 2)


def log_sum_exp(logs: tuple[float, ...]) -> float:
    """Return the log of the sum of exponentials, without overflow; the order does not matter."""
    top = max(logs)
    return top + log(fsum(exp(value - top) for value in logs))
