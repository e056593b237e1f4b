"""Which pictures to draw (pure): which devices, which stretch of their time, which metrics."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.backtest.alarm import Alarm, AlarmKind
from agent.backtest.replay import Recorded
from agent.backtest.report import Report

MOST_DEVICES: Final = 50
_METRICS, _METRICS_CLOSE = 5, 3
_CLOSER: Final = 2
_LEAST_HALF_US: Final = 3_600_000_000
_HALF_ROWS: Final = 150  # to each side of an alarm looked at closely


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of one device's time, in Unix µs, and the metrics to draw; ``alarm`` is what it looks at, if one."""

    device: int
    start_us: int
    end_us: int
    metrics: tuple[str, ...]
    alarm: Alarm | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What is drawn of one device: all of its time, and its strongest alarms from near."""

    device: int
    whole: Frame
    closer: tuple[Frame, ...]

    @property
    def frames(self) -> tuple[Frame, ...]:
        """Return all frames."""
        return (self.whole, *self.closer)


def choose_pages(report: Report, devices: Sequence[Recorded], metrics: Sequence[str]) -> tuple[Page, ...]:
    """Return a page for each alarmed device, those with the strongest alarms first, at most ``MOST_DEVICES``.

    ``metrics`` are those of the file: drawn where no alarm names any.
    """
    alarms: dict[int, list[Alarm]] = {}
    for alarm in report.alarms:
        alarms.setdefault(alarm.device, []).append(alarm)
    order = sorted(alarms, key=lambda device: max(map(strength, alarms[device])), reverse=True)
    return tuple(_page(device, devices[device], alarms[device], metrics) for device in order[:MOST_DEVICES])


def _page(place: int, device: Recorded, alarms: Sequence[Alarm], metrics: Sequence[str]) -> Page:
    telling = _most_telling(alarms) or tuple(metrics[:_METRICS])
    whole = Frame(place, device.first_us, max(device.last_us, device.first_us + 1), telling)
    half_us = max(_HALF_ROWS * (device.last_us - device.first_us) // max(device.rows, 1), _LEAST_HALF_US)
    if 4 * half_us > whole.end_us - whole.start_us:
        return Page(place, whole, ())
    closer: list[Alarm] = []
    for alarm in sorted(alarms, key=strength, reverse=True):
        if len(closer) < _CLOSER and all(abs(alarm.at_us - other.at_us) > half_us for other in closer):
            closer.append(alarm)
    closer.sort(key=lambda alarm: alarm.at_us)
    return Page(place, whole, tuple(_closer(whole, alarm, half_us) for alarm in closer))


def _closer(whole: Frame, alarm: Alarm, half_us: int) -> Frame:
    start_us = min(max(alarm.at_us - half_us, whole.start_us), whole.end_us - 2 * half_us)
    metrics = tuple(dict.fromkeys((*alarm.metrics, *whole.metrics)))[:_METRICS_CLOSE]
    return Frame(whole.device, start_us, start_us + 2 * half_us, metrics, alarm)


def _most_telling(alarms: Sequence[Alarm]) -> tuple[str, ...]:
    """Return the metrics that explain a device's alarms most, the first of an alarm counting most."""
    weights: Counter[str] = Counter()
    for alarm in alarms:
        for rank, metric in enumerate(alarm.metrics):
            weights[metric] += 1.0 / (rank + 1)  # type: ignore[assignment]  # typeshed counts in whole numbers only
    return tuple(metric for metric, _ in weights.most_common(_METRICS))


def strength(alarm: Alarm) -> float:
    """Return what makes alarms of different kinds comparable enough to put the plainest first."""
    return {AlarmKind.ONSET: 1.0, AlarmKind.DRIFT: 3.0, AlarmKind.SILENCE: 0.0}[alarm.kind] * alarm.score
