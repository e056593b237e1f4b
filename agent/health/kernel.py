"""The compiled loop of the per-device model: score a sample, then learn from it (state)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, FBT003, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.ahead import fetch
from agent.health.compiled import loop, part
from agent.health.kinship import lean_on, relate, tell_fleet, wear_against, welcome_device
from agent.health.memory import BLOCK, HOURS, NEXT
from agent.health.metric import SLOWEST, SMOOTHING, WARM, WEAR_S, ZERO, look, settle_oddities, smooth
from agent.health.relation import CLIP, clip, dot, learn_moments, outer, product, twice
from agent.health.sheet import (
    AWAY,
    LEVELS,
    LIVE,
    MISS,
    NEWEST,
    NOVEL,
    ODD,
    PEAK,
    PEAK_AWAY,
    PLAIN,
    SHEET,
    SHORT_Z,
    SOFTS,
    SUMS,
    USUAL,
    WEARING,
    WORN,
    highest,
    keep_levels,
    lay_fleet,
    lay_out,
    tell_level,
    total,
)
from agent.health.surprise import HOLD, LEAST, NOVEL_REFERENCE, REFERENCE, STATE_REFERENCE, as_score, log_of

SMOOTH_GAIN = math.log10((2 - float(SMOOTHING)) / float(SMOOTHING))
"""Smoothing shrinks the variance of independent values by this much; added back so that scales compare."""
LONG_GAP = 8.0
"""Usual intervals after which the last value says nothing about the next."""
WHOLE_BLOCK, FIRST, SECOND = np.uint64(BLOCK), np.uint64(1), np.uint64(2)
NOTHING = -9.0
"""The logarithm that stands for no evidence at all."""
DAY_S = 86400.0
HOUR_S = 3600.0
SPEND = 0.6
THETA_LOW, THETA_START, THETA_HIGH = 1.0, 3.0, 8.0
FLEET_RATE = 1e-5
FLEET_KNOWN = 30
"""Samples of the fleet before its spread is trusted."""
EXPLAIN_FROM = 1.0
BAR_FALL = 0.02
"""By how much the bar falls with each sample."""
EAGER = 256
"""Samples of a device after which its levels teach how metrics move together at every fourth sample, not at every one,
and the inverses follow at every 64th, not at every 16th."""
AHEAD = 2
"""Samples ahead of which a device's memory is asked for."""
SETTLED = 64
"""Samples in a regime after which a device's level tells how devices differ."""


