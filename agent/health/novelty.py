"""How far a value lies from everything seen before (pure: compiled; works on a cell of the model's memory).

The values a metric has ever taken are kept as a few intervals: a new value opens one, and when there are too many the
two with the smallest gap between them become one. The distance of a value to the nearest interval, in standard
deviations, is its novelty. It is zero for anything ever seen, so the same oddity is news once; and it sees a value
between two usual ones as well as one beyond them. This is nearest-neighbour novelty with all of the past as its
reference, in constant memory (on its kin: V. Ishimtsev et al., "Conformal k-NN Anomaly Detector for Univariate Data
Streams", PMLR 60, 2017).
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import numpy as np

from agent.health.compiled import part
from agent.health.memory import INTERVALS, PARTS, SEEN


@part
def extremes(cell, at, view, x):
    """Return the least and greatest value seen, ``x`` among them."""
    parts = int(cell[at + PARTS + view])
    if parts == 0:
        return x, x
    low = SEEN + view * 2 * INTERVALS
    return min(x, cell[at + low]), max(x, cell[at + low + INTERVALS + parts - 1])


@part
def _place(cell, at, high, x):
    """Return how many intervals lie below ``x``. The upper ends of unused intervals are infinite."""
    place = 0
    for other in range(INTERVALS):
        place += x > cell[at + high + other]
    return place


@part
def distance(cell, at, view, x):
    """Return how far ``x`` lies from the nearest interval; 0 inside one, and when nothing was seen."""
    parts = int(cell[at + PARTS + view])
    low = SEEN + view * 2 * INTERVALS
    high = low + INTERVALS
    place = 0
    while place < parts and x > cell[at + high + place]:
        place += 1
    if (place < parts and x >= cell[at + low + place]) or parts == 0:
        return 0.0
    nearest = np.float32(3e38)
    if place < parts:
        nearest = cell[at + low + place] - x
    if place > 0:
        nearest = min(nearest, x - cell[at + high + place - 1])
    return nearest


@part
def remember(cell, at, view, x):
    """Add a value that lies outside every interval, in place."""
    parts = int(cell[at + PARTS + view])
    low = SEEN + view * 2 * INTERVALS
    high = low + INTERVALS
    place = _place(cell, at, high, x)
    if parts == INTERVALS:
        tightest = 0
        narrowest = 1e38
        for gap in range(parts - 1):
            width = cell[at + low + gap + 1] - cell[at + high + gap]
            if gap + 1 != place and width < narrowest:
                narrowest = width
                tightest = gap
        below = x - cell[at + high + place - 1] if place > 0 else 1e38
        above = cell[at + low + place] - x if place < parts else 1e38
        if min(below, above) <= narrowest:
            if below <= above:
                cell[at + high + place - 1] = x
            else:
                cell[at + low + place] = x
            return
        cell[at + high + tightest] = cell[at + high + tightest + 1]
        for other in range(tightest + 1, parts - 1):
            cell[at + low + other] = cell[at + low + other + 1]
            cell[at + high + other] = cell[at + high + other + 1]
        parts -= 1
        place -= 1 if place > tightest else 0
    for other in range(parts, place, -1):
        cell[at + low + other] = cell[at + low + other - 1]
        cell[at + high + other] = cell[at + high + other - 1]
    cell[at + low + place] = x
    cell[at + high + place] = x
    cell[at + PARTS + view] = parts + 1
