"""The compiled loop of the per-device model: score a sample, then learn from it (state)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, FBT003, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.anchor import (
    ACCEPTING_S,
    IN_DOUBT,
    NEW_NORMAL_S,
    ONE_EAR,
    SHORT_RATE,
    expect,
    follow,
    learn_usual,
    rhythm,
    stray,
    together_score,
)
from agent.health.compiled import loop, part
from agent.health.kinship import (
    FLEET_RATE,
    WEAR_AFTER_S,
    WEAR_THRESHOLD,
    follow_noise,
    lean_on,
    relate,
    tell_fleet,
    wander_beside,
    welcome_device,
)
from agent.health.memory import ACCEPTED, CELL, CENTRE, DOUBT, HOURS, LEARNED, MEASURE, ODD, ORDINARY, SHORT, SOFT, TAUGHT, VARIANCE
from agent.health.metric import (
    JUDGED_AFTER,
    ONE,
    SLOWEST,
    SMOOTHING,
    WARM,
    WEAR_S,
    ZERO,
    look,
    wear_of,
    welcome,
)
from agent.health.relation import clip, dot, learn_moments, outer, product, triangle_places
from agent.health.surprise import HIGHEST, HOLD, NOVEL_REFERENCE, REFERENCE, as_score, log_of

SMOOTH_GAIN = math.log10((2 - float(SMOOTHING)) / float(SMOOTHING))
"""Smoothing shrinks the variance of independent values by this much; added back so that scales compare."""
LONG_GAP = 8.0
"""Usual intervals after which the last value says nothing about the next."""
NOTHING = -9.0
"""The logarithm that stands for no evidence at all."""
DAY_S = 86400.0
HOUR_S = 3600.0
SPEND = 0.6
THETA_LOW, THETA_START, THETA_HIGH = 1.0, 3.0, 8.0
EXPLAIN_FROM = 1.0
DAY_SAMPLES = 1440
REGIME_KNOWN = 20
BAR_FALL = 0.02
"""By how much the bar falls with each sample."""
EAGER = 256
"""Samples of a device after which its levels teach how metrics move together at every fourth sample, not at every one,
and the inverses follow at every 64th, not at every 16th."""
SETTLED = 64
"""Samples in a regime after which a device's level tells how devices differ."""


