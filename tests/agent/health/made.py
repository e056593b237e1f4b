"""Batches of samples with one thing changed."""

import numpy as np
from numpy.typing import NDArray

from agent.health.interface import Samples

STEP_S = 60.0


def samples(
    values: NDArray[np.floating],
    device: NDArray[np.integer] | int = 0,
    start: int = 0,
    regime: NDArray[np.integer] | int = 0,
    *,
    learn: bool = True,
) -> Samples:
    """A minute between rows, all of one device unless told otherwise."""
    rows = len(values)
    return Samples(
        device=np.broadcast_to(np.asarray(device, np.int32), rows).copy(),
        at_s=(start + np.arange(rows, dtype=np.float64)) * STEP_S,
        values=np.asarray(values, np.float32),
        regime=np.broadcast_to(np.asarray(regime, np.int32), rows).copy(),
        learn=np.full(rows, learn),
    )


def rows(batch: Samples, which: slice | NDArray[np.integer]) -> Samples:
    """Some rows of a batch."""
    return Samples(batch.device[which], batch.at_s[which], batch.values[which], batch.regime[which], batch.learn[which])


def calm(rows: int, metrics: int = 3, seed: int = 1) -> NDArray[np.float64]:
    """An ordinary device: noise about a level that follows the time of day, metrics moving together."""
    chance = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(rows) / 1440)
    common = chance.normal(size=rows)
    return np.column_stack(
        [20.0 + 5 * day + 0.5 * common + 0.5 * chance.normal(size=rows) + metric for metric in range(metrics)]
    )
