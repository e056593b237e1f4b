"""The lowest and highest value in each slice of time (state): long histories become small, and no spike is lost."""

import numpy as np
from numpy.typing import NDArray

from agent.backtest.frames import Frame


class Envelope:
    """A frame's series, fed in time order; ``low`` and ``high`` are ``(series, slices)``, NaN where nothing was."""

    def __init__(self, frame: Frame, series: int, slices: int) -> None:
        self.frame = frame
        self.low = np.full((series, slices), np.nan, np.float32)
        self.high = np.full((series, slices), np.nan, np.float32)
        self._per_us = slices / (frame.end_us - frame.start_us + 1)

    def feed(self, at_us: NDArray[np.int64], values: NDArray[np.float32]) -> None:
        """Take the next rows ``(n, series)`` of the device; those outside the frame are left out."""
        within = (at_us >= self.frame.start_us) & (at_us <= self.frame.end_us)
        if not within.any():
            return
        slices = ((at_us[within] - self.frame.start_us) * self._per_us).astype(np.intp)
        starts = np.flatnonzero(np.diff(slices, prepend=-1))
        touched = slices[starts]
        rows = values[within]
        low, high = np.fmin.reduceat(rows, starts, axis=0).T, np.fmax.reduceat(rows, starts, axis=0).T
        self.low[:, touched] = np.fmin(self.low[:, touched], low)
        self.high[:, touched] = np.fmax(self.high[:, touched], high)
