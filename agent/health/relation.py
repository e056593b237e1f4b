"""How metrics move together: second moments and Hotelling's statistic (pure: compiled; works on memory rows).

Matrices are symmetric, and of each pair of metrics one entry is kept: first those of each metric with itself, then of
each with the next, with the next but one, and so on around a circle. So every step runs along the metrics without a
gap, over as many at once as the processor can. Inverses have what lies off the diagonal doubled, so that a quadratic
form is one plain sum over the pairs.

Source: H. Hotelling, Ann. Math. Stat. 2 (1931) 360-378; C. A. Lowry et al., "A Multivariate Exponentially Weighted
Moving Average Control Chart", Technometrics 34 (1992) 46-53.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import numpy as np

from agent.health.compiled import part, sums

RIDGE = 0.3
"""Added to every variance before inverting, in units of the standardised variance, which is about one."""
CLIP = np.float32(30.0)
"""Deviations enter the second moments up to this many standard deviations."""
ZERO, ONE, HALF = np.float32(0.0), np.float32(1.0), np.float32(0.5)
NONE, FIRST, SECOND = np.uint64(0), np.uint64(1), np.uint64(2)


def pairs(metrics: int) -> list[tuple[int, int]]:
    """Return the pair of metrics, the lower first, that each place of a packed matrix belongs to."""
    found: list[tuple[int, int]] = []
    for apart in range(metrics // 2 + 1):
        once = metrics // 2 if 2 * apart == metrics else metrics
        others = [(one, (one + apart) % metrics) for one in range(once)]
        found += [(min(pair), max(pair)) for pair in others]
    return found


@sums
def twice(y, start, size, out):
    """Write ``size`` numbers of ``y`` into ``out`` two times over, so that a circle is a straight line."""
    for place in range(size):
        out[place] = y[start + place]
    for place in range(size):
        out[size + place] = y[start + place]


@sums
def outer(y, size, out):
    """Write the entries of ``y y'`` as they are packed; ``y`` holds its ``size`` numbers two times over.

    Every run goes on to a whole number of lanes; the next one overwrites what is too much, and ``out`` has room for
    what the last one writes: less than eight numbers. With an even ``size`` that one is half as long.
    """
    lanes = np.uint64(8)
    whole = (size + lanes - FIRST) // lanes * lanes
    half = size // SECOND
    start = NONE
    for apart in range((size + FIRST) // SECOND):
        for place in range(whole):
            out[start + place] = y[place] * y[place + apart]
        start += size
    if size % SECOND == NONE:
        for place in range((half + lanes - FIRST) // lanes * lanes):
            out[start + place] = y[place] * y[place + half]


@sums
def dot(one, start, other, count):
    """Return the sum of products: of an inverse and ``y y'``, that is ``y' C⁻¹ y``."""
    total = ZERO
    for place in range(count):
        total += one[start + place] * other[place]
    return total


@sums
def learn_moments(moments, start, squares, rate, count):
    """Move the second moments towards ``squares``, an ``y y'``, in place."""
    keep = ONE - rate
    for place in range(count):
        moments[start + place] = keep * moments[start + place] + rate * squares[place]


@part
def clip(y, size):
    """Bound every entry of ``y``, in place."""
    for place in range(size):
        y[place] = min(max(y[place], -CLIP), CLIP)


@sums
def product(inverse, y, work, size):
    """Write ``C⁻¹ y`` into the first half of ``work``; ``y`` and ``work`` hold numbers two times over."""
    work[:] = ZERO
    for place in range(size):
        work[place] = inverse[place] * y[place]
    start = size
    for apart in range(1, size // 2 + 1):
        once = size // 2 if 2 * apart == size else size
        for place in range(once):
            half = HALF * inverse[start + place]
            work[place] += half * y[place + apart]
            work[place + apart] += half * y[place]
        start += once
    for place in range(size):
        work[place] += work[size + place]


@sums
def invert(moments, inverse, size):  # noqa: C901 - unpack, eliminate, pack
    """Write the inverse of the regularised moments into ``inverse``: Gauss-Jordan, which needs no pivots here.

    The matrix is positive definite thanks to the ridge. Its size is ``size``.
    """
    work = np.empty((size, size), np.float64)
    start = 0
    for apart in range(size // 2 + 1):
        once = size // 2 if 2 * apart == size else size
        for one in range(once):
            other = (one + apart) % size
            work[one, other] = work[other, one] = moments[start + one]
        start += once
    for pivot in range(size):
        work[pivot, pivot] += RIDGE
    for pivot in range(size):
        scale = 1.0 / work[pivot, pivot]
        work[pivot, pivot] = 1.0
        for column in range(size):
            work[pivot, column] *= scale
        for row in range(size):
            if row != pivot:
                factor = work[row, pivot]
                work[row, pivot] = 0.0
                for column in range(size):
                    work[row, column] -= factor * work[pivot, column]
    start = 0
    for apart in range(size // 2 + 1):
        once = size // 2 if 2 * apart == size else size
        for one in range(once):
            inverse[start + one] = work[one, (one + apart) % size] * (1.0 if apart == 0 else 2.0)
        start += once
