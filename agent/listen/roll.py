"""All devices by number (state): what was heard of each, and of the usual part of it columns for compiled code.

A ``Heard`` is the whole; a column is ahead of it after compiled code went over it. ``pull`` brings it up to date,
``push`` the column; whoever reads or changes one does the one before and the other afterwards.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.listen.heard import Heard
from agent.listen.texts import Texts
from broker.limits import MAX_NAME_CHARS
from broker.topics import Channel, topic_of

_FIRST: Final = 64
_FORMS: Final = 4
_NEVER_MS: Final = -(2**62)


class Marks(NamedTuple):
    """An entry a device.

    ``slot`` is its place in the health's columns, −1: not known; ``expected`` the next number of its newest boot, −1:
    there is none that is plain. ``usual``: its time is its own and right; ``clockless``: it has none. ``forms`` are of
    its latest messages.
    """

    slot: NDArray[np.int32]
    expected: NDArray[np.int64]
    boot: NDArray[np.uint8]
    boot_bytes: NDArray[np.int64]
    last_s: NDArray[np.float64]
    usual: NDArray[np.bool_]
    clockless: NDArray[np.bool_]
    watched_ms: NDArray[np.int64]
    least_ms: NDArray[np.int64]
    left: NDArray[np.float64]
    told_ms: NDArray[np.int64]
    over: NDArray[np.int64]
    forms: NDArray[np.int32]


class Roll:
    """The devices in the order they were first heard of."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.topics = Texts()
        self.devices: list[str] = []
        self.marks = _room(_FIRST)
        self._heard: list[Heard] = []
        self._boots: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, device_id: str) -> int:
        """Return a device's number; a new one for a new device."""
        number = self._numbers.get(device_id)
        return self.add(device_id, Heard()) if number is None else number

    def add(self, device_id: str, heard: Heard) -> int:
        """Take in a device that is new; return its number."""
        number = self._numbers[device_id] = len(self.devices)
        self.devices.append(device_id)
        self._heard.append(heard)
        self._boots.append(next(reversed(heard.samples.boots), ""))
        self.topics.add(topic_of(device_id, Channel.TELEMETRY, self._root).encode())
        if number == len(self.marks.slot):
            larger = _room(2 * number)
            columns: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(larger, self.marks, strict=True)
            for column, old in columns:
                column[:number] = old
            self.marks = larger
        self.push(number)
        return number

    def pull(self, number: int) -> Heard:
        """Bring what was heard of a device up to date and return it."""
        marks, heard = self.marks, self._heard[number]
        if marks.expected[number] >= 0:
            heard.samples.boots[self._boots[number]].expected = int(marks.expected[number])
        heard.last_s = float(marks.last_s[number])
        heard.budget.left, heard.budget.over = float(marks.left[number]), int(marks.over[number])
        heard.lag.least_ms = int(marks.least_ms[number])
        return heard

    def push(self, number: int, boot: str | None = None) -> None:
        """Bring the columns up to date; ``boot`` is the one its samples now have, ``None``: the same as before."""
        marks, heard = self.marks, self._heard[number]
        if boot is not None:
            self._boots[number] = boot
        known = heard.samples.boots.get(self._boots[number])
        text = self._boots[number].encode()
        plain = known is not None and len(text) <= MAX_NAME_CHARS
        marks.expected[number] = known.expected if known is not None and plain else -1
        if plain:
            marks.boot[number, : len(text)] = np.frombuffer(text, np.uint8)
        marks.boot_bytes[number] = len(text)
        marks.last_s[number] = heard.last_s
        marks.usual[number] = heard.has_clock and heard.lag.since_ms is not None and not heard.lag.behind
        marks.clockless[number] = not heard.has_clock
        marks.watched_ms[number] = _NEVER_MS if heard.lag.since_ms is None else heard.lag.since_ms
        marks.least_ms[number] = heard.lag.least_ms
        marks.left[number], marks.over[number] = heard.budget.left, heard.budget.over
        marks.told_ms[number] = _NEVER_MS if heard.budget.told_ms is None else heard.budget.told_ms

    def skip(self, number: int, expected: int, seq: int) -> None:
        """Remember what compiled code saw skipped of a device's newest boot."""
        self._heard[number].samples.boots[self._boots[number]].skip(expected, seq)

    def goes_by(self, number: int, form: int) -> bool:
        """Tell whether a device's messages of a form can be usual already."""
        return bool(self.marks.slot[number] >= 0 and form in self.marks.forms[number].tolist())

    def uses(self, number: int, form: int) -> None:
        """Note the form of a device's message: it may come again."""
        forms = self.marks.forms[number]
        if form not in forms:
            forms[1:] = forms[:-1].copy()
            forms[0] = form

    def settle(self, number: int, slot: int) -> None:
        """Note where a device lies in the health's columns; −1: look again."""
        self.marks.slot[number] = slot

    def forget_slot(self, device_id: str) -> None:
        """Have a device's place in the health's columns looked up again."""
        if device_id in self._numbers:
            self.marks.slot[self._numbers[device_id]] = -1


def _room(devices: int) -> Marks:
    return Marks(
        slot=np.full(devices, -1, np.int32),
        expected=np.full(devices, -1, np.int64),
        boot=np.zeros((devices, MAX_NAME_CHARS), np.uint8),
        boot_bytes=np.zeros(devices, np.int64),
        last_s=np.zeros(devices),
        usual=np.zeros(devices, np.bool_),
        clockless=np.zeros(devices, np.bool_),
        watched_ms=np.zeros(devices, np.int64),
        least_ms=np.zeros(devices, np.int64),
        left=np.zeros(devices),
        told_ms=np.zeros(devices, np.int64),
        over=np.zeros(devices, np.int64),
        forms=np.full((devices, _FORMS), -1, np.int32),
    )
