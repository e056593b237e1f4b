"""What the next value of a metric should be (pure: compiled; works on a cell of the model's memory).

Six forecasters compete: the last value, the recent average, the level, the time of day, the last value carried on by
its recent trend, and the time of day shifted by how the last sample missed it. Their forecasts are averaged with
weights ``1/mse²``, each mean square error remembered over about 300 samples. Source of the weighting: J. M. Bates, C.
W. J. Granger, "The Combination of Forecasts", Operational Research Quarterly 20 (1969) 451-468, with sharper weights.

The six are written out one by one: a loop over them would be one metric after the other.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import ERROR, NEXT

ONE, TWO = np.float32(1.0), np.float32(2.0)
ERROR_RATE = np.float32(1 / 300)
TINY = np.float32(1e-8)
UNIT = np.float32(10.0)
E0, E1, E2 = ERROR, ERROR + NEXT, ERROR + NEXT + NEXT
E3, E4, E5 = E2 + NEXT, E2 + NEXT + NEXT, E2 + NEXT + NEXT + NEXT


@part
def forecasts(last, fast, base, level, hour):
    """Return the six forecasts; ``hour``: the profile of this hour, NaN while unknown."""
    expected = level if math.isnan(hour) else hour
    shifted = last if math.isnan(base) else expected + last - base
    return last, fast, level, expected, TWO * last - fast, shifted


@part
def _weight(error):
    return ONE / (error * error + TINY)


@part
def mixture(cells, at, said):
    """Return the weighted forecast."""
    a, b, c, d, e, f = said
    wa, wb, wc = _weight(cells[at + E0]), _weight(cells[at + E1]), _weight(cells[at + E2])
    wd, we, wf = _weight(cells[at + E3]), _weight(cells[at + E4]), _weight(cells[at + E5])
    return (wa * a + wb * b + wc * c + wd * d + we * e + wf * f) / (wa + wb + wc + wd + we + wf)


@part
def judge(cells, at, said, x, extent, learned, taught):
    """Learn how each forecaster did where ``taught``, in place; ``extent`` is the metric's range so far."""
    a, b, c, d, e, f = said
    rate = max(ONE / (learned + TWO), ERROR_RATE)
    unit = UNIT / extent
    cells[at + E0] = _judged(cells[at + E0], unit * (x - a), rate, taught)
    cells[at + E1] = _judged(cells[at + E1], unit * (x - b), rate, taught)
    cells[at + E2] = _judged(cells[at + E2], unit * (x - c), rate, taught)
    cells[at + E3] = _judged(cells[at + E3], unit * (x - d), rate, taught)
    cells[at + E4] = _judged(cells[at + E4], unit * (x - e), rate, taught)
    cells[at + E5] = _judged(cells[at + E5], unit * (x - f), rate, taught)


@part
def _judged(error, miss, rate, taught):
    return error + rate * (miss * miss - error) if taught else error
