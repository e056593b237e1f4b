"""What is ordinary for this device: level and habit, and how far it strays from them (pure: compiled).

A reading is held against what this regime and this time of day have shown. What is left, in its own standard
deviations, is smoothed over a few samples; how far that strays on ordinary days is learned too. A device that is off is
listened to with one ear, so that ill days do not become ordinary; after three days they do, for then they are what the
device is.

Works on a device's cells and on the sheet, eight metrics at a time; what is usual is laid out there beforehand, because
places that are only known as it runs would have each metric done alone.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import block, part
from agent.health.memory import (
    CENTRE,
    CROSS,
    DOUBT,
    LEFT,
    MEASURE,
    NEXT,
    ORDINARY,
    POWER,
    RATE,
    SHORT,
    STRAY,
    TAUGHT,
    VARIANCE,
    WAS_ODD,
    WEAR,
)
from agent.health.rarity import FAR, RATE_WEIGHT
from agent.health.sheet import (
    EARLY,
    FLEET_SPREAD,
    FURTHEST,
    HABITUAL,
    JUDGED,
    LATE,
    MOST_WORN,
    REST,
    SHORT_Z,
    STRAYS,
    USUAL,
    VALUE,
    WANDER,
    WEARING,
    WEARS,
    WORN,
    anchor_row,
)

ZERO, ONE, HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
NAN = np.float32(np.nan)
UNBOUNDED = np.float32(3e38)
SLOWEST = np.float32(5e-5)
SHORT_RATE, SHORT_CLIP = np.float32(0.25), np.float32(6.0)
KNOWN_FROM = np.float32(20.0)
"""Samples in a regime before it is judged."""
WEIGHT = np.float32(100.0)
"""Samples that what is first believed of a metric's spread counts as."""
LEAST_SIGMA = np.float32(5e-4)
"""Of the level: below that, rounding would be a fault."""
LEAST_SQUARE = np.float32(1e-18)
LEARN_CLIP = np.float32(8.0)
"""Standard deviations an outlier may weigh in what is learned."""
MOST_HABIT = np.float32(2.0)
"""Standard deviations of the regime that a habit may explain."""
SLOWEST_HABIT = np.float32(0.005)
HABIT_FROM, HABIT_WEIGHT = 24.0, 120.0
WEAR_CLIP = np.float32(10.0)
WEAR_S = 57_600.0
"""Memory of wear: sixteen hours, but never less than sixteen samples."""
ODD_FROM = 2.0
IN_DOUBT, IN_TROUBLE, MOST_DOUBT = 3.0, 10.0, np.float32(20.0)
"""Odd samples."""
ONE_EAR = 16
"""One sample in so many teaches what is ordinary while the device is off."""
NEW_NORMAL_S = 3 * 86_400.0
ACCEPTING_S = 4 * 3_600.0
"""How quickly the level then goes where the device is."""
CENTRES, VARIANCES, LEFTS = anchor_row(CENTRE), anchor_row(VARIANCE), anchor_row(LEFT)
CROSSES, POWERS, COUNTS = anchor_row(CROSS), anchor_row(POWER), anchor_row(TAUGHT)


@block
def weigh(  # noqa: PLR0915 - one loop: what it knows of a lane stays in registers
    cells, at, sheet, first, sums, share, warm, taught, accept, accepting, habit_rate, wear_rate, settled,
):  # fmt: skip
    """Hold a block of metrics against what is ordinary, and learn that.

    ``taught`` and ``accept``: whether level and habit, and straying, learn from this sample. ``accepting``: the share
    of the way that the level goes at least, 0 but when a new normal is taken over.
    """
    for lane in range(NEXT):
        cell, here = at + lane, first + lane
        x = sheet[VALUE + here]
        measured = math.isfinite(x)
        held = sheet[CENTRES + here]
        centre = x if math.isnan(held) else held
        variance = sheet[VARIANCES + here]
        left = sheet[LEFTS + here]
        cross = sheet[CROSSES + here]
        power = sheet[POWERS + here]
        count = sheet[COUNTS + here]
        early = sheet[EARLY + here]
        late = sheet[LATE + here]
        early = centre if math.isnan(early) else early
        late = centre if math.isnan(late) else late
        widest = MOST_HABIT * math.sqrt(variance)
        said = min(max(early + share * (late - early) - centre, -widest), widest)
        expected = centre + min(max(cross / power, ZERO), ONE) * said
        off = x - centre
        rest = x - expected
        least = LEAST_SIGMA * centre
        sigma = math.sqrt(max(left * variance, least * least, LEAST_SQUARE))
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
        beyond = square / sheet[WANDER + here] if worn else ZERO
        sums[WORN + lane] += beyond
        sums[MOST_WORN + lane] = max(sums[MOST_WORN + lane], beyond)
        sums[WEARING + lane] += ONE if worn else ZERO

        learns = measured & taught
        varies = learns & warm & (variance > ZERO)
        most = LEARN_CLIP * sigma if (count > WEIGHT) & (variance > ZERO) else UNBOUNDED
        bounded = min(max(rest, -most), most)
        lesson = expected + bounded - centre
        pace = max(ONE / (min(ordinary, count) + WEIGHT), SLOWEST)
        sheet[LEFTS + here] = left + pace * (bounded * bounded / variance - left) if varies else left
        sheet[CROSSES + here] = cross + pace * (lesson * said / variance - cross) if varies else cross
        sheet[POWERS + here] = power + pace * (said * said / variance - power) if varies else power
        pace = max(ONE / (count + ONE), SLOWEST)
        way = accepting * off if accepting > pace else pace * lesson
        sheet[CENTRES + here] = centre + way if learns else held
        sheet[VARIANCES + here] = variance + pace * (lesson * lesson * (ONE - pace) - variance) if learns else variance
        sheet[COUNTS + here] = count + ONE if learns else count
        habit = sheet[HABITUAL + here]
        fresh = x if math.isnan(habit) else habit + habit_rate * (centre + lesson - habit)
        sheet[HABITUAL + here] = fresh if learns else habit

        takes = judged & accept
        pace = max(ONE / (ordinary + WEIGHT), SLOWEST)
        cells[cell + STRAY] = stray + pace * (short * short - stray) if takes else stray
        pace = max(ONE / (ordinary + RATE_WEIGHT), SLOWEST)
        rate = cells[cell + RATE]
        cells[cell + RATE] = rate + pace * ((ONE if abs(y) > FAR else ZERO) - rate) if takes else rate
        cells[cell + ORDINARY] = ordinary + ONE if takes else ordinary


@part
def follow(mood, feels, trouble_s, d, odd, at_s):
    """Let doubt grow while samples are odd and fade, half as fast, while they are not."""
    doubt = mood[feels + DOUBT]
    doubt = min(doubt + ONE, MOST_DOUBT) if odd else max(doubt - HALF, ZERO)
    mood[feels + WAS_ODD] = ONE if odd else ZERO
    mood[feels + DOUBT] = doubt
    if doubt == ZERO:
        trouble_s[d] = np.inf
    elif trouble_s[d] == np.inf and doubt >= IN_TROUBLE:
        trouble_s[d] = at_s
