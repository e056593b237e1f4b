"""What changes with every sample of every device, as columns (state): compiled code goes through it in bulk.

A device's object holds the rest. ``pull`` brings what moved in the columns into the object, ``push`` brings the object
into the columns; whoever reads or changes a device one by one does the one before and the other afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.device import DeviceHealth

_FIRST: Final = 64


class Columns(NamedTuple):
    """An entry a device; instants are in Unix seconds, NaN where the object says ``None``.

    ``kind`` numbers its product and context. ``gap_s``, ``incomplete_s`` and ``normal_s`` are the device's and its
    verdict's. ``calm``: neither ill nor about to be, by its verdict and its raising.
    """

    product: NDArray[np.int32]
    place: NDArray[np.int32]
    kind: NDArray[np.int32]
    learn: NDArray[np.bool_]
    newest_s: NDArray[np.float64]
    heard_s: NDArray[np.float64]
    interval_s: NDArray[np.float64]
    intervals: NDArray[np.int64]
    since_s: NDArray[np.float64]
    gap_s: NDArray[np.float64]
    incomplete_s: NDArray[np.float64]
    normal_s: NDArray[np.float64]
    state: NDArray[np.float64]
    drift: NDArray[np.float64]
    warming: NDArray[np.bool_]
    calm: NDArray[np.bool_]
    bar: NDArray[np.float64]
    seen_s: NDArray[np.float64]


@dataclass(slots=True)
class Hot:
    """The columns and how many of their entries are devices."""

    columns: Columns
    count: int = 0

    @classmethod
    def empty(cls) -> "Hot":
        """Return columns for nobody yet."""
        return cls(_room(_FIRST))

    def add(self) -> int:
        """Return the entry of a new device; ``push`` it."""
        if self.count == len(self.columns.place):
            larger = _room(2 * self.count)
            columns: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(larger, self.columns, strict=True)
            for column, old in columns:
                column[: self.count] = old
            self.columns = larger
        self.count += 1
        return self.count - 1

    def pull(self, device: DeviceHealth) -> DeviceHealth:
        """Bring a device up to date and return it."""
        columns, slot, habit = self.columns, device.slot, device.habit
        device.newest_s = float(columns.newest_s[slot])
        device.state, device.drift = float(columns.state[slot]), float(columns.drift[slot])
        device.warming = bool(columns.warming[slot])
        device.gap_s, device.incomplete_s = float(columns.gap_s[slot]), _or_none(columns.incomplete_s[slot])
        device.verdict.normal_since_s = _or_none(columns.normal_s[slot])
        habit.last_s, habit.since_s = _or_none(columns.heard_s[slot]), _or_none(columns.since_s[slot])
        habit.interval_s, habit.intervals = float(columns.interval_s[slot]), int(columns.intervals[slot])
        device.raising.bar, device.raising.seen_s = float(columns.bar[slot]), _or_none(columns.seen_s[slot])
        return device

    def push(self, device: DeviceHealth) -> None:
        """Take over what a device says; its product, place and kind are set apart."""
        columns, slot, habit = self.columns, device.slot, device.habit
        verdict, raising = device.verdict, device.raising
        columns.learn[slot] = device.learn
        columns.newest_s[slot] = device.newest_s
        columns.heard_s[slot], columns.since_s[slot] = _or_nan(habit.last_s), _or_nan(habit.since_s)
        columns.interval_s[slot], columns.intervals[slot] = habit.interval_s, habit.intervals
        columns.gap_s[slot], columns.incomplete_s[slot] = device.gap_s, _or_nan(device.incomplete_s)
        columns.state[slot], columns.drift[slot], columns.warming[slot] = device.state, device.drift, device.warming
        columns.calm[slot] = not (verdict.ill or verdict.run or raising.stirs)
        columns.normal_s[slot] = _or_nan(verdict.normal_since_s)
        columns.bar[slot], columns.seen_s[slot] = raising.bar, _or_nan(raising.seen_s)

    def quiet_since(self, at_s: float, listening_since_s: float) -> list[int]:
        """Return the entries that said nothing from an instant on while we listened, and are not known to be silent."""
        heard_s, since_s = self.columns.heard_s[: self.count], self.columns.since_s[: self.count]
        quiet = (np.maximum(heard_s, listening_since_s) < at_s) & np.isnan(since_s)
        found: list[int] = np.flatnonzero(quiet).tolist()
        return found


def _room(devices: int) -> Columns:
    kinds = {"product": np.int32, "place": np.int32, "kind": np.int32, "intervals": np.int64}
    flags = {"learn", "warming", "calm"}
    return Columns(
        *(np.zeros(devices, np.bool_ if name in flags else kinds.get(name, np.float64)) for name in Columns._fields)
    )


def _or_none(value: np.float64) -> float | None:
    return None if isnan(value) else float(value)


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
