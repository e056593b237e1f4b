"""What one sample needs, metric beside metric (state): the kernel's worksheet, used anew for every sample.

A device's row in the fleet's arrays and the sample are laid out here before the arithmetic, so that eight metrics at a
time go through it in one array with places known when it is compiled, and what was learned is written back after it.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import BLOCK, HABIT, LANES, LEAST_WANDER, NEXT, PROFILE, USUAL_ROWS

MOST_METRICS = 512
"""Metrics a model may have."""
_ROW = MOST_METRICS + LANES  # not a power of two: those fall on each other in the processor's cache


def _row(number: int) -> np.uint64:
    return np.uint64(number * _ROW)


# Rows of the sheet, one number a metric.
VALUE = _row(0)  # as measured; NaN: not, or no such metric
MEAN = _row(1)  # level and variance in this regime
VAR = _row(2)
HOUR = _row(3)  # the profile at this hour
FLEET_SPREAD = _row(4)  # standard deviation within a device of the fleet; 0 where that says nothing
OFF = _row(5)  # from the level; NaN where that is not known
MISS = _row(6)  # standardised forecast residual; then softened
NOVEL = _row(7)
NEWS = _row(8)  # which views shall remember this sample, as bits
SOFTS = _row(9)  # what lasts of the residuals
REST = _row(10)  # what level and habit leave over; NaN where that is not known
WEARS = _row(11)  # squared wear, 0 where there is none
WANDER = _row(12)  # what that is as a rule in the fleet
STRAYS = _row(13)  # short-run deviation over its ordinary size
SHORT_Z = _row(14)  # short-run deviation and what was expected, as they are told
USUAL = _row(15)
ANCHOR = _row(16)  # what is usual in the regime: as many rows as memory has of it
EARLY = ANCHOR + _row(USUAL_ROWS)  # the habit at the hours before and after, and in this one
LATE = EARLY + _row(1)
HABITUAL = LATE + _row(1)
SHEET = int(HABITUAL + _row(1))


def anchor_row(number: int) -> np.uint64:
    """Return where the sheet has a row of what is usual in the regime."""
    return ANCHOR + _row(number)


# Rows of the sums, one number a lane: over the blocks, and apart from the sheet so that where each lies is known.
LIVE = np.uint64(0)  # metrics that ever moved
NEWEST = LIVE + NEXT
ODD = NEWEST + NEXT  # samples to remember, and residuals to soften
PLAIN = ODD + NEXT  # squares of the residuals
PEAK = PLAIN + NEXT
JUDGED = PEAK + NEXT  # metrics whose straying is judged
FURTHEST = JUDGED + NEXT
WORN = FURTHEST + NEXT
WEARING = WORN + NEXT
MOST_WORN = WEARING + NEXT
SUMS = int(MOST_WORN + NEXT)
ZERO = np.float32(0.0)
NONE, FIRST = np.uint64(0), np.uint64(1)
_BLOCK, _ROW_WIDTH, _ROWS = np.uint64(BLOCK), np.uint64(_ROW), np.uint64(USUAL_ROWS)


@part
def lay_out(sheet, values, value_at, mean, var, level_at, cells, cell_at, hour, size, whole):
    """Write the sample and what is known of its metrics into the sheet; lanes beyond the last metric are NaN."""
    for metric in range(size):
        sheet[VALUE + metric] = values[value_at + metric]
    for metric in range(size):
        sheet[MEAN + metric] = mean[level_at + metric]
    for metric in range(size):
        sheet[VAR + metric] = var[level_at + metric]
    for metric in range(size, whole):
        sheet[VALUE + metric] = np.float32(np.nan)
    place = cell_at + PROFILE + hour * NEXT
    for first in range(NONE, whole, NEXT):
        for lane in range(NEXT):
            sheet[HOUR + first + lane] = cells[place + lane]
        place += _BLOCK


@part
def lay_fleet(sheet, mean, noise, wander, level_at, known, size):
    """Write how far the fleet's devices wander into the sheet, and their spread, 0 where too little is known of it."""
    for metric in range(size):
        usual = mean[level_at + metric]
        spread = noise[level_at + metric]
        trusted = known & (spread > 1e-10 * usual * usual)
        sheet[FLEET_SPREAD + metric] = np.float32(math.sqrt(spread)) if trusted else ZERO
    for metric in range(size):
        sheet[WANDER + metric] = np.float32(max(wander[metric], LEAST_WANDER))


@part
def lay_anchor(sheet, usual, usual_at, cells, at, first, whole, hour, before, after):
    """Write what is usual of a block of metrics, and their habits about this time of day, into the sheet."""
    for row in range(_ROWS):
        for lane in range(NEXT):
            sheet[ANCHOR + row * _ROW_WIDTH + first + lane] = usual[usual_at + row * whole + first + lane]
    for lane in range(NEXT):
        sheet[EARLY + first + lane] = cells[at + HABIT + before * NEXT + lane]
    for lane in range(NEXT):
        sheet[LATE + first + lane] = cells[at + HABIT + after * NEXT + lane]
    for lane in range(NEXT):
        sheet[HABITUAL + first + lane] = cells[at + HABIT + hour * NEXT + lane]


@part
def keep_anchor(sheet, usual, usual_at, cells, at, first, whole, hour):
    """Write back what the sample taught of what is usual."""
    for row in range(_ROWS):
        for lane in range(NEXT):
            usual[usual_at + row * whole + first + lane] = sheet[ANCHOR + row * _ROW_WIDTH + first + lane]
    for lane in range(NEXT):
        cells[at + HABIT + hour * NEXT + lane] = sheet[HABITUAL + first + lane]


@part
def keep_levels(sheet, mean, var, level_at, cells, cell_at, hour, size, whole):
    """Write back what the sample taught."""
    for metric in range(size):
        mean[level_at + metric] = sheet[MEAN + metric]
    for metric in range(size):
        var[level_at + metric] = sheet[VAR + metric]
    place = cell_at + PROFILE + hour * NEXT
    for first in range(NONE, whole, NEXT):
        for lane in range(NEXT):
            cells[place + lane] = sheet[HOUR + first + lane]
        place += _BLOCK


@part
def tell_level(sheet, mean, within, level_at, pace, size):
    """Move the fleet's level and the spread within its devices towards this sample."""
    for metric in range(size):
        x = sheet[VALUE + metric]
        usual = mean[level_at + metric]
        mean[level_at + metric] = usual + pace * (x - usual) if math.isfinite(x) else usual
    for metric in range(size):
        off = sheet[OFF + metric]
        spread = within[level_at + metric]
        within[level_at + metric] = spread if math.isnan(off) else spread + pace * (off * off - spread)


@part
def total(sums, what):
    """Return the sum over the lanes."""
    whole = ZERO
    for lane in range(NEXT):
        whole += sums[what + lane]
    return whole


@part
def highest(sums, what):
    """Return the greatest of the lanes, at least 0."""
    peak = ZERO
    for lane in range(NEXT):
        peak = max(peak, sums[what + lane])
    return peak
