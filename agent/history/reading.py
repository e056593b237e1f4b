"""Reading history (shell): one device over a range, as many points as asked for, the newest minutes from memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agent.health.reading import Readings
from agent.history.buckets import Grain, Lines, grain_for, joined, of_samples, thinned, width_us
from agent.history.columns import AT, LAST_AT, SAMPLES, STATISTICS, column_of, rolled_up
from agent.history.folder import Folder, day_hours_in, month_end_in, parts_in
from agent.history.gap_reading import read_gaps
from agent.history.gaps import Gap
from agent.history.lookup import Lookup
from agent.history.parts import DayHours, Part, month_name, product_folder

_TRIES: Final = 5
_SECOND_US: Final = 1_000_000


class Memory(Protocol):
    """What still has the newest samples: ``agent.health.fleet.Fleet.recent``."""

    def __call__(self, device_id: str, metrics: Sequence[str] | None, since: datetime | None, /) -> Readings:
        """Return a device's samples in memory, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Range:
    """One device over a range, oldest first; ``n`` may be 0. It can be drawn like readings from memory.

    Attributes:
        at_s: float64 ``(n,)``, Unix seconds: when the sample was taken or the point's span begins.
        metrics: the names of the columns.
        values: float64 ``(n, metrics)``, each in the metric's unit, the mean over the point's span; NaN: not measured.
        low, high, last: the same shape: the lowest, highest and newest within the span.
        state: float32 ``(n,)``, all NaN: history keeps what devices said, not what was thought of it.
        grain: what the points were made from.
    """

    at_s: NDArray[np.float64]
    metrics: tuple[str, ...]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last: NDArray[np.float64]
    state: NDArray[np.float32]
    grain: Grain


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for."""

    device_id: str
    metrics: tuple[str, ...]
    product: str
    since_us: int
    until_us: int
    grain: Grain

    def days(self, among: Sequence[date]) -> Iterator[date]:
        """Give the UTC days of the range that are among these, oldest first."""
        first = datetime.fromtimestamp(self.since_us / _SECOND_US, UTC).date()
        last = datetime.fromtimestamp(self.until_us / _SECOND_US, UTC).date()
        return (day for day in among if first <= day <= last)

    def months(self, among: Sequence[date]) -> Iterator[date]:
        """Give the first days of the months of the range that are among these, oldest first."""
        first = datetime.fromtimestamp(self.since_us / _SECOND_US, UTC).date().replace(day=1)
        last = datetime.fromtimestamp(self.until_us / _SECOND_US, UTC).date()
        return (month for month in among if first <= month <= last)


@dataclass(frozen=True, slots=True)
class History:
    """History as it stands in files (``None``: there are none), and in ``memory`` where it is not written yet."""

    folder: Folder | None
    memory: Memory | None = None
    lookup: Lookup = field(default_factory=Lookup)

    def read_range(  # noqa: PLR0913 - a range has as many sides
        self,
        device_id: str,
        metrics: Sequence[str],
        since: datetime,
        until: datetime,
        points: int = 800,
        *,
        product: str,
    ) -> Range:
        """Return ``metrics`` of a device from ``since`` to ``until``, at most ``points`` (≥ 1) + 1 of them.

        ``product`` says where to look; a sample from before the device's first birth is found too.
        """
        since_us, until_us = _micros(since), max(_micros(until), _micros(since))
        grain = grain_for(until_us - since_us, points)
        wanted = _Wanted(device_id, tuple(metrics), product, since_us, until_us, grain)
        # Memory first: what is written meanwhile is then in both, and taken once; never in neither.
        remembered = None if self.memory is None else self.memory(device_id, wanted.metrics, since)
        lines = joined(self._from_files(wanted), len(wanted.metrics))
        newest_us = int(lines.newest_us.max()) if len(lines) else since_us - 1
        if remembered is not None and metrics:
            lines = joined((lines, _newer(remembered, newest_us, until_us)), len(wanted.metrics))
        lines = thinned(lines, since_us, until_us, points, width_us(grain))
        return Range(
            at_s=lines.at_us / _SECOND_US,
            metrics=wanted.metrics,
            values=lines.mean,
            low=lines.low,
            high=lines.high,
            last=lines.last,
            state=np.full(len(lines), np.nan, np.float32),
            grain=grain,
        )

    def read_gaps(self, device_id: str, since: datetime, until: datetime, *, product: str) -> tuple[Gap, ...]:
        """Return where samples of a device are known to be missing in a range, oldest first, up to the last commit."""
        if self.folder is None:
            return ()
        return read_gaps(self.folder, self.lookup, device_id, product, (_micros(since), _micros(until)))

    def _from_files(self, wanted: _Wanted) -> list[Lines]:
        """Return what the files have; a file that was replaced while we looked makes us look again."""
        if self.folder is None or not wanted.metrics:
            return []
        files = _Files(self.folder, self.lookup)
        for _ in range(_TRIES - 1):
            try:
                return list(files.pieces(wanted))
            except FileNotFoundError:
                continue
        return list(files.pieces(wanted))


@dataclass(frozen=True, slots=True)
class _Files:
    """Looks for rows in the files of a folder."""

    folder: Folder
    lookup: Lookup

    def pieces(self, wanted: _Wanted) -> Iterator[Lines]:
        """Give the rows of a device, file by file, each sample in one of them."""
        for product in dict.fromkeys((product_folder(wanted.product), product_folder(""))):
            match wanted.grain:
                case Grain.HOURS:
                    yield from self._hours(product, wanted)
                case Grain.MINUTES:
                    yield from self._minutes(product, wanted)
                    yield from self._older(product, wanted)
                case Grain.SAMPLES:
                    for day in wanted.days(self.folder.days()):
                        yield from self._samples(day, product, wanted)
                    yield from self._older(product, wanted)

    def _samples(self, day: date, product: str, wanted: _Wanted, beyond: int = 0) -> Iterator[Lines]:
        """Give the samples of a day in the parts that end beyond an offset."""
        folder = self.folder.samples(day, product)
        for part in parts_in(folder):
            if part.end > beyond:
                yield from self._read(folder / part.name, wanted, _of_samples)

    def _minutes(self, product: str, wanted: _Wanted) -> Iterator[Lines]:
        for day in wanted.days(self.folder.days()):
            folder = self.folder.minutes(day, product)
            rolled = day_hours_in(folder)
            parts = parts_in(self.folder.samples(day, product))
            if not rolled or not _covers(rolled[-1].end, parts):
                yield from self._samples(day, product, wanted)
                continue
            yield from self._read(folder / rolled[-1].name, wanted, _of_spans)
            yield from self._samples(day, product, wanted, rolled[-1].end)

    def _hours(self, product: str, wanted: _Wanted) -> Iterator[Lines]:
        """Give the hours of each day: from its own file, else from its month's, else from its samples."""
        apart: set[date] = set()
        for day in wanted.days(self.folder.days()):
            folder = self.folder.hours(day, product)
            reached, hours = month_end_in(folder), self._single(folder).get(day)
            cover = reached if hours is None else hours.end
            if cover is None or not _covers(cover, parts_in(self.folder.samples(day, product))):
                apart.add(day)
                yield from self._samples(day, product, wanted)
                continue
            yield from self._samples(day, product, wanted, cover)
        yield from self._rolled(product, wanted, apart)

    def _older(self, product: str, wanted: _Wanted) -> Iterator[Lines]:
        """Give the hours of the days whose samples are past their age."""
        standing = self.folder.days()
        first = datetime.fromtimestamp(wanted.since_us / _SECOND_US, UTC).date()
        if not standing or first < standing[0]:
            yield from self._rolled(product, wanted, set(standing))

    def _rolled(self, product: str, wanted: _Wanted, apart: set[date]) -> Iterator[Lines]:
        """Give the hours that files have of all days but those ``apart``: a day's own file goes before its month's."""
        for month in wanted.months(self.folder.months()):
            folder = self.folder.hours(month, product)
            single = self._single(folder)
            for day in wanted.days([day for day in single if day not in apart]):
                yield from self._read(folder / single[day].name, wanted, _of_spans)
            reached = month_end_in(folder)
            if reached is not None:
                yield from self._read(folder / month_name(reached), wanted, _without(apart | set(single)))

    @staticmethod
    def _single(folder: Path) -> dict[date, DayHours]:
        """Return the hours of single days that are newer than their month's."""
        reached = month_end_in(folder) or 0
        return {hours.day: hours for hours in day_hours_in(folder) if hours.end > reached}

    def _read(self, path: Path, wanted: _Wanted, turned: Callable[[pa.Table, _Wanted], Lines]) -> Iterator[Lines]:
        columns = [AT, LAST_AT, SAMPLES]
        for metric in wanted.metrics:
            column = column_of(metric)
            columns += [column, *(rolled_up(column, statistic) for statistic in STATISTICS)]
        table = self.lookup.rows(path, wanted.device_id, columns)
        if table is not None:
            yield turned(table, wanted)


