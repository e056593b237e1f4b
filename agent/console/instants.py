"""Instants and spans as people read them (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NEAR = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as a page shows it. ``iso`` for machines, ``day`` and ``clock`` local, ``ago`` beside now."""

    iso: str
    day: str
    clock: str
    full: str
    ago: str

    @property
    def day_within(self) -> str:
        """The day within a sentence: "today", but "Fri 21 Nov"."""
        return self.day.lower() if self.day in _NEAR.values() else self.day


def zone_named(name: str) -> tzinfo:
    """Return the zone of that name, or UTC for one that does not exist: the name may come from a browser."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def moment(at: datetime, now: datetime, zone: tzinfo) -> Moment:
    """Return an instant in a zone, and how long before or after ``now`` it is."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    return Moment(
        iso=at.astimezone(UTC).isoformat(timespec="seconds"),
        day=day_words(at, now, zone),
        clock=clock,
        full=f"{local:%A} {local.day} {local:%B %Y}, {clock} {local:%Z}".strip(),
        ago=ago(at, now),
    )


def day_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return the local day: today, yesterday, tomorrow, or its date; with a year only when it is another one."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    near = _NEAR.get((local.date() - today.date()).days)
    year = "" if local.year == today.year else f" {local.year}"
    return near or f"{local:%a} {local.day} {local:%b}{year}"


def ago(at: datetime, now: datetime) -> str:
    """Return how long before or after ``now`` an instant is: "just now", "5 min ago", "in 2 h"."""
    apart = now - at
    if abs(apart) < timedelta(minutes=1):
        return "just now"
    words = span(abs(apart))
    return f"{words} ago" if apart > timedelta(0) else f"in {words}"


def span(duration: timedelta) -> str:
    """Return a length of time in its largest unit and, below two days, the next: "35 min", "4 h 20 min", "3 days"."""
    seconds = int(duration.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3_600, rest % 3_600 // 60
    if days >= 2:  # noqa: PLR2004 - below two days hours still matter
        return f"{days} days"
    if days == 1:
        return f"1 day {hours} h" if hours else "1 day"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
