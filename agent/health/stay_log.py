"""The newest stays of all devices of a product in its operating regimes (state)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agent.health.entering import MOST_STAYS, enter
from agent.health.layout import Context
from agent.health.stays import Stay

_FIRST: Final = 64

Saved: TypeAlias = tuple[bytes, bytes]
"""Since when, and in which regime, oldest first."""


class StayLog:
    """A ring of stays for each device of a product, by its place: from when on, in Unix seconds, and in which regime.

    ``count`` is how many have ever begun, ``regime`` the number a layout gives.
    """

    def __init__(self) -> None:
        self.count = np.zeros(_FIRST, np.int64)
        self.since_s = np.zeros((_FIRST, MOST_STAYS))
        self.regime = np.zeros((_FIRST, MOST_STAYS), np.int32)

    def take(self, place: NDArray[np.int32], at_s: NDArray[np.float64], regime: NDArray[np.int32]) -> None:
        """Take a batch; rows of one device are in time order."""
        self._make_room(int(place.max()) + 1)
        enter(self.count, self.since_s, self.regime, place, at_s, regime)

    def told(self, place: int, regimes: Sequence[Context]) -> tuple[Stay, ...]:
        """Return a device's stays, oldest first; ``regimes`` are by their numbers, and what has no value no regime."""
        since_s, numbers = self._read(place)
        named = [context if any(value is not None for value in context) else None for context in regimes]
        return tuple(
            Stay(named[number] if number < len(named) else None, datetime.fromtimestamp(at_s, UTC))
            for at_s, number in zip(since_s.tolist(), numbers.tolist(), strict=True)
        )

    def forget(self, place: int) -> None:
        """Forget a device's stays."""
        if place < len(self.count):
            self.count[place] = 0

    def saved(self, place: int) -> Saved:
        """Return a device's stays for a snapshot."""
        since_s, numbers = self._read(place)
        return since_s.tobytes(), numbers.tobytes()

    def restore(self, place: int, saved: Saved) -> None:
        """Bring back what was saved; ``ValueError``: the parts do not fit."""
        since_s, numbers = np.frombuffer(saved[0], np.float64), np.frombuffer(saved[1], np.int32)
        self._make_room(place + 1)
        self.since_s[place, : len(since_s)], self.regime[place, : len(since_s)] = since_s, numbers
        self.count[place] = len(since_s)

    def _read(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        count = int(self.count[place]) if place < len(self.count) else 0
        order = np.arange(max(count - MOST_STAYS, 0), count) % MOST_STAYS
        return (
            (self.since_s[place, order], self.regime[place, order]) if count else (np.empty(0), np.empty(0, np.int32))
        )

    def _make_room(self, devices: int) -> None:
        known = len(self.count)
        if devices > known:
            room = max(2 * known, devices)
            old = self.count, self.since_s, self.regime
            self.count = np.zeros(room, np.int64)
            self.since_s, self.regime = np.zeros((room, MOST_STAYS)), np.zeros((room, MOST_STAYS), np.int32)
            self.count[:known], self.since_s[:known], self.regime[:known] = old
