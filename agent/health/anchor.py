"""What is ordinary for this device: its rhythm, how far it strays, and how rare that is (pure: compiled; cells).

A reading is held against what this regime and this time of day have shown. What is left, in its own standard
deviations, is smoothed over a few samples; how far that strays on ordinary days, and how often it strays far, is each
metric's own tail. A device that is off is listened to with one ear, so that ill days do not become ordinary; after
three days they do, for then they are what the device is.

Source of the tail: an exponential excess over a threshold, the simplest of J. Pickands, Ann. Stat. 3 (1975) 119-131.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and arrays handed on one by one cost less than a tuple
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import (
    CENTRE,
    CROSS,
    DOUBT,
    EXCESS,
    EXCESS_SQUARE,
    LEFT,
    ODD,
    ORDINARY,
    POWER,
    PROFILE,
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
)

ZERO, ONE = np.float32(0.0), np.float32(1.0)
SLOWEST = np.float32(5e-5)
SHORT_RATE = np.float32(0.25)
SHORT_CLIP = np.float32(6.0)
FIRST_STRAY = SHORT_RATE / (np.float32(2.0) - SHORT_RATE)
"""Mean square of the smoothed deviation when its neighbours are independent."""
STRAY_WEIGHT = np.float32(100.0)
FAR = np.float32(2.0)
"""Where the tail begins, in standard deviations."""
CALM = np.float32(0.45)
"""Score a standard deviation before the tail, where nothing is decided."""
FIRST_RATE, RATE_WEIGHT = np.float32(0.0455), np.float32(200.0)
FIRST_EXCESS_SQUARE = np.float32(0.254)
HEAVIEST, EXPONENTIAL = np.float32(0.45), np.float32(1e-3)
FIRST_EXCESS, EXCESS_WEIGHT = np.float32(0.373), np.float32(30.0)
MOST_EXCESS = np.float32(4.0)
LOG10_E = np.float32(0.4342945)
LEAST_SIGMA = np.float32(5e-4)
"""Of the level: below that, rounding would be a fault."""
MOST_RHYTHM = np.float32(2.0)
"""Standard deviations of the regime that a rhythm may explain."""
LEARN_CLIP = np.float32(8.0)

ODD_FROM = 2.0
IN_DOUBT, IN_TROUBLE, MOST_DOUBT = 3.0, 10.0, 20.0
ONE_EAR = 16
NEW_NORMAL_S = 3 * 86400.0
ACCEPTING_S = 4 * 3600.0
LEAST_SPREAD = 0.01


@part
def rhythm(cell, at, usual, before, after, share):
    """Return how far from the level this time of day was, between the middles of two hours, within limits."""
    centre = usual[CENTRE]
    early = cell[at + PROFILE + before]
    late = cell[at + PROFILE + after]
    early = centre if math.isnan(early) else early
    late = centre if math.isnan(late) else late
    widest = MOST_RHYTHM * np.float32(math.sqrt(usual[VARIANCE]))
    return min(max(early + share * (late - early) - centre, -widest), widest)


@part
def expect(usual, said):
    """Return what is expected: the level, and of the rhythm what a least-squares fit to later days believes."""
    return usual[CENTRE] + min(max(usual[CROSS] / usual[POWER], ZERO), ONE) * said


@part
def learn_usual(usual, x, rest, said, known, accepting):
    """Take a value for ordinary; ``accepting``: the share of the way the level goes at least."""
    off = x - usual[CENTRE]
    variance = usual[VARIANCE]
    most = LEARN_CLIP * LEARN_CLIP
    if known > ZERO and variance > ZERO:
        pace = max(ONE / (min(known, usual[TAUGHT]) + STRAY_WEIGHT), SLOWEST)
        usual[LEFT] += pace * (min(rest * rest / variance, most * usual[LEFT]) - usual[LEFT])
        usual[CROSS] += pace * (off * said / variance - usual[CROSS])
        usual[POWER] += pace * (said * said / variance - usual[POWER])
    pace = max(ONE / (usual[TAUGHT] + ONE), SLOWEST)
    usual[CENTRE] += max(pace, accepting) * off
    square = off * off * (ONE - pace)
    usual[VARIANCE] += pace * ((min(square, most * variance) if usual[TAUGHT] > STRAY_WEIGHT and variance > ZERO else square) - variance)
    usual[TAUGHT] += ONE


@part
def tail_score(size, rate, excess, square):
    """Return −log10 of the probability of a deviation of ``size`` standard deviations or more."""
    if size <= FAR:
        return size * CALM
    variance = square - excess * excess
    shape = HEAVIEST
    if variance > 0:
        shape = min(max(np.float32(0.5) * (ONE - excess * excess / variance), ZERO), HEAVIEST)
    reach = (size - FAR) / (excess * (ONE - shape))
    beyond = reach * LOG10_E
    if shape > EXPONENTIAL:
        beyond = np.float32(math.log10(ONE + shape * reach)) / shape
    return max(beyond - np.float32(math.log10(rate)), FAR * CALM)


@part
def stray(cell, at, usual, rest, warm, accept):
    """Take a deviation from what is expected; return it over its ordinary size, and its score."""
    least = LEAST_SIGMA * usual[CENTRE]
    sigma = np.float32(math.sqrt(max(usual[LEFT] * usual[VARIANCE], least * least, np.float32(1e-18))))
    z = min(max(rest / sigma, -SHORT_CLIP), SHORT_CLIP)
    cell[at + SHORT] += SHORT_RATE * (z - cell[at + SHORT])
    if not warm:
        return ZERO, ZERO
    if cell[at + ORDINARY] == ZERO:
        cell[at + STRAY] = FIRST_STRAY
        cell[at + RATE] = FIRST_RATE
        cell[at + EXCESS] = FIRST_EXCESS
        cell[at + EXCESS_SQUARE] = FIRST_EXCESS_SQUARE
        cell[at + ORDINARY] = ONE
    y = cell[at + SHORT] / np.float32(math.sqrt(cell[at + STRAY]))
    size = abs(y)
    score = tail_score(size, cell[at + RATE], cell[at + EXCESS], cell[at + EXCESS_SQUARE])
    known = cell[at + ORDINARY]
    if accept:
        pace = max(ONE / (known + STRAY_WEIGHT), SLOWEST)
        cell[at + STRAY] += pace * (cell[at + SHORT] * cell[at + SHORT] - cell[at + STRAY])
        over = size - FAR
        pace = max(ONE / (known + RATE_WEIGHT), SLOWEST)
        cell[at + RATE] += pace * ((ONE if over > ZERO else ZERO) - cell[at + RATE])
        if over > ZERO:
            pace = ONE / (known * cell[at + RATE] + EXCESS_WEIGHT)
            over = min(over, MOST_EXCESS)
            cell[at + EXCESS] += pace * (over - cell[at + EXCESS])
            cell[at + EXCESS_SQUARE] += pace * (over * over - cell[at + EXCESS_SQUARE])
        cell[at + ORDINARY] = known + ONE
    return y, score


@part
def together_score(mood, size, ordinary, accept):
    """Return the score of how far all metrics stray together, and take it for ordinary when told to."""
    mean = mood[TOGETHER]
    spread = np.float32(math.sqrt(max(mood[TOGETHER_SQUARE] - mean * mean, LEAST_SPREAD)))
    far = max((size - mean) / spread, ZERO)
    score = tail_score(far, mood[TOGETHER_RATE], mood[TOGETHER_EXCESS], mood[TOGETHER_EXCESS_SQUARE])
    if accept:
        pace = max(ONE / (ordinary + ONE), SLOWEST)
        mood[TOGETHER] += pace * (size - mean)
        mood[TOGETHER_SQUARE] += pace * (size * size - mood[TOGETHER_SQUARE])
        over = far - FAR
        pace = max(ONE / (ordinary + RATE_WEIGHT), SLOWEST)
        mood[TOGETHER_RATE] += pace * ((ONE if over > ZERO else ZERO) - mood[TOGETHER_RATE])
        if over > ZERO:
            pace = ONE / (ordinary * mood[TOGETHER_RATE] + EXCESS_WEIGHT)
            over = min(over, MOST_EXCESS)
            mood[TOGETHER_EXCESS] += pace * (over - mood[TOGETHER_EXCESS])
            mood[TOGETHER_EXCESS_SQUARE] += pace * (over * over - mood[TOGETHER_EXCESS_SQUARE])
    return score


@part
def follow(mood, trouble_s, d, state, at_s):
    """Let doubt grow while samples are odd and fade, half as fast, while they are not."""
    odd = state >= ODD_FROM
    mood[ODD] = ONE if odd else ZERO
    mood[DOUBT] = min(mood[DOUBT] + ONE, np.float32(MOST_DOUBT)) if odd else max(mood[DOUBT] - np.float32(0.5), ZERO)
    if mood[DOUBT] == ZERO:
        trouble_s[d] = np.inf
    elif trouble_s[d] == np.inf and mood[DOUBT] >= IN_TROUBLE:
        trouble_s[d] = at_s
