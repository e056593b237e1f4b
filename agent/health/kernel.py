"""The compiled loop of the per-device model: score a sample, then learn from it (state)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, FBT003, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.ahead import fetch
from agent.health.anchor import (
    ACCEPTING_S,
    HABIT_FROM,
    HABIT_WEIGHT,
    IN_DOUBT,
    NEW_NORMAL_S,
    ODD_FROM,
    ONE_EAR,
    SLOWEST_HABIT,
    WEAR_S,
    follow,
    weigh,
)
from agent.health.asking import THETA_START, arrive, is_fresh, spend
from agent.health.compiled import loop, part
from agent.health.kinship import (
    FLEET_KNOWN,
    FLEET_RATE,
    LONE_WEAR,
    WEAR_AFTER_S,
    WEAR_THRESHOLD,
    follow_wear,
    lean_on,
    relate,
    tell_fleet,
    tell_wear,
    welcome_device,
)
from agent.health.memory import ACCEPTED, BLOCK, DOUBT, HOURS, MOOD, NEXT, USUAL_ROWS, WAS_ODD
from agent.health.metric import ONE, SLOWEST, SMOOTHING, WARM, ZERO, look, settle_oddities, smooth
from agent.health.rarity import FAR, learn_tails, rarest, remember_peak, together
from agent.health.relation import CLIP, clip, dot, learn_moments, outer, twice
from agent.health.shares import explain, explain_wear
from agent.health.sheet import (
    FURTHEST,
    JUDGED,
    LIVE,
    MISS,
    MOST_WORN,
    NEWEST,
    ODD,
    PEAK,
    PLAIN,
    SHEET,
    SHORT_Z,
    SOFTS,
    STRAYS,
    SUMS,
    USUAL,
    WEARING,
    WORN,
    highest,
    keep_anchor,
    keep_levels,
    lay_anchor,
    lay_fleet,
    lay_out,
    tell_level,
    total,
)
from agent.health.surprise import HIGHEST, LEAST, NOVEL_REFERENCE, REFERENCE, as_score, log_of

SMOOTH_GAIN = math.log10((2 - float(SMOOTHING)) / float(SMOOTHING))
"""Smoothing shrinks the variance of independent values by this much; added back so that scales compare."""
WHOLE_BLOCK, FIRST, SECOND = np.uint64(BLOCK), np.uint64(1), np.uint64(2)
NOTHING = -9.0
"""The logarithm that stands for no evidence at all."""
DAY_S = 86400.0
EXPLAIN_FROM = 1.0
EAGER = 256
"""Samples of a device after which the inverses follow at every 64th, not at every 16th."""
DAY_SAMPLES = 1440
"""A device is warm after a day, or after so many samples."""
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
    (
        seen,
        last_s,
        interval_s,
        bar,
        bar_age,
        theta,
        alarm_s,
        trouble_s,
        worn_s,
        mood,
        learned,
        mean,
        var,
        ordinary,
        cells,
        cov,
        inv,
    ) = memory
    size, regimes = np.uint64(values.shape[1]), np.uint64(learned.shape[1])
    pairs, blocks = np.uint64(cov.shape[2]), np.uint64(cells.shape[1] // BLOCK)
    whole = blocks * NEXT
    flat_values, flat_learned, flat_cells = values.reshape(-1), learned.reshape(-1), cells.reshape(-1)
    flat_mean, flat_var, flat_cov, flat_inv = mean.reshape(-1), var.reshape(-1), cov.reshape(-1), inv.reshape(-1)
    flat_mood, flat_usual = mood.reshape(-1), ordinary.reshape(-1)
    fleet_mean, fleet_within, fleet_noise = fleet.mean.reshape(-1), fleet.within.reshape(-1), fleet.noise.reshape(-1)
    told_z, told_usual = z.reshape(-1), usual.reshape(-1)
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
        gap_s, stale = arrive(last_s, interval_s, d, at_s[row])
        hour, before, after, share = _time_of_day(at_s[row])
        span_s = seen[d] * interval_s[d]
        warm = seen[d] >= WARM and (span_s >= DAY_S or seen[d] >= DAY_SAMPLES)
        feels = place * np.uint64(MOOD)
        accepted = at_s[row] - trouble_s[d] > NEW_NORMAL_S
        accepting = np.float32(min(gap_s / ACCEPTING_S, SMOOTHING)) if accepted else ZERO
        doubted = flat_mood[feels + DOUBT] >= IN_DOUBT and not accepted
        wearing = at_s[row] - worn_s[d] > 0.0 and at_s[row] - worn_s[d] <= NEW_NORMAL_S
        taught = teach and not ((doubted or wearing) and seen[d] % ONE_EAR)
        accept = teach and (accepted or not (doubted or flat_mood[feels + WAS_ODD] > ZERO))
        habit_rate = max(np.float32(HABIT_FROM / (seen[d] + HABIT_WEIGHT)), SLOWEST_HABIT)
        wear_rate, settled = np.float32(min(gap_s / WEAR_S, SMOOTHING)), span_s >= WEAR_AFTER_S
        cell, level, common = place * blocks * WHOLE_BLOCK, own * size, r * size
        lay_out(
            sheet, flat_values, np.uint64(row) * size, flat_mean, flat_var, level, flat_cells, cell, hour, size, whole
        )
        lay_fleet(sheet, fleet_mean, fleet_noise, fleet.wander, common, fleet.learned[r] > FLEET_KNOWN, size)
        sums[:] = ZERO
        following = np.uint64(device[min(row + AHEAD, len(device) - 1)])
        for block in range(blocks):
            fetch(flat_cells, (following * blocks + block) * WHOLE_BLOCK, WHOLE_BLOCK)
            look(flat_cells, cell + block * WHOLE_BLOCK, sheet, block * NEXT, sums, flat_learned[own], stale, teach)
        fetch(flat_cov, following * SECOND * pairs, pairs)
        fetch(flat_inv, following * SECOND * pairs, SECOND * pairs)
        if total(sums, ODD) > ZERO:
            settle_oddities(flat_cells, cell, sheet, size)
        for block in range(blocks):
            smooth(flat_cells, cell + block * WHOLE_BLOCK, sheet, block * NEXT, sums)
        anchor = own * np.uint64(USUAL_ROWS) * whole
        for block in range(blocks):
            at, first = cell + block * WHOLE_BLOCK, block * NEXT
            lay_anchor(sheet, flat_usual, anchor, flat_cells, at, first, whole, hour, before, after)
            weigh(
                flat_cells,
                at,
                sheet,
                first,
                sums,
                share,
                warm,
                taught,
                accept,
                accepting,
                habit_rate,
                wear_rate,
                settled,
            )
            if taught:
                keep_anchor(sheet, flat_usual, anchor, flat_cells, at, first, whole, hour)
        if teach:
            keep_levels(sheet, flat_mean, flat_var, level, flat_cells, cell, hour, size, whole)
            fleet_pace = max(1.0 / (fleet.learned[r] + 1.0), FLEET_RATE)
            tell_level(sheet, fleet_mean, fleet_within, common, fleet_pace, size)
            known = fleet.learned[r] > FLEET_KNOWN
            tell_wear(sheet, fleet_noise, fleet.wander, fleet.wandered, common, known, settled, fleet_pace, size)
            fleet.learned[r] += 1
        residuals, levels = place * SECOND * pairs, (place * SECOND + FIRST) * pairs
        newest = joined = NOTHING
        live = total(sums, LIVE)
        twice(sheet, MISS, size, circle)
        outer(circle, size, joint)
        if live > ZERO:
            newest = NOVEL_REFERENCE + log_of(highest(sums, NEWEST)) - math.log10(live)
            twice(sheet, SOFTS, size, circle)
            outer(circle, size, squares)
            lasting = dot(flat_inv, residuals, squares, pairs)
            joined = _joined(dot(flat_inv, residuals, joint, pairs), total(sums, PLAIN), lasting)
        warming[row] = not warm
        if is_fresh(bar, bar_age, d, max(joined, newest)):
            onset[row] = as_score(max(joined, newest), REFERENCE)
        judged = total(sums, JUDGED)
        if judged > ZERO:
            twice(sheet, STRAYS, size, circle)
            outer(circle, size, squares)
            extent = np.float32(math.sqrt(max(dot(flat_inv, levels, squares, pairs), ZERO) / judged))
            furthest = highest(sums, FURTHEST)
            odd, which = rarest(flat_cells, cell, sheet, size, furthest)
            jointly = together(flat_mood, feels, extent, accept, flat_mood[feels + ACCEPTED])
            odd = max(odd, jointly) if judged > ONE else odd
            state[row] = min(max(odd - math.log10(judged), 0.0), HIGHEST)
            if accept:
                flat_mood[feels + ACCEPTED] += ONE
            if teach:
                is_odd = state[row] >= ODD_FROM
                if accept and furthest > FAR and not is_odd:
                    learn_tails(flat_cells, cell, sheet, size)
                follow(flat_mood, feels, trouble_s, d, is_odd, at_s[row])
                peak = abs(sheet[STRAYS + which])
                remember_peak(flat_cells, cell, flat_mood, feels, peak, which, is_odd, trouble_s[d] < np.inf)
        worn = total(sums, WORN)
        drift[row] = max(worn / max(ONE, total(sums, WEARING)) / WEAR_THRESHOLD, highest(sums, MOST_WORN) / LONE_WEAR)
        follow_wear(flat_mood, feels, worn_s, d, drift[row], at_s[row])
        alarm[row] = spend(theta, alarm_s, d, at_s[row], gap_s, onset[row], warming[row], per_day, teach)
        if drift[row] >= ONE and max(onset[row], state[row]) < ODD_FROM:
            explain_wear(flat_cells, cell, sheet, worn, because[row])
        elif onset[row] >= EXPLAIN_FROM:
            explain(inv[d, 0], sheet, MISS, newest > joined, because[row])
        elif state[row] >= EXPLAIN_FROM:
            explain(inv[d, 1], sheet, STRAYS, False, because[row])
        _tell(sheet, SHORT_Z, told_z, np.uint64(row) * size, size)
        _tell(sheet, USUAL, told_usual, np.uint64(row) * size, size)
        if teach:
            flat_learned[own] += 1
            if flat_learned[own] - 1 < SETTLED <= flat_learned[own]:
                tell_fleet(fleet, regime[row], mean[d, regime[row]], var[d, regime[row]])
            if highest(sums, PEAK) > CLIP:
                twice(sheet, MISS, size, circle)
                clip(circle, SECOND * size)
                outer(circle, size, joint)
            if judged > ZERO and accept and seen[d] % 4 == 0:
                rate = max(4.0 / (flat_mood[feels + ACCEPTED] + 3.0 * EAGER), 4.0 * SLOWEST)
                learn_moments(flat_cov, levels, squares, np.float32(rate), pairs)
            learn_moments(flat_cov, residuals, joint, np.float32(max(1.0 / (seen[d] + 3.0), SLOWEST)), pairs)
            if (seen[d] + 1) % (16 if seen[d] < EAGER else 64) == 0:
                relate(fleet, cov[d], inv[d], values.shape[1])
            seen[d] += 1


@part
def _time_of_day(at_s):
    """Return the hour, the hours whose middles lie before and after, and the share of the way to the latter."""
    position = at_s % DAY_S * HOURS / DAY_S
    middle = position - 0.5 if position >= 0.5 else position + HOURS - 0.5  # noqa: PLR2004 - half an hour
    before = int(middle)
    after = before + 1 if before + 1 < HOURS else 0
    return np.uint64(position), np.uint64(before), np.uint64(after), np.float32(middle - before)


@part
def _tell(sheet, what, out, at, size):
    """Copy a row of the sheet into a row of the scores."""
    for metric in range(size):
        out[at + metric] = sheet[what + metric]


@part
def _joined(joint, plain, lasting):
    """Return the mean logarithm of three statistics of the residuals.

    Hotelling's, which knows how metrics move together; the plain sum of squares, which does not; and Hotelling's of the
    smoothed residuals, which sees what lasts. Their geometric mean keeps what at least two of them find odd.
    """
    least = LEAST
    product_of_all = max(np.float64(joint), least) * max(np.float64(plain), least) * max(np.float64(lasting), least)
    return (math.log10(product_of_all) + SMOOTH_GAIN) / 3.0
