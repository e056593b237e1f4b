"""What is ordinary for this device: level and habit, how far it strays from them, and how rare that is (pure: compiled).

A reading is held against what this regime and this time of day have shown. What is left, in its own standard
deviations, is smoothed over a few samples; how far that strays on ordinary days, and how rarely it strays further, is
each metric's own tail. A device that is off is listened to with one ear, so that ill days do not become ordinary; after
three days they do, for then they are what the device is.

Works on a device's cells, on what is usual in the regime, and on the sheet; eight metrics at a time but for the tails.

Source of the tail: J. R. M. Hosking, J. R. Wallis, Technometrics 29 (1987) 339-349: a generalised Pareto distribution
beyond two standard deviations, its shape by the method of moments.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import block, part
from agent.health.memory import (
    BLOCK,
    CENTRE,
    CROSS,
    DOUBT,
    EXCESS,
    EXCESS_SQUARE,
    HABIT,
    LEFT,
    MEASURE,
    NEXT,
    ORDINARY,
    POWER,
    RATE,
    SHORT,
    STRAY,
    TAUGHT,
    TOGETHER,
    TOGETHER_EXCESS,
    TOGETHER_EXCESS_SQUARE,
    TOGETHER_RATE,
    TOGETHER_SQUARE,
    VARIANCE,
    WAS_ODD,
    WEAR,
)
from agent.health.sheet import (
    FLEET_SPREAD,
    FURTHEST,
    JUDGED,
    REST,
    SHORT_Z,
    STRAYS,
    USUAL,
    VALUE,
    WANDER,
    WEARING,
    WEARS,
    WORN,
)

ZERO, ONE, HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
NAN = np.float32(np.nan)
SLOWEST = np.float32(5e-5)
SHORT_RATE, SHORT_CLIP = np.float32(0.25), np.float32(6.0)
KNOWN_FROM = np.float32(20.0)
"""Samples in a regime before it is judged."""
WEIGHT = np.float32(100.0)
"""Samples that what is first believed of a metric's spread counts as."""
FAR = np.float32(2.0)
"""Where the tail begins, in standard deviations."""
CALM = np.float32(0.45)
"""Score a standard deviation before the tail, where nothing is decided."""
RATE_WEIGHT, EXCESS_WEIGHT = np.float32(200.0), np.float32(30.0)
MOST_EXCESS = np.float32(4.0)
"""One wild value must not make the wildest ordinary."""
HEAVIEST, EXPONENTIAL = np.float32(0.45), np.float32(1e-3)
"""Shapes: from a half on the moments that give it do not exist; below the second it is none."""
LOG10_E = np.float32(0.4342945)
LEAST_SIGMA = np.float32(5e-4)
"""Of the level: below that, rounding would be a fault."""
LEAST_SQUARE = np.float32(1e-18)
LEARN_CLIP = np.float32(64.0)
"""Squared standard deviations an outlier may weigh in what is learned."""
MOST_HABIT = np.float32(2.0)
"""Standard deviations of the regime that a habit may explain."""
SLOWEST_HABIT = np.float32(0.005)
HABIT_FROM, HABIT_WEIGHT = 24.0, 120.0
WEAR_CLIP = np.float32(10.0)
WEAR_S = 57_600.0
"""Memory of wear: sixteen hours, but never less than sixteen samples."""
LEAST_SPREAD = np.float32(0.01)
ODD_FROM = 2.0
IN_DOUBT, IN_TROUBLE, MOST_DOUBT = 3.0, 10.0, np.float32(20.0)
"""Odd samples."""
ONE_EAR = 16
"""One sample in so many teaches what is ordinary while the device is off."""
NEW_NORMAL_S = 3 * 86_400.0
ACCEPTING_S = 4 * 3_600.0
"""How quickly the level then goes where the device is."""
WHOLE_BLOCK = np.uint64(BLOCK)
CENTRES, VARIANCES, LEFTS = np.uint64(CENTRE), np.uint64(VARIANCE), np.uint64(LEFT)
CROSSES, POWERS, COUNTS = np.uint64(CROSS), np.uint64(POWER), np.uint64(TAUGHT)