@loop
def step_rows(  # noqa: C901, PLR0915 - one loop, so that it compiles into one
    memory, fleet, per_day, device, at_s, values, regime, learn, onset, state, drift, alarm, warming, because, z, usual
):
    """Score and learn every row in order; the last eight arguments are written."""
    seen, last_s, interval_s, bar, bar_age, theta, alarm_s, trouble_s, mood, learned, mean, var, ordinary, cells, cov, inv = memory
    e = np.zeros(values.shape[1], np.float32)
    soft = np.zeros(values.shape[1], np.float32)
    level = np.zeros(values.shape[1], np.float32)
    novel = np.zeros(values.shape[1], np.float32)
    work = np.zeros(values.shape[1], np.float32)
    rows, columns = triangle_places(values.shape[1])
    squares = np.zeros(len(rows), np.float32)
    joint = np.zeros(len(rows), np.float32)
    for row in range(len(device)):
        d = device[row]
        r = regime[row]
        teach = learn[row]
        if last_s[d] == -np.inf:
            theta[d] = THETA_START
            last_s[d] = at_s[row]
            welcome_device(fleet.cov, fleet.cov_count, cov[d], inv[d], values.shape[1])
        if teach and learned[d, r] == 0:
            learned[d, r] = lean_on(fleet, r, mean[d, r], var[d, r])
        gap_s, stale = _arrive(last_s, interval_s, d, at_s[row])
        position = at_s[row] % DAY_S * HOURS / DAY_S
        hour = int(position)
        middle = position - 0.5 if position >= 0.5 else position + HOURS - 0.5
        before = int(middle)
        share = np.float32(middle - before)
        after = before + 1 if before + 1 < HOURS else 0
        wear_rate = np.float32(min(gap_s / WEAR_S, SMOOTHING))
        span_s = seen[d] * interval_s[d]
        warm = seen[d] >= WARM and (span_s >= DAY_S or seen[d] >= DAY_SAMPLES)
        accepted = at_s[row] - trouble_s[d] > NEW_NORMAL_S
        accepting = np.float32(min(gap_s / ACCEPTING_S, SMOOTHING)) if accepted else ZERO
        doubted = mood[d, DOUBT] >= IN_DOUBT and not accepted
        taught = teach and not (doubted and seen[d] % ONE_EAR)
        accept = teach and (accepted or not (doubted or mood[d, ODD] > 0))
        newest, worn, worst, judged = _look(
            fleet, cells[d], mean[d, r], var[d, r], ordinary[d, r], learned[d, r], hour, before, after, share, stale, wear_rate, span_s >= WEAR_AFTER_S,
            values[row], r, teach, warm, accept, taught, accepting, e, soft, level, novel, usual[row],
        )  # fmt: skip
        together = NOTHING
        outer(e, rows, columns, joint)
        if newest > NOTHING:
            outer(soft, rows, columns, squares)
            together = _together(inv[d, 0], e, joint, squares)
        warming[row] = not warm
        if _is_fresh(bar, bar_age, d, max(together, newest)):
            onset[row] = as_score(max(together, newest), REFERENCE)
        if judged > 0:
            outer(level, rows, columns, squares)
            size = np.float32(math.sqrt(max(dot(inv[d, 1], squares), 0.0) / judged))
            whole = together_score(mood[d], size, mood[d, ACCEPTED], accept)
            if accept:
                mood[d, ACCEPTED] += ONE
            odd = max(worst, whole) if judged > 1 else worst
            state[row] = min(max(odd - math.log10(judged), 0.0), HIGHEST)
            if teach:
                follow(mood[d], trouble_s, d, state[row], at_s[row])
        drift[row] = worn / WEAR_THRESHOLD
        alarm[row] = _spend(theta, alarm_s, d, at_s[row], gap_s, onset[row], warming[row], per_day, teach)
        if onset[row] >= EXPLAIN_FROM:
            _explain(inv[d, 0], e, novel, newest > together, because[row], work)
        elif state[row] >= EXPLAIN_FROM:
            _explain(inv[d, 1], level, novel, False, because[row], work)
        _say_short(cells[d], values[row], z[row])
        if teach:
            learned[d, r] += 1
            if learned[d, r] - 1 < SETTLED <= learned[d, r]:
                tell_fleet(fleet, r, mean[d, r], var[d, r])
            if clip(e):
                outer(e, rows, columns, joint)
            if judged > 0 and accept and seen[d] % 4 == 0:
                rate = max(4.0 / (mood[d, ACCEPTED] + 3.0 * EAGER), 4.0 * SLOWEST)
                learn_moments(cov[d, 1], squares, np.float32(rate))
            learn_moments(cov[d, 0], joint, np.float32(max(1.0 / (seen[d] + 3.0), SLOWEST)))
            if (seen[d] + 1) % (16 if seen[d] < EAGER else 64) == 0:
                relate(fleet, cov[d], inv[d], values.shape[1])
            seen[d] += 1


