"""Many rows to as many points as a chart can show (pure): nothing high or low is lost on the way.

A row is a sample, or a span that was rolled up before; a span weighs as many samples as it had.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SECOND_US: Final = 1_000_000


class Grain(StrEnum):
    """What rows a range is read from."""

    SAMPLES = "samples"
    MINUTES = "minutes"
    HOURS = "hours"


_SPANS: Final = ((Grain.HOURS, 3600 * _SECOND_US), (Grain.MINUTES, 60 * _SECOND_US))


def grain_for(span_us: int, points: int) -> Grain:
    """Return the coarsest grain that still has a row for each of ``points`` in a range of ``span_us``."""
    return next((grain for grain, width_us in _SPANS if width_us * points <= span_us), Grain.SAMPLES)


def width_us(grain: Grain) -> int:
    """Return how long a row of a grain stands for, in microseconds; 0 for a sample."""
    return dict(_SPANS).get(grain, 0)


@dataclass(frozen=True, slots=True)
class Lines:
    """``n`` rows of one device, in the order of their times.

    Attributes:
        at_us: ``(n,)`` when each row's span begins, in Unix microseconds; for a sample, when it was taken.
        newest_us: ``(n,)`` when the newest sample of each row was taken.
        weight: ``(n,)`` how many samples a row stands for.
        low, high, mean, last: ``(n, metrics)``; NaN: not measured.
    """

    at_us: NDArray[np.int64]
    newest_us: NDArray[np.int64]
    weight: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    mean: NDArray[np.float64]
    last: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.at_us)


def of_samples(at_us: NDArray[np.int64], values: NDArray[np.float64]) -> Lines:
    """Return samples as rows that stand for themselves."""
    return Lines(at_us, at_us, np.ones(len(at_us), np.int64), values, values, values, values)


def joined(pieces: Sequence[Lines], metrics: int) -> Lines:
    """Return all rows in the order of their times; those of one time in the order given."""
    pieces = [piece for piece in pieces if len(piece)] or [of_samples(np.empty(0, np.int64), np.empty((0, metrics)))]
    order = np.argsort(np.concatenate([piece.at_us for piece in pieces]), kind="stable")
    return Lines(
        *(np.concatenate([getattr(piece, name) for piece in pieces])[order] for name in Lines.__dataclass_fields__)
    )


def thinned(lines: Lines, since_us: int, until_us: int, points: int, at_least_us: int = 0) -> Lines:
    """Return at most ``points`` + 1 rows: the range cut into equal spans of ``at_least_us`` or more.

    Rows that are few enough and stand for no overlapping spans stay as they are. Spans begin at ``since_us`` and at
    whole multiples of their width after it; those without a sample are left out.
    """
    if len(lines) <= points and (at_least_us == 0 or len(np.unique(lines.at_us)) == len(lines)):
        return lines
    width = max(-(-(until_us - since_us) // points), at_least_us, 1)
    span = (lines.at_us - since_us) // width
    starts = np.flatnonzero(np.diff(span, prepend=span[0] - 1))
    known = np.isfinite(lines.mean)
    weight = np.where(known, lines.weight[:, None], 0)
    total = np.add.reduceat(np.where(known, lines.mean, 0.0) * weight, starts)
    counted = np.add.reduceat(weight, starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / counted
    return Lines(
        at_us=since_us + span[starts] * width,
        newest_us=np.maximum.reduceat(lines.newest_us, starts),
        weight=np.add.reduceat(lines.weight, starts),
        low=np.fmin.reduceat(lines.low, starts),
        high=np.fmax.reduceat(lines.high, starts),
        mean=mean,
        last=_newest_known(lines.last, starts),
    )


def _newest_known(last: NDArray[np.float64], starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the newest value of each span and column that was measured; NaN: none was."""
    rows = np.arange(len(last))[:, None]
    place = np.maximum.accumulate(np.where(np.isfinite(last), rows, -1), axis=0)
    ends = np.append(starts[1:], len(last)) - 1
    found = place[ends]
    values = np.take_along_axis(last, np.maximum(found, 0), axis=0)
    return np.where(found >= starts[:, None], values, np.nan)