@loop
def step_rows(  # noqa: C901, PLR0912, PLR0915 - one loop, so that it compiles into one
    memory, fleet, per_day, device, at_s, values, regime, learn, onset, state, drift, alarm, warming, because, z, usual
):
    """Score and learn every row in order; the last eight arguments are written.

    Arrays are taken as one long row each: a view of a part of one costs more than most of the arithmetic.
    """
    seen, last_s, interval_s, bar, bar_age, theta, alarm_s, learned, mean, var, cells, cov, inv = memory
    size, regimes = np.uint64(values.shape[1]), np.uint64(learned.shape[1])
    pairs, blocks = np.uint64(cov.shape[2]), np.uint64(cells.shape[1] // BLOCK)
    whole = blocks * NEXT
    flat_values, flat_learned, flat_cells = values.reshape(-1), learned.reshape(-1), cells.reshape(-1)
    flat_mean, flat_var, flat_cov, flat_inv = mean.reshape(-1), var.reshape(-1), cov.reshape(-1), inv.reshape(-1)
    fleet_mean, fleet_within = fleet.mean.reshape(-1), fleet.within.reshape(-1)
    flat_z, flat_usual = z.reshape(-1), usual.reshape(-1)
    sheet = np.zeros(SHEET, np.float32)
    sums = np.zeros(SUMS, np.float32)
    circle = np.zeros(2 * size + NEXT, np.float32)
    squares = np.zeros(pairs + NEXT, np.float32)
    joint = np.zeros(pairs + NEXT, np.float32)
    for row in range(len(device)):
        d = device[row]
        place, r = np.uint64(d), np.uint64(regime[row])
        teach = learn[row]
        if last_s[d] == -np.inf:
            theta[d] = THETA_START
            last_s[d] = at_s[row]
            welcome_device(fleet.cov, fleet.cov_count, cov[d], inv[d], values.shape[1])
        own = place * regimes + r
        if teach and flat_learned[own] == 0:
            flat_learned[own] = lean_on(fleet, regime[row], mean[d, regime[row]], var[d, regime[row]])
        gap_s, stale = _arrive(last_s, interval_s, d, at_s[row])
        hour = np.uint64(at_s[row] % DAY_S * HOURS / DAY_S)
        wear_rate = np.float32(min(gap_s / WEAR_S, SMOOTHING))
        cell, level, common = place * blocks * WHOLE_BLOCK, own * size, r * size
        lay_out(
            sheet, flat_values, np.uint64(row) * size, flat_mean, flat_var, level, flat_cells, cell, hour, size, whole
        )
        lay_fleet(sheet, fleet_mean, fleet_within, common, fleet.learned[r] > FLEET_KNOWN, size)
        sums[:] = ZERO
        following = np.uint64(device[min(row + AHEAD, len(device) - 1)])
        for block in range(blocks):
            fetch(flat_cells, (following * blocks + block) * WHOLE_BLOCK, WHOLE_BLOCK)
            look(
                flat_cells,
                cell + block * WHOLE_BLOCK,
                sheet,
                block * NEXT,
                sums,
                flat_learned[own],
                stale,
                teach,
                wear_rate,
            )
        fetch(flat_cov, following * SECOND * pairs, pairs)
        fetch(flat_inv, following * SECOND * pairs, SECOND * pairs)
        if total(sums, ODD) > ZERO:
            settle_oddities(flat_cells, cell, sheet, size)
        for block in range(blocks):
            smooth(flat_cells, cell + block * WHOLE_BLOCK, sheet, block * NEXT, sums)
        if teach:
            keep_levels(sheet, flat_mean, flat_var, level, flat_cells, cell, hour, size, whole)
            fleet_pace = max(1.0 / (fleet.learned[r] + 1.0), FLEET_RATE)
            tell_level(sheet, fleet_mean, fleet_within, common, fleet_pace, size)
            fleet.learned[r] += 1
        residuals, levels = place * SECOND * pairs, (place * SECOND + FIRST) * pairs
        newest = together = NOTHING
        live = total(sums, LIVE)
        twice(sheet, MISS, size, circle)
        outer(circle, size, joint)
        if live > ZERO:
            newest = NOVEL_REFERENCE + log_of(highest(sums, NEWEST)) - math.log10(live)
            twice(sheet, SOFTS, size, circle)
            outer(circle, size, squares)
            lasting = dot(flat_inv, residuals, squares, pairs)
            together = _together(dot(flat_inv, residuals, joint, pairs), total(sums, PLAIN), lasting)
        twice(sheet, LEVELS, size, circle)
        outer(circle, size, squares)
        warming[row] = seen[d] < WARM
        if _is_fresh(bar, bar_age, d, max(together, newest)):
            onset[row] = as_score(max(together, newest), REFERENCE)
        span_s = seen[d] * interval_s[d]
        state[row] = as_score(log_of(dot(flat_inv, levels, squares, pairs)) + SMOOTH_GAIN, STATE_REFERENCE)
        drift[row] = wear_against(fleet.wear, span_s, total(sums, WORN) / max(1.0, total(sums, WEARING)), teach)
        alarm[row] = _spend(theta, alarm_s, d, at_s[row], gap_s, onset[row], warming[row], per_day, teach)
        if onset[row] >= EXPLAIN_FROM:
            _explain(inv[d, 0], sheet, MISS, newest > together, because[row])
        elif state[row] >= EXPLAIN_FROM:
            _explain(inv[d, 1], sheet, LEVELS, False, because[row])
        _tell(sheet, SHORT_Z, flat_z, np.uint64(row) * size, size)
        _tell(sheet, USUAL, flat_usual, np.uint64(row) * size, size)
        if teach:
            flat_learned[own] += 1
            if flat_learned[own] - 1 < SETTLED <= flat_learned[own]:
                tell_fleet(fleet, regime[row], mean[d, regime[row]], var[d, regime[row]])
            if highest(sums, PEAK) > CLIP:
                twice(sheet, MISS, size, circle)
                clip(circle, SECOND * size)
                outer(circle, size, joint)
            if seen[d] < EAGER or seen[d] % 4 == 0:
                twice(sheet, AWAY, size, circle)
                if highest(sums, PEAK_AWAY) > CLIP:
                    clip(circle, SECOND * size)
                outer(circle, size, squares)
                rate = 1.0 / (seen[d] + 3.0) if seen[d] < EAGER else max(4.0 / (seen[d] + 3.0 * EAGER), 4.0 * SLOWEST)
                learn_moments(flat_cov, levels, squares, np.float32(rate), pairs)
            learn_moments(flat_cov, residuals, joint, np.float32(max(1.0 / (seen[d] + 3.0), SLOWEST)), pairs)
            if (seen[d] + 1) % (16 if seen[d] < EAGER else 64) == 0:
                relate(fleet, cov[d], inv[d], values.shape[1])
            seen[d] += 1


@part
def _tell(sheet, what, out, at, size):
    """Copy a row of the sheet into a row of the scores."""
    for metric in range(size):
        out[at + metric] = sheet[what + metric]


@part
def _arrive(last_s, interval_s, d, at_s):
    """Note the time; return the seconds since the last sample, and whether that is too old to forecast from."""
    gap_s = max(at_s - last_s[d], 0.0)
    last_s[d] += gap_s
    usual = interval_s[d]
    if gap_s > 0:
        interval_s[d] = usual + 0.05 * (min(gap_s, 4.0 * usual) - usual) if usual > 0 else gap_s
    return gap_s, usual > 0 and gap_s > LONG_GAP * usual


@part
def _together(joint, plain, lasting):
    """Return the mean logarithm of three statistics of the residuals.

    Hotelling's, which knows how metrics move together; the plain sum of squares, which does not; and Hotelling's of the
    smoothed residuals, which sees what lasts. Their geometric mean keeps what at least two of them find odd.
    """
    least = LEAST
    product_of_all = max(np.float64(joint), least) * max(np.float64(plain), least) * max(np.float64(lasting), least)
    return (math.log10(product_of_all) + SMOOTH_GAIN) / 3.0


@part
def _is_fresh(bar, bar_age, d, evidence):
    """Return whether this beats the bar: an onset is news, a thing that goes on is not."""
    bar_age[d] += 1
    fresh = evidence > bar[d] - BAR_FALL * bar_age[d] or bar_age[d] > HOLD
    if fresh:
        bar[d] = evidence
        bar_age[d] = 0
    return fresh


@part
def _spend(theta, alarm_s, d, at_s, gap_s, score, warming, per_day, teach):
    """Return whether to raise an alarm, and move the device's threshold so that alarms keep to the budget."""
    if teach:
        earned = SPEND * per_day * min(gap_s, DAY_S / 4) / DAY_S
        theta[d] = max(theta[d] - earned, THETA_LOW)
    loud = not warming and score >= theta[d] and at_s - alarm_s[d] >= HOUR_S
    if loud:
        alarm_s[d] = at_s
        theta[d] = min(theta[d] + SPEND, THETA_HIGH)
    return loud


@part
def _explain(inverse, sheet, what, by_novelty, share):
    """Write each metric's signed share in the onset: ``y (C⁻¹ y)``, or its novelty where that decided."""
    size = len(share)
    y = np.empty(2 * size, np.float32)
    work = np.empty(2 * size, np.float32)
    twice(sheet, what, np.uint64(size), y)
    product(inverse, y, work, size)
    whole = ZERO
    for metric in range(size):
        new = sheet[NOVEL + np.uint64(metric)]
        part = new * new if by_novelty else max(work[metric] * y[metric], ZERO)
        whole += part
        share[metric] = math.copysign(part, y[metric])
    if whole > 0:
        for metric in range(size):
            share[metric] /= whole
