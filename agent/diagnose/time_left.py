"""How long a device will still do its work (pure): from how it went with others, else from the slope of its own drift.

Nothing is promised without either. The early end is what visits are placed before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from typing import Final

ENOUGH_FAILED: Final = 3
"""Failures to have seen before anything is said of when: with fewer, the range between them is chance."""
_TAIL: Final = 0.1  # of the failures lie before the early end, and as many after the late one
FAILS_FROM: Final = 2.6
FAILS_BY: Final = 9.1
"""The drift, in multiples of its threshold, by which 10 and 90 % had failed: 50 turbofans of C-MAPSS FD001."""
_ENOUGH_LOOKS: Final = 3
_LEAST_SPAN_DAYS: Final = 2.0  # a drift looks back on sixteen hours: while those fill it rises, whatever the wear
_DAY: Final = timedelta(days=1)
_GRACE: Final = 0.05
_FAR: Final = timedelta(days=365)  # whatever creeps this slowly is no failure ahead


class Basis(StrEnum):
    """What a time left rests on."""

    CASES = "cases"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class Course:
    """How it went with one device: from its first sign until it failed, or until it was put right before it could."""

    lasted: timedelta
    failed: bool


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """From now: it fails between ``earliest`` and ``latest``, both ≥ 0.

    ``alike`` are the cases known to have come this far and on; ``within`` of them failed in that range. Both 0 where it
    rests on the device's drift alone.
    """

    earliest: timedelta
    latest: timedelta
    basis: Basis
    alike: int = 0
    within: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """The drift of a device at one moment: days since any fixed instant, and multiples of the threshold."""

    at_days: float
    drift: float


def time_left(courses: Sequence[Course], age: timedelta, looks: Sequence[Look]) -> TimeLeft | None:
    """Return how long it will last; ``None``: nothing to say it from.

    Args:
        courses: how it went with devices of the product that had this fault, confirmed.
        age: since the first sign on this device, ≥ 0; who failed sooner than that is no longer like it.
        looks: its drift so far, the newest last.
    """
    return _by_cases(courses, age) or _by_drift(looks)


def _by_cases(courses: Sequence[Course], age: timedelta) -> TimeLeft | None:
    failed = sorted(course.lasted for course in courses if course.failed and course.lasted > age)
    if len(failed) < ENOUGH_FAILED:
        return None
    cut = int(_TAIL * len(failed))
    early, late = failed[cut], failed[len(failed) - 1 - cut]
    within = sum(early <= lasted <= late for lasted in failed)
    outlived = sum(not course.failed and course.lasted > late for course in courses)
    return TimeLeft(early - age, late - age, Basis.CASES, len(failed) + outlived, within)


def _by_drift(looks: Sequence[Look]) -> TimeLeft | None:
    if len(looks) < _ENOUGH_LOOKS or looks[-1].at_days - looks[0].at_days < _LEAST_SPAN_DAYS:
        return None
    slope = slope_per_day(looks)
    now = looks[-1].drift
    if slope <= 0.0 or now >= FAILS_BY:
        return None
    early = max(FAILS_FROM - now, 0.0) / slope
    late = (FAILS_BY - now) / slope
    if early > _FAR / _DAY:
        return None
    return TimeLeft(early * _DAY, min(late, _FAR / _DAY) * _DAY, Basis.DRIFT)  # a slope near zero: an endless time


def slope_per_day(looks: Sequence[Look]) -> float:
    """Return how fast the drift grows, in multiples of the threshold a day; few wrong looks cannot bend it.

    The median of the slopes between all pairs of looks; cost grows with n². Needs two looks at different times.

    Source: P. K. Sen, J. Am. Stat. Assoc. 63 (1968) 1379-1389.
    """
    slopes = [
        (later.drift - look.drift) / (later.at_days - look.at_days)
        for place, look in enumerate(looks)
        for later in looks[place + 1 :]
        if later.at_days > look.at_days
    ]
    return median(slopes) if slopes else 0.0


def time_left_sentence(left: TimeLeft | None) -> str:
    """Return the time left in words for staff, with the cases behind it; "" where there is none."""
    if left is None:
        return ""
    when = _range(left.earliest, left.latest)
    match left.basis:
        case Basis.CASES:
            return f"Likely to fail {when}, {left.within} of {left.alike} like it did."
        case Basis.DRIFT:
            return f"Likely to fail {when}, by the slope of its drift alone; there are no cases to compare with."


def _range(earliest: timedelta, latest: timedelta) -> str:
    hours = latest < 2 * _DAY
    one = timedelta(hours=1) if hours else _DAY
    unit = "hour" if hours else "day"
    # Outwards, for a promise is not sharpened by rounding; but the minutes a diagnosis takes cost no whole day.
    early, late = int(earliest / one + _GRACE), max(ceil(latest / one - _GRACE), 1)
    if early <= 0:
        return f"within {late} {unit}{'' if late == 1 else 's'}"
    return f"in {early} {unit}{'' if early == 1 else 's'}" if early == late else f"in {early}–{late} {unit}s"
