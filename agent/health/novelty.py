"""How far a value lies from everything seen before (pure: compiled; works on a cell of the model's memory).

The values a metric has ever taken are kept as a few intervals: a new value opens one, and when there are too many the
two with the smallest gap between them become one. The distance of a value to the nearest interval, in standard
deviations, is its novelty. It is zero for anything ever seen, so the same oddity is news once; and it sees a value
between two usual ones as well as one beyond them. This is nearest-neighbour novelty with all of the past as its
reference, in constant memory (on its kin: V. Ishimtsev et al., "Conformal k-NN Anomaly Detector for Univariate Data
Streams", PMLR 60, 2017).

An interval that is not used begins at infinity and ends at minus infinity: it is infinitely far from everything, so
that looking needs no count of them and no branch.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import numpy as np

from agent.health.compiled import part
from agent.health.memory import ENDS, INTERVALS, LANES, NEXT, PARTS, SEEN, VIEWS

ZERO = np.float32(0.0)
INFINITE = np.float32(np.inf)
VIEW_SEEN = ENDS + ENDS
_SEEN, _ENDS, _PARTS = int(SEEN), int(ENDS), int(PARTS)


@part
def nearest(cells, at, view, x):
    """Return how far ``x`` lies from the nearest interval, and the least and greatest value seen, ``x`` among them.

    The distance is 0 inside an interval, and when nothing was seen.
    """
    low = at + SEEN + view * VIEW_SEEN
    away = INFINITE
    least = greatest = x
    for _ in range(INTERVALS):
        begin, end = cells[low], cells[low + ENDS]
        away = min(away, max(begin - x, x - end))
        least = min(least, begin)
        greatest = max(greatest, end)
        low += NEXT
    return (ZERO if cells[at + PARTS + view * NEXT] == ZERO else max(away, ZERO)), least, greatest


@part
def remember(cells, at, view, x):
    """Add a value that lies outside every interval, in place."""
    count = at + _PARTS + view * LANES
    parts = int(cells[count])
    low = at + _SEEN + view * 2 * _ENDS
    high = low + _ENDS
    place = 0
    while place < parts and x > cells[high + place * LANES]:
        place += 1
    if parts == INTERVALS:
        tightest = 0
        narrowest = 1e38
        for gap in range(parts - 1):
            width = cells[low + (gap + 1) * LANES] - cells[high + gap * LANES]
            if gap + 1 != place and width < narrowest:
                narrowest = width
                tightest = gap
        below = x - cells[high + (place - 1) * LANES] if place > 0 else 1e38
        above = cells[low + place * LANES] - x if place < parts else 1e38
        if min(below, above) <= narrowest:
            if below <= above:
                cells[high + (place - 1) * LANES] = x
            else:
                cells[low + place * LANES] = x
            return
        cells[high + tightest * LANES] = cells[high + (tightest + 1) * LANES]
        for other in range(tightest + 1, parts - 1):
            cells[low + other * LANES] = cells[low + (other + 1) * LANES]
            cells[high + other * LANES] = cells[high + (other + 1) * LANES]
        parts -= 1
        place -= 1 if place > tightest else 0
    for other in range(parts, place, -1):
        cells[low + other * LANES] = cells[low + (other - 1) * LANES]
        cells[high + other * LANES] = cells[high + (other - 1) * LANES]
    cells[low + place * LANES] = x
    cells[high + place * LANES] = x
    cells[count] = parts + 1


@part
def remember_views(cells, at, news, x, residual, smooth):
    """Remember a sample in each view whose bit is set in ``news``."""
    for view in range(VIEWS):
        if news >> view & 1:
            remember(cells, at, view, x if view == 0 else residual if view == 1 else smooth)