@block
def weigh(  # noqa: PLR0915 - one loop: what it knows of a lane stays in registers
    cells, at, usual, usual_at, whole, sheet, first, sums,
    hour, before, after, share, warm, taught, accept, accepting, habit_rate, wear_rate, settled,
):  # fmt: skip
    """Hold a block of metrics against what is ordinary, and learn that.

    ``taught`` and ``accept``: whether level and habit, and straying, learn from this sample. ``accepting``: the share of
    the way that the level goes at least, 0 but when a new normal is taken over.
    """
    for lane in range(NEXT):
        cell, here, own = at + lane, first + lane, usual_at + first + lane
        x = sheet[VALUE + here]
        measured = math.isfinite(x)
        held = usual[own + CENTRES * whole]
        centre = x if math.isnan(held) else held
        variance = usual[own + VARIANCES * whole]
        left = usual[own + LEFTS * whole]
        cross = usual[own + CROSSES * whole]
        power = usual[own + POWERS * whole]
        count = usual[own + COUNTS * whole]
        early = cells[cell + HABIT + before * NEXT]
        late = cells[cell + HABIT + after * NEXT]
        early = centre if math.isnan(early) else early
        late = centre if math.isnan(late) else late
        widest = MOST_HABIT * math.sqrt(variance)
        said = min(max(early + share * (late - early) - centre, -widest), widest)
        expected = centre + min(max(cross / power, ZERO), ONE) * said
        off = x - centre
        rest = x - expected
        least = LEAST_SIGMA * centre
        sigma = math.sqrt(max(max(left * variance, least * least), LEAST_SQUARE))
        z = min(max(rest / sigma, -SHORT_CLIP), SHORT_CLIP)
        alive = measured & (count >= KNOWN_FROM) & (cells[cell + MEASURE] > ZERO)
        short = cells[cell + SHORT]
        short = short + SHORT_RATE * ((z if alive else ZERO) - short)
        cells[cell + SHORT] = short
        stray = cells[cell + STRAY]
        ordinary = cells[cell + ORDINARY]
        judged = alive & warm
        y = short / math.sqrt(stray) if judged else ZERO
        sheet[STRAYS + here] = y
        sheet[SHORT_Z + here] = short if alive else NAN
        sheet[USUAL + here] = expected if measured else held
        sheet[REST + here] = rest if measured & taught & (count > ZERO) else NAN
        sums[JUDGED + lane] += ONE if judged else ZERO
        sums[FURTHEST + lane] = max(sums[FURTHEST + lane], abs(y))
        spread = sheet[FLEET_SPREAD + here]
        wearing = measured & (cells[cell + MEASURE] > ZERO) & (spread > ZERO)
        wear = cells[cell + WEAR]
        wear = wear + wear_rate * (min(max(rest / spread, -WEAR_CLIP), WEAR_CLIP) - wear) if wearing else wear
        cells[cell + WEAR] = wear
        square = wear * wear
        worn = wearing & settled
        sheet[WEARS + here] = square if worn & taught else ZERO
        sums[WORN + lane] += square / sheet[WANDER + here] if worn else ZERO
        sums[WEARING + lane] += ONE if worn else ZERO

        learns = measured & taught
        varies = learns & warm & (variance > ZERO)
        pace = max(ONE / (min(ordinary, count) + WEIGHT), SLOWEST)
        usual[own + LEFTS * whole] = left + pace * (min(rest * rest / variance, LEARN_CLIP * left) - left) if varies else left
        usual[own + CROSSES * whole] = cross + pace * (off * said / variance - cross) if varies else cross
        usual[own + POWERS * whole] = power + pace * (said * said / variance - power) if varies else power
        pace = max(ONE / (count + ONE), SLOWEST)
        surprise = off * off * (ONE - pace)
        surprise = min(surprise, LEARN_CLIP * variance) if (count > WEIGHT) & (variance > ZERO) else surprise
        usual[own + CENTRES * whole] = centre + max(pace, accepting) * off if learns else held
        usual[own + VARIANCES * whole] = variance + pace * (surprise - variance) if learns else variance
        usual[own + COUNTS * whole] = count + ONE if learns else count
        habit = cells[cell + HABIT + hour * NEXT]
        fresh = x if math.isnan(habit) else habit + habit_rate * (x - habit)
        cells[cell + HABIT + hour * NEXT] = fresh if learns else habit

        takes = judged & accept
        pace = max(ONE / (ordinary + WEIGHT), SLOWEST)
        cells[cell + STRAY] = stray + pace * (short * short - stray) if takes else stray
        pace = max(ONE / (ordinary + RATE_WEIGHT), SLOWEST)
        rate = cells[cell + RATE]
        cells[cell + RATE] = rate + pace * ((ONE if abs(y) > FAR else ZERO) - rate) if takes else rate
        cells[cell + ORDINARY] = ordinary + ONE if takes else ordinary


