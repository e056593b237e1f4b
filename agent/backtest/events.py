"""Alarms against labelled events (pure), by rules that cannot be gamed with many alarms.

At most one alarm a device and hour counts. An event is found when an alarm falls inside its window. An alarm
outside every window and more than an hour after one is false; within that hour it is neither right nor wrong.
Precision sets found events against false alarms, so that many alarms inside one event count once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.backtest.alarm import Alarm, AlarmKind
from agent.backtest.truth import HOUR_US, Window

_LONG_AGO: Final = -(2**62)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a device was judged, in Unix µs."""

    start_us: int
    end_us: int


@dataclass(frozen=True, slots=True)
class EventScore:
    """How alarms and events met.

    ``named`` counts the found events whose affected metrics are known; in ``named_right`` of them the metric
    that explained the first alarm most is one of these.
    """

    events: int
    found: int
    false: tuple[Alarm, ...]
    named: int = 0
    named_right: int = 0

    @property
    def recall(self) -> float | None:
        """Return the share of events found; ``None`` without events."""
        return self.found / self.events if self.events else None

    @property
    def precision(self) -> float | None:
        """Return found events as a share of these and false alarms; ``None`` when there are neither."""
        told = self.found + len(self.false)
        return self.found / told if told else None

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of precision and recall; ``None`` when there is nothing to judge."""
        total = self.found + len(self.false) + self.events
        return 2 * self.found / total if total else None


def one_an_hour(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return the alarms that count, of alarms in time order within each device."""
    counted_us: dict[int, int] = {}
    kept = []
    for alarm in alarms:
        if alarm.at_us - counted_us.get(alarm.device, _LONG_AGO) >= HOUR_US:
            counted_us[alarm.device] = alarm.at_us
            kept.append(alarm)
    return kept


def score_events(
    alarms: Sequence[Alarm], windows: Mapping[int, Sequence[Window]], spans: Mapping[int, Span]
) -> EventScore:
    """Return how alarms and events met.

    Args:
        alarms: in time order within each device.
        windows: each device's events; one that lies wholly outside the device's span does not count.
        spans: when each device was judged; alarms outside do not count.
    """
    judged = {device: _in_span(device_windows, spans[device]) for device, device_windows in windows.items()}
    counted = [
        alarm
        for alarm in one_an_hour(alarms)
        if spans[alarm.device].start_us <= alarm.at_us <= spans[alarm.device].end_us
    ]
    false = tuple(alarm for alarm in counted if _is_false(alarm, judged.get(alarm.device, ())))
    by_device: dict[int, list[Alarm]] = {}
    for alarm in counted:
        by_device.setdefault(alarm.device, []).append(alarm)
    found = named = named_right = 0
    for device, device_windows in judged.items():
        device_alarms = by_device.get(device, [])
        for window in device_windows:
            within = _within(device_alarms, window)
            found += bool(within)
            telling = next((alarm for alarm in within if alarm.metrics), None)
            if window.metrics and telling is not None:
                named += 1
                named_right += telling.metrics[0] in window.metrics
    return EventScore(sum(len(each) for each in judged.values()), found, false, named, named_right)


def by_kind(alarms: Iterable[Alarm]) -> dict[AlarmKind, int]:
    """Return how many alarms there are of each kind."""
    counts = dict.fromkeys(AlarmKind, 0)
    for alarm in alarms:
        counts[alarm.kind] += 1
    return counts


def _in_span(windows: Sequence[Window], span: Span) -> tuple[Window, ...]:
    return tuple(window for window in windows if window.start_us <= span.end_us and window.end_us >= span.start_us)


def _is_false(alarm: Alarm, windows: Sequence[Window]) -> bool:
    return not any(window.start_us <= alarm.at_us <= window.end_us + HOUR_US for window in windows)


def _within(alarms: Sequence[Alarm], window: Window) -> Sequence[Alarm]:
    instants = [alarm.at_us for alarm in alarms]
    first = next((place for place, at_us in enumerate(instants) if at_us >= window.start_us), len(alarms))
    return alarms[first : bisect_right(instants, window.end_us)]
