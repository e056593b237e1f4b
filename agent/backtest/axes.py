"""Where the ticks of an axis go and what they say (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STEPS_S: Final = (
    *(_MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * hours for hours in (1, 2, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 7, 14)),
)
_YEAR_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on the axis, in the axis' own unit, and what is written there."""

    at: float
    text: str


def instant(at_us: float) -> datetime:
    """Return Unix µs as an instant in UTC."""
    return _EPOCH + timedelta(microseconds=at_us)


def stamp(at_us: float) -> str:
    """Return an instant as a person reads it, to the minute."""
    return f"{instant(at_us):%Y-%m-%d %H:%M}"


def time_ticks(start_us: int, end_us: int, most: int) -> tuple[Tick, ...]:
    """Return at most ``most`` + 1 round instants between two, in Unix µs."""
    for step_s in _STEPS_S:
        if (end_us - start_us) / 1e6 / step_s <= most:
            return _even_ticks(start_us, end_us, step_s)
    return _month_ticks(start_us, end_us, most)


def value_ticks(low: float, high: float) -> tuple[Tick, ...]:
    """Return two or three round values between two; one when they are the same."""
    if high <= low:
        return (Tick(low, _number(low, 0.0)),)
    rough = (high - low) / 2.0
    power = 10.0 ** floor(log10(rough))
    step = max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= rough)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    ticks = [Tick(place * step, _number(place * step, step)) for place in range(first, last + 1)]
    return tuple(ticks if len(ticks) <= 3 else ticks[:: ceil(len(ticks) / 3)])  # noqa: PLR2004 - two or three


def _even_ticks(start_us: int, end_us: int, step_s: int) -> tuple[Tick, ...]:
    step_us = step_s * 1_000_000
    places = range(ceil(start_us / step_us), floor(end_us / step_us) + 1)
    return tuple(Tick(place * step_us, _time(place * step_us, whole_days=step_s >= _DAY)) for place in places)


def _month_ticks(start_us: int, end_us: int, most: int) -> tuple[Tick, ...]:
    first, last = instant(start_us), instant(end_us)
    months = range(first.year * _YEAR_MONTHS + first.month, last.year * _YEAR_MONTHS + last.month)
    step = max(ceil(len(months) / most), 1)
    ticks = []
    for month in months[::step]:
        at = datetime(month // _YEAR_MONTHS, month % _YEAR_MONTHS + 1, 1, tzinfo=UTC)
        ticks.append(Tick((at - _EPOCH) / timedelta(microseconds=1), f"{at:%b %Y}"))
    return tuple(ticks)


def _time(at_us: int, *, whole_days: bool) -> str:
    at = instant(at_us)
    midnight = at_us % (_DAY * 1_000_000) == 0
    return f"{at.day} {at:%b}" if whole_days or midnight else f"{at:%H:%M}"


def _number(value: float, step: float) -> str:
    if value == 0:
        return "0"
    largest = 1e5
    if abs(value) >= largest or abs(value) < 1e-3:  # noqa: PLR2004 - beyond these a power of ten reads better
        return f"{value:.2g}"
    digits = max(0, -floor(log10(step))) if step else 3
    return f"{value:,.{digits}f}"