def _covers(end: int, parts: Sequence[Part]) -> bool:
    """Tell whether a roll-up of the samples up to ``end`` and the parts after it are all there is, each once."""
    return all(part.end <= end or part.first >= end for part in parts)


def _of_samples(table: pa.Table, wanted: _Wanted) -> Lines:
    at_us = _instants(table, AT)
    inside = (at_us >= wanted.since_us) & (at_us <= wanted.until_us)
    values = np.column_stack([_numbers(table, column_of(metric)) for metric in wanted.metrics])
    return of_samples(at_us[inside], values[inside])


def _of_spans(table: pa.Table, wanted: _Wanted) -> Lines:
    at_us = _instants(table, AT)
    inside = (at_us > wanted.since_us - width_us(wanted.grain)) & (at_us <= wanted.until_us)
    low, high, mean, last = (
        np.column_stack([_numbers(table, rolled_up(column_of(metric), statistic)) for metric in wanted.metrics])[inside]
        for statistic in STATISTICS
    )
    weight = table[SAMPLES].to_numpy()[inside]
    return Lines(at_us[inside], _instants(table, LAST_AT)[inside], weight, low, high, mean, last)


def _without(days: set[date]) -> Callable[[pa.Table, _Wanted], Lines]:
    """Return what turns a month's hours into rows, without those of some days."""
    numbers = np.array([(day - date(1970, 1, 1)).days for day in sorted(days)], np.int64)

    def turned(table: pa.Table, wanted: _Wanted) -> Lines:
        kept = ~np.isin(_instants(table, AT) // (86_400 * _SECOND_US), numbers)
        return _of_spans(table.filter(pa.array(kept)), wanted)

    return turned


def _newer(remembered: Readings, newest_us: int, until_us: int) -> Lines:
    """Return what memory has beyond the newest sample in files: it only holds what came in the order of time."""
    at_us = np.round(np.asarray(remembered.at_s, np.float64) * 1000).astype(np.int64) * 1000
    chosen = (at_us > newest_us) & (at_us <= until_us)
    return of_samples(at_us[chosen], np.asarray(remembered.values, np.float64)[chosen])


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1000) * 1000


def _instants(table: pa.Table, column: str) -> NDArray[np.int64]:
    micros: NDArray[np.int64] = table[column].cast(pa.int64()).to_numpy()
    return micros


def _numbers(table: pa.Table, column: str) -> NDArray[np.float64]:
    """Return a column, NaN for null; all NaN when the file has no such numbers."""
    if column not in table.column_names or not pa.types.is_floating(table.schema.field(column).type):
        return np.full(len(table), np.nan)
    values: NDArray[np.float64] = table[column].to_numpy()
    return values
