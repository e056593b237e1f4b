"""One sample of one device, eight metrics at a time: how odd is each value, and what does it teach? (pure: compiled).

Works on a device's cells and on the sheet of the sample. Every step is done for every lane and kept where it applies,
because eight lanes without a branch are quicker than one with. Long memory everywhere, and nothing is clipped when it
is learned: a spread that was wrong is corrected by the first surprise instead of raising alarms for days.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import block, part
from agent.health.forecast import forecasts, judge, mixture
from agent.health.memory import (
    BASE,
    BLOCK,
    FAST,
    LAST,
    LEARNED,
    MEASURE,
    NEXT,
    PARTS,
    SMOOTH,
    SOFT,
    SPREAD,
    WOBBLE,
)
from agent.health.novelty import nearest, remember_views
from agent.health.sheet import (
    HOUR,
    LIVE,
    MEAN,
    MISS,
    NEWEST,
    NEWS,
    NOVEL,
    ODD,
    OFF,
    PEAK,
    PLAIN,
    SOFTS,
    VALUE,
    VAR,
)
from agent.health.surprise import softened

ZERO, ONE = np.float32(0.0), np.float32(1.0)
NAN = np.float32(np.nan)
LEAST_EXTENT = np.float32(1e-6)
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
JUDGED_AFTER = np.float32(8)
"""Samples of a metric before its deviations count; novelty of residuals counts after ``WARM`` ones."""
WARM = np.float32(64)
WHOLE_BLOCK = np.uint64(BLOCK)
VALUES, RESIDUALS, SMOOTHED = np.uint64(0), np.uint64(1), np.uint64(2)  # the views
BIT_0, BIT_1, BIT_2 = ONE, np.float32(2), np.float32(4)


@block
def look(cells, at, sheet, first, sums, count, stale, teach):  # noqa: PLR0915 - one loop: what it knows of a lane stays in registers
    """Judge and learn a block of metrics; ``count``: samples of the device in this regime.

    Short traces move even when nothing is taught, so that ``state`` follows the device while a remedy is at work.
    """
    steady = count > WARM
    for lane in range(NEXT):
        cell, here = at + lane, first + lane
        x = sheet[VALUE + here]
        measured = math.isfinite(x)
        learned = cells[cell + LEARNED]
        new = learned == ZERO
        last = x if new else cells[cell + LAST]
        fast = x if new else cells[cell + FAST]
        base = NAN if new else cells[cell + BASE]
        measure = ONE if (x != ZERO) & (x != ONE) else cells[cell + MEASURE]
        usual = sheet[MEAN + here]
        var = sheet[VAR + here]
        profile = sheet[HOUR + here]
        known = not math.isnan(usual)
        level = usual if known else x
        off = x - level
        away, least, greatest = nearest(cells, cell, VALUES, x)
        extent = greatest - least
        moved = extent > LEAST_EXTENT * max(abs(least), abs(greatest))
        alive = measured & moved & (measure > ZERO)
        judged = alive & (learned > JUDGED_AFTER)
        floor = FLOOR * extent * FLOOR * extent
        spread = math.sqrt(var + floor)
        said = forecasts(last, fast, base, level, profile)
        wobble = cells[cell + WOBBLE]
        miss = ZERO if stale else x - mixture(cells, cell, said)
        residual = miss / math.sqrt(wobble + floor) if judged else ZERO
        novel = away / spread if judged else ZERO
        taught = alive & teach & (not stale)
        judge(cells, cell, said, x, extent, learned, taught)
        rate = max(ONE / (learned + ONE), WOBBLE_RATE)
        cells[cell + WOBBLE] = wobble + rate * (miss * miss - wobble) if taught else wobble
        smooth = cells[cell + SMOOTH]
        smooth = smooth + SMOOTHING * (residual - smooth) if measured else smooth
        cells[cell + SMOOTH] = smooth
        second, bit1 = _second_view(cells, cell, RESIDUALS, residual, learned, alive, teach)
        third, bit2 = _second_view(cells, cell, SMOOTHED, smooth, learned, alive, teach)
        novel = max(novel, second, third)
        bit0 = measured & teach & ((away > ZERO) | (cells[cell + PARTS] == ZERO))
        news = (BIT_0 if bit0 else ZERO) + (BIT_1 if bit1 else ZERO) + (BIT_2 if bit2 else ZERO)
        sheet[NEWS + here] = news
        sheet[OFF + here] = off if measured & known else NAN
        sheet[MISS + here] = residual
        sheet[NOVEL + here] = novel
        sums[ODD + lane] += news + (ONE if abs(residual) > SOFT_LIMIT else ZERO)
        sums[LIVE + lane] += ONE if alive else ZERO
        sums[NEWEST + lane] = max(sums[NEWEST + lane], novel)
        learns = measured & teach
        pace = max(ONE / ((min(count, learned) if steady else count) + ONE), SLOWEST)
        sheet[MEAN + here] = level + pace * off if learns else usual
        sheet[VAR + here] = var + pace * (off * off * (ONE - pace) - var) if learns else var
        fresh = x if math.isnan(profile) else profile + PROFILE_RATE * (x - profile)
        sheet[HOUR + here] = fresh if learns else profile
        cells[cell + LEARNED] = learned + ONE if learns else learned
        cells[cell + MEASURE] = measure if measured else cells[cell + MEASURE]
        cells[cell + LAST] = x if measured else cells[cell + LAST]
        cells[cell + FAST] = fast + FAST_RATE * (x - fast) if measured else cells[cell + FAST]
        cells[cell + BASE] = profile if measured else cells[cell + BASE]


@part
def _second_view(cells, cell, view, seen, learned, alive, teach):
    """Return how new a residual is, in its own standard deviations and weighted, and whether to remember it."""
    place = cell + SPREAD + (view - RESIDUALS) * NEXT
    spread = cells[place]
    away, least, greatest = nearest(cells, cell, view, seen)
    extent = greatest - least
    new = SECOND_VIEW * away / math.sqrt(spread + FLOOR * FLOOR * extent * extent)
    taught = alive & teach
    cells[place] = spread + max(ONE / (learned + ONE), SLOWEST) * (seen * seen - spread) if taught else spread
    return (
        new if alive & (away > ZERO) & (learned > WARM) else ZERO,
        taught & ((away > ZERO) | (cells[cell + PARTS + view * NEXT] == ZERO)),
    )


@part
def settle_oddities(cells, at, sheet, size):
    """Remember what is new, and soften residuals that are extreme: what few metrics need, one after the other."""
    for metric in range(size):
        news = int(sheet[NEWS + metric])
        residual = sheet[MISS + metric]
        if news:
            cell = at + metric // NEXT * WHOLE_BLOCK + metric % NEXT
            remember_views(cells, np.int64(cell), news, sheet[VALUE + metric], residual, cells[cell + SMOOTH])
        if abs(residual) > SOFT_LIMIT:
            sheet[MISS + metric] = softened(residual, SOFT_LIMIT)


@block
def smooth(cells, at, sheet, first, sums):
    """Move the traces of the residuals of a block of metrics, and sum them up."""
    for lane in range(NEXT):
        cell, here = at + lane, first + lane
        measured = math.isfinite(sheet[VALUE + here])
        residual = sheet[MISS + here]
        soft = cells[cell + SOFT]
        soft = soft + SMOOTHING * (residual - soft) if measured else soft
        cells[cell + SOFT] = sheet[SOFTS + here] = soft
        sums[PLAIN + lane] += residual * residual
        sums[PEAK + lane] = max(sums[PEAK + lane], abs(residual))
