"""The newest samples of one device in memory (state): a ring, for charts and for who asks "what led up to this"."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_FIRST_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class Recent:
    """Samples of one device, oldest first; ``n`` may be 0.

    Attributes:
        at_s: float64 ``(n,)``, Unix seconds.
        metrics: the names of the columns of ``values``.
        values: float32 ``(n, metrics)``, each in the metric's unit; NaN: not measured.
        state: float32 ``(n,)``, −log10 of the tail probability of being normal; NaN: too little seen to judge.
    """

    at_s: NDArray[np.float64]
    metrics: tuple[str, ...]
    values: NDArray[np.float32]
    state: NDArray[np.float32]


NOTHING: Final = Recent(np.empty(0), (), np.empty((0, 0), np.float32), np.empty(0, np.float32))


class Ring:
    """The newest ``limit`` samples; takes room as it fills."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0  # ever added
        self._at_s = np.empty(0)
        self._state = np.empty(0, np.float32)
        self._values = np.empty((0, 0), np.float32)

    def add(self, at_s: float, values: NDArray[np.float32], state: float) -> None:
        """Keep one sample; the oldest goes when the ring is full. More columns than before are new metrics."""
        if self._count >= len(self._at_s) < self._limit:
            self._resize(min(max(2 * len(self._at_s), _FIRST_ROWS), self._limit), len(values))
        elif len(values) > self._values.shape[1]:
            self._resize(len(self._at_s), len(values))
        place = self._count % len(self._at_s)
        self._at_s[place] = at_s
        self._state[place] = state
        self._values[place, : len(values)] = values
        self._count += 1

    def read(
        self, since_s: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
        """Return copies of times, values and states, oldest first, from ``since_s`` on; ``None``: all."""
        held = min(self._count, len(self._at_s))
        order = np.arange(self._count - held, self._count) % max(len(self._at_s), 1)
        at_s = self._at_s[order]
        if since_s is not None:
            order = order[at_s >= since_s]
            at_s = self._at_s[order]
        return at_s, self._values[order], self._state[order]

    def _resize(self, rows: int, width: int) -> None:
        at_s, values, state = self.read()
        width = max(width, values.shape[1])
        self._at_s = np.zeros(rows)
        self._state = np.zeros(rows, np.float32)
        self._values = np.full((rows, width), np.nan, np.float32)
        # Oldest first from the start: only a ring that is not full is ever made larger, or one that gets wider.
        self._at_s[: len(at_s)], self._state[: len(at_s)] = at_s, state
        self._values[: len(at_s), : values.shape[1]] = values
        self._count = len(at_s)

    def saved(self) -> tuple[bytes, bytes, bytes, int]:
        """Return times, values, states and the number of columns, for a snapshot."""
        at_s, values, state = self.read()
        return at_s.tobytes(), values.tobytes(), state.tobytes(), values.shape[1]

    @classmethod
    def restored(cls, limit: int, saved: tuple[bytes, bytes, bytes, int]) -> Self:
        """Return a ring with what was saved, cut to the newest ``limit``; ``ValueError``: the parts do not fit."""
        times, values, states, width = saved
        ring = cls(limit)
        at_s, state = np.frombuffer(times, np.float64), np.frombuffer(states, np.float32)
        rows = np.frombuffer(values, np.float32).reshape(len(at_s), width)
        for moment, row, one in zip(at_s[-limit:].tolist(), rows[-limit:], state[-limit:].tolist(), strict=True):
            ring.add(moment, row, one)
        return ring