@part
def _say_short(cell, values, z):
    """Write the short-run deviation of every metric that was measured and is known well enough."""
    for metric in range(len(values)):
        judged = math.isfinite(values[metric]) and cell[metric * CELL + LEARNED] > JUDGED_AFTER
        z[metric] = cell[metric * CELL + SHORT] if judged else np.nan


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
def _look(
    fleet, cell, mean, var, ordinary, count, hour, before, after, share, stale, wear_rate, settled,
    values, regime, teach, warm, accept, taught, accepting, e, soft, level, novel, usual,
):  # fmt: skip
    """Judge and learn every metric; return the logarithm of novelty, −9 when nothing is alive, the wear index, the
    greatest score of a metric that strays, and how many could be judged.
    """
    fleet_mean = fleet.mean[regime]
    within = fleet.within[regime]
    fleet_pace = max(1.0 / (fleet.learned[regime] + 1.0), FLEET_RATE)
    live = 0
    newest = ZERO
    worn = 0.0
    wearing = 0
    worst = ZERO
    judged = 0
    for metric in range(len(values)):
        at = metric * CELL
        x = values[metric]
        e[metric] = novel[metric] = level[metric] = ZERO
        usual[metric] = ordinary[metric, CENTRE]
        if math.isfinite(x):
            welcome(cell, at, x)
            known = not math.isnan(mean[metric])
            centre = mean[metric] if known else x
            off = x - centre
            own = ordinary[metric]
            if math.isnan(own[CENTRE]):
                own[CENTRE] = centre
                own[VARIANCE] = var[metric]
                own[TAUGHT] = count
            said = rhythm(cell, at, own, before, after, share)
            expected = expect(own, said)
            rest = x - expected
            usual[metric] = expected
            if own[TAUGHT] >= REGIME_KNOWN and cell[at + MEASURE] > 0:
                level[metric], far = stray(cell, at, own, rest, warm, accept)
                worst = max(worst, far)
                judged += warm
            if taught:
                learn_usual(own, x, rest, said, cell[at + ORDINARY], accepting)
            oddness = look(cell, at, x, centre, var[metric], hour, stale, teach)
            e[metric], novel[metric], alive = oddness
            live += alive
            newest = max(newest, novel[metric])
            noise = follow_noise(fleet, regime, metric, rest, taught, fleet_pace)
            if cell[at + MEASURE] > 0 and noise > 1e-10 * fleet_mean[metric] * fleet_mean[metric]:
                wear = wear_of(cell, at, rest, np.float32(math.sqrt(noise)), wear_rate)
                if settled:
                    worn += wander_beside(fleet, metric, wear, taught)
                    wearing += 1
            if teach:
                pace = max(ONE / ((min(count, cell[at + LEARNED]) if count > WARM else count) + ONE), SLOWEST)
                mean[metric] = centre + pace * off
                var[metric] += pace * (off * off * (ONE - pace) - var[metric])
                cell[at + LEARNED] += ONE
                fleet_mean[metric] += fleet_pace * (x - fleet_mean[metric])
                if known:
                    within[metric] += fleet_pace * (off * off - within[metric])
        else:
            cell[at + SHORT] *= ONE - SHORT_RATE
        soft[metric] = cell[at + SOFT]
    if teach:
        fleet.learned[regime] += 1
    if live == 0:
        return NOTHING, 0.0, worst, judged
    return NOVEL_REFERENCE + log_of(newest) - math.log10(live), worn / max(1, wearing), worst, judged


@part
def _together(inverse, e, joint, lasting):
    """Return the mean logarithm of three statistics of the residuals.

    Hotelling's, which knows how metrics move together; the plain sum of squares, which does not; and Hotelling's of the
    smoothed residuals, which sees what lasts. Their geometric mean keeps what at least two of them find odd.
    """
    plain = 0.0
    for metric in range(len(e)):
        plain += e[metric] * e[metric]
    smooth = log_of(dot(inverse, lasting)) + SMOOTH_GAIN
    return (log_of(dot(inverse, joint)) + log_of(plain) + smooth) / 3.0


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
def _explain(inverse, e, novel, by_novelty, share, work):
    """Write each metric's signed share in the onset: ``y (C⁻¹ y)``, or its novelty where that decided."""
    product(inverse, e, work)
    total = ZERO
    for metric in range(len(e)):
        part = novel[metric] * novel[metric] if by_novelty else max(work[metric] * e[metric], ZERO)
        total += part
        share[metric] = math.copysign(part, e[metric])
    if total > 0:
        for metric in range(len(e)):
            share[metric] /= total
