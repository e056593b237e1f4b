"""Keeps history's files few, sorted, rolled up, and no older than wanted (shell): one piece of work a call.

Everything is decided from the names of the files that are there, so a crash at any point only means that the
next start does what was left. New files take their place before those they replace are removed.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from agent.failpoint import Failpoint, reach
from agent.history.folder import Folder, day_hours_in, month_end_in, parts_in, remove
from agent.history.merge import HOUR_S, MINUTE_S, merge_hours, merge_samples, roll_up, speaks_often
from agent.history.parts import (
    MERGE_AT,
    DayHours,
    Part,
    day_hours_of,
    merged,
    month_end_of,
    month_name,
    part_of,
    to_merge,
)

_SETTLED: Final = timedelta(minutes=15)
"""How long after its end a day is taken for over: what is still on its way then comes as late parts."""
LATE_PATIENCE_S: Final = 3600.0
"""Real seconds for which late parts of a day that is over gather, before its file is written anew."""

log = structlog.get_logger()


@dataclass(slots=True)
class Upkeep:
    """Looks after one history.

    ``keep`` is the age at which samples and their minutes go, ``keep_hours`` that at which hours do, no less than
    ``keep``. ``late_patience_s`` is in real seconds.
    """

    folder: Folder
    keep: timedelta
    keep_hours: timedelta
    late_patience_s: float = LATE_PATIENCE_S
    at_point: Callable[[Failpoint], None] = reach

    def work_once(self, now: datetime) -> bool:
        """Do the next piece of work, if there is one; return whether there was.

        Raises:
            OSError, duckdb.Error: it could not be done; nothing is lost.
        """
        with self.folder.locked():
            return any(work(now) for work in (self._retire, self._merge, self._merge_month))

    def work(self, now: datetime) -> None:
        """Do all that is due."""
        while self.work_once(now):
            pass

    def _retire(self, now: datetime) -> bool:
        """Remove the oldest day or month that is past its age; a day's hours are made first where there are none."""
        oldest = (now - self.keep).astimezone(UTC).date()
        for day in self.folder.days():
            if day < oldest:
                if any(self._roll_up_unrolled(day, folder) for folder in self.folder.products(day)):
                    return True
                for kind in ("samples", "minutes", "gaps"):
                    shutil.rmtree(self.folder.root / kind / f"day={day.isoformat()}", ignore_errors=True)
                log.info("history.day_retired", day=day.isoformat())
                return True
        oldest = (now - max(self.keep, self.keep_hours)).astimezone(UTC).date()
        for month in self.folder.months():
            if _after(month) <= oldest:
                shutil.rmtree(self.folder.root / "hours" / f"month={month:%Y-%m}", ignore_errors=True)
                return True
        return False

    def _roll_up_unrolled(self, day: date, folder: Path) -> bool:
        """Do the next step towards the hours of a day that has none; samples that come later than those are dropped."""
        in_month = self.folder.hours(day, folder.name)
        if month_end_in(in_month) is not None or day in {hours.day for hours in day_hours_in(in_month)}:
            return False
        parts = parts_in(folder)
        if any(not part.is_day for part in parts):
            self._replace(folder, parts, merged(parts, whole_day=True))
            return True
        return self._roll_up(day, folder, parts)

    def _merge(self, now: datetime) -> bool:
        return any(
            self._tidy(folder) or self._merge_day(day, folder, now)
            for day in self.folder.days()
            for folder in self.folder.products(day)
        ) or any(
            self._tidy(folder) or self._merge_gaps(folder)
            for day in self.folder.days("gaps")
            for folder in self.folder.products(day, "gaps")
        )

    def _merge_gaps(self, folder: Path) -> bool:
        """Keep the files of gaps few; a day of them is small, and never rolled up."""
        due = to_merge(parts_in(folder))
        if due:
            self._replace(folder, due, merged(due))
        return bool(due)

    def _tidy(self, folder: Path) -> bool:
        """Remove the files that others have replaced; never counts as work."""
        standing = set(parts_in(folder))
        remove(folder, [path.name for path in folder.iterdir() if (p := part_of(path.name)) and p not in standing])
        return False

    def _merge_day(self, day: date, folder: Path, now: datetime) -> bool:
        parts = parts_in(folder)
        loose = tuple(part for part in parts if not part.is_day)
        if not _is_over(day, now):
            due = to_merge(parts)
            if due:
                self._replace(folder, due, merged(due))
            return bool(due)
        if loose and (len(loose) == len(parts) or self._late_enough(folder, loose)):
            self._replace(folder, parts, merged(parts, whole_day=True))
            return True
        return not loose and self._roll_up(day, folder, parts)

    def _late_enough(self, folder: Path, loose: tuple[Part, ...]) -> bool:
        oldest = min((folder / part.name).stat().st_mtime for part in loose)
        return len(loose) >= MERGE_AT**2 or time.time() - oldest >= self.late_patience_s

    def _replace(self, folder: Path, parts: tuple[Part, ...], by: Part) -> None:
        merge_samples(self.folder, [folder / part.name for part in parts], folder / by.name)
        self.at_point(Failpoint.HISTORY_MERGED)
        remove(folder, [part.name for part in parts])

    def _roll_up(self, day: date, folder: Path, parts: tuple[Part, ...]) -> bool:
        """Make minutes and hours of a day's file, unless they stand."""
        if not parts:
            return False
        [whole] = parts
        hours, product = DayHours(day, whole.end), folder.name
        in_month = self.folder.hours(day, product)
        reached = month_end_in(in_month)
        if hours in day_hours_in(in_month) or (reached is not None and reached >= whole.end):
            return False
        source = folder / whole.name
        minutes = self.folder.minutes(day, product)
        if speaks_often(source):
            roll_up(self.folder, source, MINUTE_S, minutes / hours.name)
            old = [path.name for path in minutes.iterdir() if path.name != hours.name]
            remove(minutes, old)
        roll_up(self.folder, source, HOUR_S, in_month / hours.name)
        self.at_point(Failpoint.HISTORY_MERGED)
        same_day = [p.name for p in in_month.iterdir() if (h := day_hours_of(p.name)) and h.day == day and h != hours]
        remove(in_month, same_day)
        return True

    def _merge_month(self, now: datetime) -> bool:
        return any(
            self._merge_hours(month, folder)
            for month in self.folder.months()
            if _is_over(_after(month) - timedelta(days=1), now)
            for folder in self.folder.month_products(month)
        )

    def _merge_hours(self, month: date, folder: Path) -> bool:
        """Make one file of a month's hours, once every day of it is in one file."""
        days = day_hours_in(folder)
        standing = [part for day in _days_of(month) for part in parts_in(self.folder.samples(day, folder.name))]
        if not days or not all(part.is_day for part in standing):
            return False
        reached = month_end_in(folder)
        end = max([day.end for day in days] + [part.end for part in standing] + [reached or 0])
        before = None if reached is None else folder / month_name(reached)
        replaced = [day.day for day in days]
        merge_hours(self.folder, [folder / day.name for day in days], before, replaced, folder / month_name(end))
        self.at_point(Failpoint.HISTORY_MERGED)
        older = [path.name for path in folder.iterdir() if (e := month_end_of(path.name)) is not None and e < end]
        remove(folder, [*older, *(path.name for path in folder.iterdir() if day_hours_of(path.name))])
        return True


def _is_over(day: date, now: datetime) -> bool:
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return now >= ends + _SETTLED


def _after(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _days_of(month: date) -> Iterator[date]:
    return (month + timedelta(days=number) for number in range((_after(month) - month).days))
