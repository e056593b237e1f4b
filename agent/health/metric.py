"""One metric of one device: how odd is this value, and what does it teach? (pure: compiled; works on a cell).

Long memory everywhere, and nothing is clipped when it is learned: a spread that was wrong is corrected by the first
surprise instead of raising alarms for days.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.forecast import forecasts, judge, mixture
from agent.health.memory import (
    BASE,
    FAST,
    LAST,
    LEARNED,
    MEASURE,
    PARTS,
    PROFILE,
    SMOOTH,
    SOFT,
    SPREAD,
    VIEWS,
    WEAR,
    WOBBLE,
)
from agent.health.novelty import distance, extremes, remember
from agent.health.surprise import softened

ZERO, ONE = np.float32(0.0), np.float32(1.0)
SLOWEST = np.float32(5e-5)
WOBBLE_RATE = np.float32(1e-3)
FAST_RATE = np.float32(0.125)
PROFILE_RATE = np.float32(0.01)
SMOOTHING = np.float32(1 / 16)
FLOOR = np.float32(0.01)
"""Least spread, as a share of the metric's range: nothing is ever infinitely surprising."""
SOFT_LIMIT = np.float32(10.0)
SECOND_VIEW = np.float32(0.4)
"""Weight of novelty in a forecast residual, against novelty of the value itself."""
JUDGED_AFTER = 8
"""Samples of a metric before its deviations count; novelty of residuals counts after ``WARM`` ones."""
WARM = 64
WEAR_CLIP = np.float32(10.0)
WEAR_S = 57_600.0
"""Memory of wear: sixteen hours, but never less than sixteen samples; what passes with the day is no wear."""


@part
def welcome(cell, at, x):
    """Take the first value of a metric, or notice that it is no switch."""
    if cell[at + LEARNED] == 0:
        cell[at + LAST] = x
        cell[at + FAST] = x
        cell[at + BASE] = np.nan
    if x != 0.0 and x != 1.0:  # noqa: PLR1714 - a set cannot be compiled
        cell[at + MEASURE] = 1.0


@part
def look(cell, at, x, level, var, hour, stale, teach):
    """Return deviation from the level, softened residual, novelty, and whether the metric ever moved.

    ``stale``: the last value is too old to forecast from. Short traces move even when nothing is taught, so that
    ``state`` follows the device while a remedy is at work.
    """
    lowest, highest = extremes(cell, at, 0, x)
    extent = highest - lowest
    moved = extent > np.float32(1e-6) * max(abs(lowest), abs(highest))
    measure = cell[at + MEASURE] > 0
    profile = cell[at + PROFILE + hour]
    residual = ZERO
    new = ZERO
    if moved and measure:
        floor = FLOOR * extent * FLOOR * extent
        spread = math.sqrt(var + floor)
        said = forecasts(cell, at, level, profile)
        miss = ZERO if stale else x - mixture(cell, at, said)
        if cell[at + LEARNED] > JUDGED_AFTER:
            residual = miss / math.sqrt(cell[at + WOBBLE] + floor)
            new = distance(cell, at, 0, x) / spread
        if teach and not stale:
            judge(cell, at, said, x, extent)
            cell[at + WOBBLE] += max(ONE / (cell[at + LEARNED] + ONE), WOBBLE_RATE) * (miss * miss - cell[at + WOBBLE])
    cell[at + SMOOTH] += SMOOTHING * (residual - cell[at + SMOOTH])
    if moved and measure:
        for view in range(1, VIEWS):
            new = max(new, _second_view(cell, at, view, residual if view == 1 else cell[at + SMOOTH], teach))
    soft = softened(residual, SOFT_LIMIT)
    cell[at + SOFT] += SMOOTHING * (soft - cell[at + SOFT])
    _follow(cell, at, x, hour, profile, teach)
    return soft, new, moved and measure


@part
def _second_view(cell, at, view, seen, teach):
    """Return how new a residual is, in its own standard deviations and weighted, and remember it."""
    place = at + SPREAD + view - 1
    away = distance(cell, at, view, seen)
    new = ZERO
    if away > ZERO and cell[at + LEARNED] > WARM:
        lowest, highest = extremes(cell, at, view, seen)
        new = SECOND_VIEW * away / math.sqrt(cell[place] + FLOOR * FLOOR * (highest - lowest) * (highest - lowest))
    if teach:
        cell[place] += max(ONE / (cell[at + LEARNED] + ONE), SLOWEST) * (seen * seen - cell[place])
        if away > 0.0 or cell[at + PARTS + view] == 0:
            remember(cell, at, view, seen)
    return new


@part
def _follow(cell, at, x, hour, profile, teach):
    """Move the short traces and, when taught, the profile and the values seen."""
    cell[at + LAST] = x
    cell[at + FAST] += FAST_RATE * (x - cell[at + FAST])
    cell[at + BASE] = profile
    if teach:
        cell[at + PROFILE + hour] = x if math.isnan(profile) else profile + PROFILE_RATE * (x - profile)
        if cell[at + PARTS] == 0 or distance(cell, at, 0, x) > 0:
            remember(cell, at, 0, x)


@part
def wear_of(cell, at, off, spread, rate):
    """Smooth the deviation from the device's own level in units of the fleet's spread, and return its square."""
    deviation = min(max(off / spread, -WEAR_CLIP), WEAR_CLIP)
    cell[at + WEAR] += rate * (deviation - cell[at + WEAR])
    return cell[at + WEAR] * cell[at + WEAR]
