"""Which of a model's scores become alarms (state): at most one a device and hour.

The model's own budget asks for onsets. Wear asks once, when drift has stood at its threshold for six hours, and again
only after it has clearly gone: wear is slow, and a busy afternoon is none. What comes within the hour after an alarm is
lost if it is an onset and waits if it is wear.
"""

from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agent.backtest.alarm import Alarm, AlarmKind, explaining
from agent.health.interface import Scores
from agent.health.raising import DRIFT_BELOW, DRIFT_FROM, WORN_AFTER_S

HOUR_US: Final = 3_600_000_000
WORN_AFTER_US: Final = round(WORN_AFTER_S * 1e6)
_NEVER: Final = -(2**62)

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Judged:
    """Scored rows of one product: each row's device in the replay, its Unix µs, and from when it may alarm."""

    device: NDArray[np.intp]
    at_us: NDArray[np.int64]
    from_us: NDArray[np.int64]
    scores: Scores
    metrics: tuple[str, ...]


@dataclass(slots=True)
class Standing:
    """What was raised about one device.

    ``seen_us`` is its last row, ``worn_us`` when its wear began, ``told`` the place of the alarm of its wear (``None``:
    not told yet).
    """

    seen_us: int = _NEVER
    alarmed_us: int = _NEVER
    worn: bool = False
    worn_us: int = _NEVER
    told: int | None = None


@dataclass(frozen=True, slots=True)
class Wear:
    """Where drift stands in rows sorted by device: does it stand, did it begin or end here."""

    stands: Flags
    begins: Flags
    ends: Flags


def wear_of(drift: NDArray[np.float32], starts: Flags, stood: Flags) -> Wear:
    """Return where drift stands, with hysteresis.

    Args:
        drift: the rows' drift, sorted by device and then time, not empty.
        starts: whether a row is the first of its device.
        stood: at these first rows, whether the device's wear stood before; elsewhere it is not looked at.
    """
    says = np.zeros(len(drift), np.int8)
    says[drift >= DRIFT_FROM] = 1
    says[drift < DRIFT_BELOW] = -1
    undecided = starts & (says == 0)
    says[undecided] = np.where(stood[undecided], 1, -1)
    stands = says[np.maximum.accumulate(np.where(says != 0, np.arange(len(drift)), 0))] > 0
    before = np.concatenate([stood[:1], stands[:-1]])
    before[starts] = stood[starts]
    return Wear(stands, stands & ~before, before & ~stands)


@dataclass(slots=True)
class AlarmBook:
    """All alarms so far, but those of silence, and where each device stands."""

    alarms: list[Alarm] = field(default_factory=list)
    _standing: list[Standing] = field(default_factory=list)

    def take(self, judged: Judged) -> Flags:
        """Raise what is to be raised; return which rows did, in the order they came."""
        raised = np.zeros(len(judged.device), np.bool_)
        order = np.argsort(judged.device, kind="stable")
        device, at_us = judged.device[order], judged.at_us[order]
        starts = np.diff(device, prepend=-1) != 0
        self._make_room(int(device[-1]) + 1)
        stood = np.zeros(len(device), np.bool_)
        stood[starts] = [self._standing[place].worn for place in device[starts].tolist()]
        wear = wear_of(judged.scores.drift[order], starts, stood)
        seen_us = np.concatenate([at_us[:1], at_us[:-1]])
        seen_us[starts] = [self._standing[place].seen_us for place in device[starts].tolist()]
        hourly = wear.stands & (at_us // HOUR_US != seen_us // HOUR_US)
        asked = judged.scores.alarm[order] | wear.begins | wear.ends | hourly
        for row in np.flatnonzero(asked).tolist():
            if wear.begins[row]:
                self._standing[device[row]].worn_us = int(at_us[row])
            if wear.ends[row]:
                self._wear_ended(int(device[row]), int(at_us[row]))
            if at_us[row] >= judged.from_us[order[row]]:
                raised[order[row]] = self._raise(judged, int(order[row]), stands=bool(wear.stands[row]))
        last = np.append(starts[1:], True)
        for place, worn, seen in zip(*(each[last].tolist() for each in (device, wear.stands, at_us)), strict=True):
            self._standing[place].worn, self._standing[place].seen_us = worn, seen
        return raised

    def _raise(self, judged: Judged, row: int, *, stands: bool) -> bool:
        """Raise an alarm about a row if there is one to raise, and tell whether."""
        device, at_us = int(judged.device[row]), int(judged.at_us[row])
        standing = self._standing[device]
        worn = stands and standing.told is None and at_us - standing.worn_us >= WORN_AFTER_US
        if at_us - standing.alarmed_us < HOUR_US or not (worn or judged.scores.alarm[row]):
            return False
        kind = AlarmKind.DRIFT if worn else AlarmKind.ONSET
        score = judged.scores.drift[row] if worn else judged.scores.onset[row]
        if worn:
            standing.told = len(self.alarms)
        standing.alarmed_us = at_us
        because = explaining(judged.scores.because[row], judged.metrics)
        until_us = None if worn else at_us
        self.alarms.append(Alarm(device, at_us, kind, float(score), because, until_us))
        return True

    def _wear_ended(self, device: int, at_us: int) -> None:
        standing = self._standing[device]
        if standing.told is not None:
            self.alarms[standing.told] = replace(self.alarms[standing.told], until_us=at_us)
            standing.told = None

    def _make_room(self, devices: int) -> None:
        while len(self._standing) < devices:
            self._standing.append(Standing())
