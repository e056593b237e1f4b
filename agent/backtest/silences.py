"""Silence in a recording (state): gaps too long for a device's own habit.

A gap shows with the row after it; the alarm is dated when the habit was broken. Where the other devices that were
recorded before and after said nothing either, the recorder was away and nobody was silent. The end of a device's rows
is no silence: nothing says that it should have gone on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.backtest.alarm import Alarm, AlarmKind
from agent.health.silence import Habit

_BUCKET_S: Final = 60
_A_DAY: Final = 86_400 // _BUCKET_S
_KNOWN: Final = 50  # intervals: from here on more of the same teaches nothing


@dataclass(slots=True)
class Silences:
    """The habits of all devices, and in which minutes anybody spoke (1.4 kB a recorded day)."""

    habits: list[Habit] = field(default_factory=list)
    found: list[Alarm] = field(default_factory=list)
    _spoken: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    def hear(self, device: int, at_us: NDArray[np.int64]) -> None:
        """Take the next rows of one device."""
        while len(self.habits) <= device:
            self.habits.append(Habit())
        habit = self.habits[device]
        at_s = at_us / 1e6
        if habit.last_s is not None and habit.intervals >= _KNOWN:
            passed = np.diff(at_s, prepend=habit.last_s)
            if np.all(passed == habit.interval_s):
                habit.last_s = float(at_s[-1])
                return
        for moment in at_s.tolist():
            if habit.falls_silent(moment, float("-inf")) and habit.last_s is not None:
                noticed_us = round((habit.last_s + habit.longest_s) * 1e6)
                self.found.append(Alarm(device, noticed_us, AlarmKind.SILENCE, habit.longest_s / 60.0))
            habit.heard(moment)

    def note(self, at_us: NDArray[np.int64]) -> None:
        """Note that somebody spoke at these instants."""
        buckets = np.unique(at_us // (_BUCKET_S * 1_000_000))
        for day in np.unique(buckets // _A_DAY).tolist():
            minutes = self._spoken.setdefault(day, np.zeros(_A_DAY, np.bool_))
            minutes[buckets[buckets // _A_DAY == day] - day * _A_DAY] = True

    def alarms(self, first_us: Sequence[int], last_us: Sequence[int]) -> list[Alarm]:
        """Return the silences of devices, without those of the recorder.

        Args:
            first_us: each device's first row.
            last_us: each device's last row.
        """
        first, last = np.asarray(first_us), np.asarray(last_us)
        return [alarm for alarm in self.found if not self._recorder_was_away(alarm, first, last)]

    def _recorder_was_away(self, alarm: Alarm, first: NDArray[np.int64], last: NDArray[np.int64]) -> bool:
        since_us = alarm.at_us - round(alarm.score * 60e6)
        recorded = (first <= since_us) & (last >= alarm.at_us)
        recorded[alarm.device] = False
        return bool(recorded.any()) and not self._anybody_spoke(since_us, alarm.at_us)

    def _anybody_spoke(self, after_us: int, until_us: int) -> bool:
        """Tell whether anybody spoke in the whole minutes between two instants."""
        span = _BUCKET_S * 1_000_000
        for bucket in range(after_us // span + 1, until_us // span):
            day, minute = divmod(bucket, _A_DAY)
            if day in self._spoken and self._spoken[day][minute]:
                return True
        return False
