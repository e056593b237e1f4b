"""Chance that repeats (pure): the one place where the simulator makes a source of randomness."""

from random import Random


def seeded(words: str) -> Random:
    """Return the source that these words name; the same words give the same draws, on every machine."""
    return Random(words)  # noqa: S311 - a simulation must repeat itself, and keeps no secret
