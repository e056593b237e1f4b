"""The newest samples of one device in memory (state): a ring, for charts and for who asks "what led up to this"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_FIRST_ROWS: Final = 64
_POURED_ROWS: Final = 65_536
_MOST_BATCHES: Final = 64
_LATELY, _LEAST_LATELY = 20, 5  # samples


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

    @classmethod
    def of(
        cls,
        at_s: NDArray[np.float64],
        known: tuple[str, ...],
        values: NDArray[np.float32],
        state: NDArray[np.float32],
        metrics: tuple[str, ...],
    ) -> Self:
        """Return the samples with the columns asked for; ``known`` names those of ``values``, and may name more."""
        chosen = np.full((len(at_s), len(metrics)), np.nan, np.float32)
        for place, name in enumerate(metrics):
            if name in known and known.index(name) < values.shape[1]:
                chosen[:, place] = values[:, known.index(name)]
        return cls(at_s, metrics, chosen, state)


NOTHING: Final = Recent(np.empty(0), (), np.empty((0, 0), np.float32), np.empty(0, np.float32))


class Ring:
    """The newest ``limit`` samples; takes room as it fills."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0  # ever added
        self._at_s = np.empty(0)
        self._state = np.empty(0, np.float32)
        self._values = np.empty((0, 0), np.float32)

    def extend(self, at_s: NDArray[np.float64], values: NDArray[np.float32], state: NDArray[np.float32]) -> None:
        """Keep samples, oldest first; the oldest go when the ring is full. More columns than before are new metrics."""
        if not len(at_s):
            return
        at_s, values, state = at_s[-self._limit :], values[-self._limit :], state[-self._limit :]
        rows = max(len(self._at_s), _FIRST_ROWS)
        while rows < min(self._count + len(at_s), self._limit):
            rows *= 2
        rows = min(rows, self._limit)
        if rows > len(self._at_s) or values.shape[1] > self._values.shape[1]:
            self._resize(rows, values.shape[1])
        places = np.arange(self._count, self._count + len(at_s)) % rows
        self._at_s[places], self._state[places] = at_s, state
        self._values[places] = np.nan
        self._values[places, : values.shape[1]] = values
        self._count += len(at_s)

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

    def newest(self, most: int) -> NDArray[np.float32]:
        """Return the values of the newest samples, ``most`` of them or fewer, oldest first."""
        held = min(self._count, len(self._at_s), most)
        return self._values[np.arange(self._count - held, self._count) % max(len(self._at_s), 1)]

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

    def copy(self) -> "Ring":
        """Return a ring of its own with the same samples."""
        ring = Ring(self._limit)
        ring.extend(*self.read())
        return ring

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
        if len(state) != len(at_s):
            problem = "times and states differ in number"
            raise ValueError(problem)
        ring.extend(at_s, rows, state)
        return ring


class Fresh:
    """The newest samples of all devices of a product, until they are poured into the devices' rings.

    One by one into ten thousand rings would cost more than scoring them.
    """

    def __init__(self) -> None:
        self._batches: list[
            tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]
        ] = []
        self._rows = 0

    def add(
        self,
        place: NDArray[np.int32],
        at_s: NDArray[np.float64],
        values: NDArray[np.float32],
        state: NDArray[np.float32],
    ) -> None:
        """Take a batch, each row with its device's place."""
        self._batches.append((place, at_s, values, state))
        self._rows += len(place)

    @property
    def is_full(self) -> bool:
        """Whether it should be poured."""
        return self._rows >= _POURED_ROWS

    def pour(self, rings: Sequence[Ring]) -> None:
        """Give every device's ring what is its own."""
        if not self._batches:
            return
        places, times, rows, states = zip(*self._batches, strict=True)
        place, at_s, state = np.concatenate(places), np.concatenate(times), np.concatenate(states)
        values = _as_wide(rows)
        self._batches.clear()
        self._rows = 0
        order = np.argsort(place, kind="stable")
        place, at_s, values, state = place[order], at_s[order], values[order], state[order]
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(place)], strict=True):
            rings[place[start]].extend(at_s[start:stop], values[start:stop], state[start:stop])

    def lately(self, place: int, ring: Ring, width: int) -> NDArray[np.float32]:
        """Return the mean of each of ``width`` metrics over a device's newest samples; NaN: too few of them."""
        self._merge()
        parts: list[NDArray[np.float32]] = []
        missing = _LATELY
        for places, _, values, _ in reversed(self._batches):
            own = np.flatnonzero(places == place)[-missing:]
            parts.append(values[own])
            missing -= len(own)
            if not missing:
                break
        else:
            parts.append(ring.newest(missing))
        return _mean(_as_wide(parts), width)

    def with_ring(self, place: int, ring: Ring) -> Ring:
        """Return a copy of a device's ring with its fresh samples."""
        self._merge()
        whole = ring.copy()
        for places, at_s, values, state in self._batches:
            own = np.flatnonzero(places == place)
            if len(own):
                whole.extend(at_s[own], values[own], state[own])
        return whole

    def _merge(self) -> None:
        """Lay the batches together where there are many: each is looked through for a device's own."""
        if len(self._batches) > _MOST_BATCHES:
            places, times, rows, states = zip(*self._batches, strict=True)
            self._batches = [(np.concatenate(places), np.concatenate(times), _as_wide(rows), np.concatenate(states))]


def _mean(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    measured = np.isfinite(values)
    count = measured.sum(axis=0)
    mean = np.full(width, np.nan, np.float32)
    known = np.flatnonzero(count[:width] >= _LEAST_LATELY)
    mean[known] = np.where(measured, values, 0.0)[:, known].sum(axis=0) / count[known]
    return mean


def _as_wide(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return rows of several batches below each other; the product may have got more columns from one to the next."""
    width = max(part.shape[1] for part in parts)
    if all(part.shape[1] == width for part in parts):
        return np.concatenate(parts)
    whole = np.full((sum(map(len, parts)), width), np.nan, np.float32)
    start = 0
    for part in parts:
        whole[start : start + len(part), : part.shape[1]] = part
        start += len(part)
    return whole
