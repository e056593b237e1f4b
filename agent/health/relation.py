"""How metrics move together: second moments and Hotelling's statistic (pure: compiled; works on memory rows).

Matrices are symmetric and kept as their upper triangles, row by row. Inverses have what lies off the diagonal doubled,
so that a quadratic form is one plain sum over the triangle.

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
CLIP = 30.0
"""Deviations enter the second moments up to this many standard deviations."""


@part
def triangle_places(size):
    """Return row and column of each place in an upper triangle; unsigned, which spares a sign check at every use."""
    rows = np.empty(size * (size + 1) // 2, np.uint32)
    columns = np.empty(size * (size + 1) // 2, np.uint32)
    place = 0
    for row in range(size):
        for column in range(row, size):
            rows[place] = row
            columns[place] = column
            place += 1
    return rows, columns


@sums
def outer(y, rows, columns, out):
    """Write the upper triangle of ``y y'``."""
    for place in range(len(out)):
        out[place] = y[rows[place]] * y[columns[place]]


@sums
def dot(one, other):
    """Return the sum of products: of an inverse and ``y y'``, that is ``y' C⁻¹ y``."""
    total = np.float32(0.0)
    for place in range(len(one)):
        total += one[place] * other[place]
    return total


@sums
def learn_moments(moments, squares, rate):
    """Move the second moments towards ``squares``, an ``y y'``, in place."""
    keep = np.float32(1.0) - rate
    for place in range(len(moments)):
        moments[place] = keep * moments[place] + rate * squares[place]


@part
def clip(y):
    """Bound every entry of ``y``, in place, and return whether any was out of bounds."""
    wild = False
    for place in range(len(y)):
        wild = wild or abs(y[place]) > CLIP
        y[place] = min(max(y[place], np.float32(-CLIP)), np.float32(CLIP))
    return wild


@sums
def product(inverse, y, work):
    """Write ``C⁻¹ y`` into ``work``."""
    size = len(y)
    for row in range(size):
        work[row] = np.float32(0.0)
    place = 0
    for row in range(size):
        work[row] += inverse[place] * y[row]
        for column in range(row + 1, size):
            place += 1
            half = np.float32(0.5) * inverse[place]
            work[column] += half * y[row]
            work[row] += half * y[column]
        place += 1


@sums
def invert(moments, inverse, size):
    """Write the inverse of the regularised moments into ``inverse``: Gauss-Jordan, which needs no pivots here.

    The matrix is positive definite thanks to the ridge. Its size is ``size``.
    """
    work = np.empty((size, size), np.float64)
    place = 0
    for row in range(size):
        for column in range(row, size):
            work[row, column] = work[column, row] = moments[place]
            place += 1
        work[row, row] += RIDGE
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
    place = 0
    for row in range(size):
        for column in range(row, size):
            inverse[place] = work[row, column] * (1.0 if row == column else 2.0)
            place += 1
