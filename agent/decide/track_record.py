"""How well a remedy has done, and how sure that is (pure)."""

from math import sqrt
from statistics import NormalDist
from typing import Final

_SURE: Final = 0.9  # the interval holds the true share so often


def interval(healed: int, tried: int) -> tuple[float, float]:
    """Return between which shares, 0..1, the true share of healed lies in nine cases of ten; 0 tried: anywhere.

    Wilson's score interval: honest for few tries and near the ends, where the plain one is not.

    Source:
        E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212.

    Raises:
        ValueError: more were healed than tried, or a count is negative.
    """
    if not 0 <= healed <= tried:
        problem = f"{healed} healed of {tried} tried"
        raise ValueError(problem)
    if tried == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1.0 + _SURE) / 2.0)
    share, squared = healed / tried, z * z
    middle = (share + squared / (2 * tried)) / (1.0 + squared / tried)
    half = z * sqrt(share * (1.0 - share) / tried + squared / (4 * tried * tried)) / (1.0 + squared / tried)
    return max(middle - half, 0.0), min(middle + half, 1.0)
