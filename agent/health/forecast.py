"""What the next value of a metric should be (pure: compiled; works on a cell of the model's memory).

Six forecasters compete: the last value, the recent average, the level, the time of day, the last value carried on by
its recent trend, and the time of day shifted by how the last sample missed it. Their forecasts are averaged with
weights ``1/mse²``, each mean square error remembered over about 300 samples. Source of the weighting: J. M. Bates, C.
W. J. Granger, "The Combination of Forecasts", Operational Research Quarterly 20 (1969) 451-468, with sharper weights.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import BASE, ERROR, FAST, LAST, LEARNED

ERROR_RATE = np.float32(1 / 300)
TINY = np.float32(1e-8)


@part
def forecasts(cell, at, level, hour):
    """Return the six forecasts; ``hour``: the profile of this hour, NaN while unknown."""
    last = np.float32(cell[at + LAST])
    fast = np.float32(cell[at + FAST])
    base = np.float32(cell[at + BASE])
    usual = np.float32(level)
    expected = usual if math.isnan(hour) else np.float32(hour)
    shifted = last if math.isnan(base) else expected + last - base
    return last, fast, usual, expected, np.float32(2.0) * last - fast, shifted


@part
def mixture(cell, at, said):
    """Return the weighted forecast."""
    total = np.float32(0.0)
    weights = np.float32(0.0)
    for which in range(len(said)):
        weight = np.float32(1.0) / (cell[at + ERROR + which] * cell[at + ERROR + which] + TINY)
        weights += weight
        total += weight * said[which]
    return total / weights


@part
def judge(cell, at, said, x, extent):
    """Learn how each forecaster did, in place; ``extent`` is the metric's range so far."""
    rate = max(np.float32(1.0) / (cell[at + LEARNED] + np.float32(2.0)), ERROR_RATE)
    unit = np.float32(10.0) / extent
    for which in range(len(said)):
        miss = unit * (x - said[which])
        cell[at + ERROR + which] += rate * (miss * miss - cell[at + ERROR + which])