@part
def tail_score(size, rate, excess, square):
    """Return −log10 of the probability of a deviation of ``size`` standard deviations or more."""
    if size <= FAR:
        return size * CALM
    variance = square - excess * excess
    shape = HEAVIEST
    if variance > ZERO:
        shape = min(max(HALF * (ONE - excess * excess / variance), ZERO), HEAVIEST)
    reach = (size - FAR) / (excess * (ONE - shape))
    beyond = reach * LOG10_E
    if shape > EXPONENTIAL:
        beyond = np.float32(math.log10(ONE + shape * reach)) / shape
    return max(beyond - np.float32(math.log10(rate)), FAR * CALM)


@part
def rarest(cells, at, sheet, size, furthest, accept):
    """Return the score of the metric that strays most rarely; those that stray far teach how far that is."""
    worst = min(furthest, FAR) * CALM
    if furthest <= FAR:
        return worst
    for metric in range(size):
        strays = abs(sheet[STRAYS + metric])
        if strays > FAR:
            cell = at + metric // NEXT * WHOLE_BLOCK + metric % NEXT
            excess, square = cells[cell + EXCESS], cells[cell + EXCESS_SQUARE]
            worst = max(worst, tail_score(strays, cells[cell + RATE], excess, square))
            if accept:
                over = min(strays - FAR, MOST_EXCESS)
                pace = ONE / (cells[cell + ORDINARY] * cells[cell + RATE] + EXCESS_WEIGHT)
                cells[cell + EXCESS] = excess + pace * (over - excess)
                cells[cell + EXCESS_SQUARE] = square + pace * (over * over - square)
    return worst


@part
def together(mood, at, size, accept, count):
    """Return the score of how far all metrics stray together, and take that for ordinary where ``accept``."""
    mean, square = mood[at + TOGETHER], mood[at + TOGETHER_SQUARE]
    far = max((size - mean) / np.float32(math.sqrt(max(square - mean * mean, LEAST_SPREAD))), ZERO)
    rate, excess, beyond = mood[at + TOGETHER_RATE], mood[at + TOGETHER_EXCESS], mood[at + TOGETHER_EXCESS_SQUARE]
    score = tail_score(far, rate, excess, beyond)
    if accept:
        pace = max(ONE / (count + ONE), SLOWEST)
        mood[at + TOGETHER] = mean + pace * (size - mean)
        mood[at + TOGETHER_SQUARE] = square + pace * (size * size - square)
        pace = max(ONE / (count + RATE_WEIGHT), SLOWEST)
        mood[at + TOGETHER_RATE] = rate + pace * ((ONE if far > FAR else ZERO) - rate)
        if far > FAR:
            over = min(far - FAR, MOST_EXCESS)
            pace = ONE / (count * rate + EXCESS_WEIGHT)
            mood[at + TOGETHER_EXCESS] = excess + pace * (over - excess)
            mood[at + TOGETHER_EXCESS_SQUARE] = beyond + pace * (over * over - beyond)
    return score


@part
def follow(mood, at, trouble_s, d, state, at_s):
    """Let doubt grow while samples are odd and fade, half as fast, while they are not."""
    odd = state >= ODD_FROM
    doubt = mood[at + DOUBT]
    doubt = min(doubt + ONE, MOST_DOUBT) if odd else max(doubt - HALF, ZERO)
    mood[at + WAS_ODD] = ONE if odd else ZERO
    mood[at + DOUBT] = doubt
    if doubt == ZERO:
        trouble_s[d] = np.inf
    elif trouble_s[d] == np.inf and doubt >= IN_TROUBLE:
        trouble_s[d] = at_s
