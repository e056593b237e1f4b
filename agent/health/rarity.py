"""How rare it is that a device strays so far, by its own past (pure: compiled; works on cells and a device's mood).

Beyond two standard deviations a generalised Pareto distribution stands for each metric's tail, its shape by the method
of moments; where little was seen, a Gaussian's. So a metric that often spikes is not ill for spiking, and a quiet one
is soon. Of a run of odd samples only the greatest counts, and none at all when it grew to trouble.

Source: J. R. M. Hosking, J. R. Wallis, Technometrics 29 (1987) 339-349.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import (
    BLOCK,
    EXCESS,
    EXCESS_SQUARE,
    NEXT,
    ORDINARY,
    RATE,
    RUN_METRIC,
    RUN_PEAK,
    TOGETHER,
    TOGETHER_EXCESS,
    TOGETHER_EXCESS_SQUARE,
    TOGETHER_RATE,
    TOGETHER_SQUARE,
)
from agent.health.sheet import STRAYS

ZERO, ONE, HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
SLOWEST = np.float32(5e-5)
WHOLE_BLOCK, FIRST = np.uint64(BLOCK), np.uint64(0)
FAR = np.float32(2.0)
"""Where the tail begins, in standard deviations."""
CALM = np.float32(0.45)
"""Score a standard deviation before the tail, where nothing is decided."""
MOST_EXCESS = np.float32(4.0)
"""One wild value must not make the wildest ordinary."""
HEAVIEST, EXPONENTIAL = np.float32(0.45), np.float32(1e-3)
"""Shapes: from a half on the moments that give it do not exist; below the second it is none."""
LOG10_E = np.float32(0.4342945)
LEAST_SPREAD = np.float32(0.01)
RATE_WEIGHT, EXCESS_WEIGHT = np.float32(200.0), np.float32(30.0)


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
def rarest(cells, at, sheet, size, furthest):
    """Return the score of the metric that strays most rarely, and which that is."""
    worst = min(furthest, FAR) * CALM
    which = FIRST
    if furthest <= FAR:
        return worst, which
    for metric in range(size):
        strays = abs(sheet[STRAYS + metric])
        if strays > FAR:
            cell = _cell(at, metric)
            score = tail_score(strays, cells[cell + RATE], cells[cell + EXCESS], cells[cell + EXCESS_SQUARE])
            which = np.uint64(metric) if score > worst else which
            worst = max(worst, score)
    return worst, which


@part
def learn_tails(cells, at, sheet, size):
    """Let metrics that stray far on an ordinary sample teach how far that is."""
    for metric in range(size):
        strays = abs(sheet[STRAYS + metric])
        if strays > FAR:
            _learn_tail(cells, _cell(at, metric), strays)


@part
def remember_peak(cells, at, mood, feels, strays, which, odd, in_trouble):
    """Let a run of odd samples teach its greatest, once it is over; one that was trouble teaches nothing."""
    if odd:
        if strays > mood[feels + RUN_PEAK]:
            mood[feels + RUN_PEAK] = strays
            mood[feels + RUN_METRIC] = np.float32(which)
    elif mood[feels + RUN_PEAK] > ZERO:
        if not in_trouble:
            _learn_tail(cells, _cell(at, np.uint64(mood[feels + RUN_METRIC])), mood[feels + RUN_PEAK])
        mood[feels + RUN_PEAK] = ZERO


@part
def _cell(at, metric):
    return at + metric // NEXT * WHOLE_BLOCK + metric % NEXT


@part
def _learn_tail(cells, cell, strays):
    over = min(strays - FAR, MOST_EXCESS)
    pace = ONE / (cells[cell + ORDINARY] * cells[cell + RATE] + EXCESS_WEIGHT)
    cells[cell + EXCESS] += pace * (over - cells[cell + EXCESS])
    cells[cell + EXCESS_SQUARE] += pace * (over * over - cells[cell + EXCESS_SQUARE])


@part
def together(mood, feels, size, accept, count):
    """Return the score of how far all metrics stray together, and take that for ordinary where ``accept``."""
    mean, square = mood[feels + TOGETHER], mood[feels + TOGETHER_SQUARE]
    far = max((size - mean) / np.float32(math.sqrt(max(square - mean * mean, LEAST_SPREAD))), ZERO)
    rate, excess, beyond = (
        mood[feels + TOGETHER_RATE],
        mood[feels + TOGETHER_EXCESS],
        mood[feels + TOGETHER_EXCESS_SQUARE],
    )
    score = tail_score(far, rate, excess, beyond)
    if accept:
        pace = max(ONE / (count + ONE), SLOWEST)
        mood[feels + TOGETHER] = mean + pace * (size - mean)
        mood[feels + TOGETHER_SQUARE] = square + pace * (size * size - square)
        pace = max(ONE / (count + RATE_WEIGHT), SLOWEST)
        mood[feels + TOGETHER_RATE] = rate + pace * ((ONE if far > FAR else ZERO) - rate)
        if far > FAR:
            over = min(far - FAR, MOST_EXCESS)
            pace = ONE / (count * rate + EXCESS_WEIGHT)
            mood[feels + TOGETHER_EXCESS] = excess + pace * (over - excess)
            mood[feels + TOGETHER_EXCESS_SQUARE] = beyond + pace * (over * over - beyond)
    return score
