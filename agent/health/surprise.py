"""From evidence to scores (pure: compiled).

Statistics are compared as decimal logarithms, because their tails are close to power laws on real devices: on the
public recordings of the benchmark a step of 0.7 in the logarithm is about one decade of probability on every set, from
one metric to 38. ``REFERENCE`` and ``SLOPE`` turn that into −log10 of a tail probability; how often a given device
really exceeds a score is looked after by its alarm budget.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import math

from agent.health.compiled import part

REFERENCE = 2.2
"""Logarithm of the combined statistic that about one ordinary sample in a thousand exceeds."""

SLOPE = 1.4
HIGHEST = 12.0
NOVEL_REFERENCE = 2.7
"""Logarithm of the combined statistic that a novelty of one standard deviation counts as, for one metric."""
LEAST = 1e-9
"""Evidence is never less."""
HOLD = 20
"""Samples for which a score must beat the last one to be an onset."""


@part
def log_of(value):
    """Return the decimal logarithm, bounded below."""
    return math.log10(max(value, LEAST))


@part
def as_score(logarithm, reference):
    """Return −log10 of the tail probability that belongs to a logarithm; 0 for anything ordinary."""
    return min(max(3.0 + SLOPE * (logarithm - reference), 0.0), HIGHEST)


@part
def softened(value, limit):
    """Return the value, growing slowly beyond the limit, so that one wild metric does not drown the rest."""
    size = abs(value)
    if size <= limit:
        return value
    return math.copysign(limit * (1.0 + math.log(size / limit)), value)
