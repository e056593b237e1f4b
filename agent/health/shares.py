"""Which metrics explain a score, and how much of it each (pure: compiled; works on cells and the sheet)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

import numpy as np

from agent.health.compiled import part
from agent.health.memory import BLOCK, NEXT, WEAR
from agent.health.relation import product, twice
from agent.health.sheet import FLEET_SPREAD, NOVEL, VALUE, WANDER

ZERO = np.float32(0.0)
_BLOCK = np.uint64(BLOCK)


@part
def explain(inverse, sheet, what, by_novelty, share):
    """Write each metric's signed share in the onset: ``y (C⁻¹ y)``, or its novelty where that decided."""
    size = len(share)
    y = np.empty(2 * size, np.float32)
    work = np.empty(2 * size, np.float32)
    twice(sheet, what, np.uint64(size), y)
    product(inverse, y, work, size)
    whole = ZERO
    for metric in range(size):
        new = sheet[NOVEL + np.uint64(metric)]
        part = new * new if by_novelty else max(work[metric] * y[metric], ZERO)
        whole += part
        share[metric] = math.copysign(part, y[metric])
    if whole > 0:
        for metric in range(size):
            share[metric] /= whole


@part
def explain_wear(cells, at, sheet, whole, share):
    """Write each metric's signed share in the wear."""
    for metric in range(np.uint64(len(share))):
        wear = cells[at + metric // NEXT * _BLOCK + metric % NEXT + WEAR]
        measured = math.isfinite(sheet[VALUE + metric]) and sheet[FLEET_SPREAD + metric] > ZERO
        own = wear * wear / sheet[WANDER + metric] / whole if measured else ZERO
        share[metric] = math.copysign(own, wear)
