"""The folder of history on the disk (shell): files are whole or absent, and found by day and product.

::

    history/cursor                                       where in the journal the writer stands
    history/samples/day=2026-11-21/product=frost-200/    the samples themselves
    history/minutes/day=2026-11-21/product=frost-200/    where devices speak more often than once a minute
    history/hours/month=2026-11/product=frost-200/       one file a day, then one a month
    history/gaps/day=2026-11-21/product=frost-200/       which samples are known to be missing, by the day a gap ended
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from agent.history.parts import DayHours, Part, day_hours_of, month_end_of, part_of, standing

BESIDE: Final = ".new"
"""Ends the name of a file that is still being written; what a crash left of it is removed at the next start."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One history."""

    root: Path

    @property
    def cursor(self) -> Path:
        """Where in the journal the writer stands, and what it must remember to go on."""
        return self.root / "cursor"

    @property
    def spill(self) -> Path:
        """Where a merge that is larger than its memory puts what it cannot hold."""
        return self.root / ".spill"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other writer of this history out, in this process and in others, meanwhile."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def samples(self, day: date, product: str) -> Path:
        """Return where one product's samples of a UTC day lie; ``product`` as ``parts.product_folder`` has it."""
        return self.root / "samples" / f"day={day.isoformat()}" / product

    def gaps(self, day: date, product: str) -> Path:
        """Return where one product's gaps of a day lie."""
        return self.root / "gaps" / f"day={day.isoformat()}" / product

    def minutes(self, day: date, product: str) -> Path:
        """Return where one product's minutes of a day lie."""
        return self.root / "minutes" / f"day={day.isoformat()}" / product

    def hours(self, day: date, product: str) -> Path:
        """Return where one product's hours of a day's month lie."""
        return self.root / "hours" / f"month={day:%Y-%m}" / product

    def days(self, kind: str = "samples") -> tuple[date, ...]:
        """Return the days that have samples, or gaps, oldest first."""
        return tuple(date.fromisoformat(name.removeprefix("day=")) for name in _names(self.root / kind, "day="))

    def months(self) -> tuple[date, ...]:
        """Return the first days of the months that have hours, oldest first."""
        names = _names(self.root / "hours", "month=")
        return tuple(date.fromisoformat(f"{name.removeprefix('month=')}-01") for name in names)

    def products(self, day: date, kind: str = "samples") -> tuple[Path, ...]:
        """Return the folders of the products that have samples, or gaps, on a day."""
        return _products(self.root / kind / f"day={day.isoformat()}")

    def month_products(self, month: date) -> tuple[Path, ...]:
        """Return the folders of the products that have hours in a month."""
        return _products(self.root / "hours" / f"month={month:%Y-%m}")

    def part_files(self) -> Iterator[tuple[Path, Part]]:
        """Give every file of samples and gaps, those included that another has replaced."""
        for kind in ("samples", "gaps"):
            for path in sorted((self.root / kind).glob("day=*/product=*/*")):
                part = part_of(path.name)
                if part is not None:
                    yield path, part

    def sweep(self) -> None:
        """Remove what was still being written when a process died."""
        for path in self.root.glob(f"**/*{BESIDE}"):
            path.unlink()
        shutil.rmtree(self.spill, ignore_errors=True)


def parts_in(folder: Path) -> tuple[Part, ...]:
    """Return the parts of one product and day that stand; none when the folder is gone."""
    return standing([part for name in _names(folder) if (part := part_of(name)) is not None])


def day_hours_in(folder: Path) -> tuple[DayHours, ...]:
    """Return the newest hours of each day in a month's folder, by day."""
    newest: dict[date, DayHours] = {}
    for hours in sorted(found for name in _names(folder) if (found := day_hours_of(name)) is not None):
        newest[hours.day] = hours
    return tuple(newest.values())


def month_end_in(folder: Path) -> int | None:
    """Return the offset up to which the newest file of a whole month holds everything; ``None``: there is none yet."""
    return max((end for name in _names(folder) if (end := month_end_of(name)) is not None), default=None)


def make_durable(beside: Path) -> Path:
    """Give a file its name, without ``BESIDE``, once all of it is on the disk; return the path it then has."""
    path = beside.with_name(beside.name.removesuffix(BESIDE))
    descriptor = os.open(beside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    sync_folder(path.parent)
    return path


def make_folder(folder: Path) -> None:
    """Make a folder whose name survives a power cut."""
    missing = [folder, *(parent for parent in folder.parents if not parent.exists())]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync_folder(made.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(folder: Path, names: Iterator[str] | list[str]) -> None:
    """Remove files; those that are gone already do not matter."""
    for name in names:
        with suppress(FileNotFoundError):
            (folder / name).unlink()


def _names(folder: Path, prefix: str = "") -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are all we need, of a thousand folders at once
    except FileNotFoundError:
        return []
    return sorted(name for name in names if name.startswith(prefix))


def _products(folder: Path) -> tuple[Path, ...]:
    return tuple(folder / name for name in _names(folder, "product="))
