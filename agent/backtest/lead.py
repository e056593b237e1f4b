"""Failures against the alarms before them (pure): which were foreseen, and how long ahead.

An alarm warns of a failure when it is raised within a horizon before it, or is of wear that began earlier and
still stands there. The lead is from the first alarm that warns. Where alarms are many, some fall before a failure by
chance: how many would, at the rate alarms come while no failure is near, is said beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp
from typing import Final

from agent.backtest.alarm import Alarm
from agent.backtest.events import Span
from agent.backtest.truth import HOUR_US, Failure

_ONE: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long before a failure an alarm counts, and how long ahead it must come to be of use."""

    warn_within: timedelta = timedelta(hours=168)
    in_time: timedelta = timedelta(hours=20)


@dataclass(frozen=True, slots=True)
class LeadScore:
    """How failures were foreseen; ``leads_h`` has the hours of each that was warned of at all, shortest first.

    ``in_time`` of them were warned of early enough; ``by_chance`` is how many would have been at the rate alarms come
    while no failure is near (0 when all of the time is near one).
    """

    failures: int
    leads_h: tuple[float, ...]
    in_time: int
    by_chance: float


def score_leads(
    alarms: Mapping[int, Sequence[Alarm]],
    failures: Mapping[int, Sequence[Failure]],
    spans: Mapping[int, Span],
    horizon: Horizon,
) -> LeadScore:
    """Return how failures were foreseen; one outside what was judged of its device does not count.

    Args:
        alarms: each device's alarms in time order.
        failures: each device's failures.
        spans: when each device was judged, all devices; a failure may come a horizon after the last row.
        horizon: what counts as a warning.
    """
    within_us, in_time_us = horizon.warn_within // _ONE, horizon.in_time // _ONE
    a_us = _background(alarms, failures, spans, horizon)
    leads: list[float] = []
    total = in_time = 0
    by_chance = 0.0
    for device, device_failures in failures.items():
        span, device_alarms = spans[device], alarms.get(device, ())
        for failure in device_failures:
            if not span.start_us < failure.failed_us <= span.end_us + within_us:
                continue
            total += 1
            from_us = max(failure.failed_us - within_us, span.start_us)
            warned_us = _first_warning(device_alarms, from_us, failure.failed_us)
            if warned_us is not None:
                leads.append((failure.failed_us - warned_us) / HOUR_US)
                in_time += failure.failed_us - warned_us >= in_time_us
            by_chance += 1.0 - exp(-a_us * max(failure.failed_us - in_time_us - from_us, 0))
    return LeadScore(total, tuple(sorted(leads)), in_time, by_chance)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the quantile of numbers in order, straight between neighbours; ``None`` for no numbers."""
    if not ordered:
        return None
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def warns(alarm: Alarm, failures: Sequence[Failure], horizon: Horizon) -> bool:
    """Tell whether an alarm warns of one of its device's failures."""
    within_us = horizon.warn_within // _ONE
    return any(
        alarm.at_us <= failure.failed_us + HOUR_US
        and (alarm.until_us is None or alarm.until_us >= failure.failed_us - within_us)
        for failure in failures
    )


def _first_warning(alarms: Sequence[Alarm], from_us: int, failed_us: int) -> int | None:
    for alarm in alarms:
        if alarm.at_us >= failed_us:
            return None
        if alarm.until_us is None or alarm.until_us >= from_us:
            return alarm.at_us
    return None


def _background(
    alarms: Mapping[int, Sequence[Alarm]],
    failures: Mapping[int, Sequence[Failure]],
    spans: Mapping[int, Span],
    horizon: Horizon,
) -> float:
    """Return how many alarms a µs a device has while no failure is near."""
    within_us = horizon.warn_within // _ONE
    outside = length_us = 0
    for device, span in spans.items():
        near = failures.get(device, ())
        outside += sum(not warns(alarm, near, horizon) for alarm in alarms.get(device, ()))
        length_us += max(span.end_us - span.start_us, 0)
        for failure in near:
            start_us, end_us = max(failure.failed_us - within_us, span.start_us), min(failure.failed_us, span.end_us)
            length_us -= max(end_us - start_us, 0)
    return outside / length_us if length_us > 0 else 0.0
