"""Reads what really happened (shell): labels, failures and starting instants, in Parquet or CSV."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

import pyarrow as pa

from agent.backtest.columns import DEVICE, TIME, Array, ColumnProblemError, instants, texts
from agent.backtest.errors import ColumnError, RowError, StrangerError
from agent.backtest.sources import open_source, readable
from agent.backtest.truth import Failure, Window, strangers

_BETWEEN_NAMES: Final = re.compile(r"[\s;,|\[\]'\"]+")


def read_labels(path: Path, known: Collection[str]) -> tuple[Window, ...]:
    """Return labelled events: ``device_id, start, end`` and perhaps ``metrics``, a list or its names in one text.

    Raises:
        BacktestError: the file cannot be used, or names devices that are not ``known``.
    """
    table = _Table(path, (DEVICE, "start", "end"), ("metrics",))
    devices, starts, ends = table.devices(known), table.times("start"), table.times("end")
    metrics = table.names("metrics")
    for row, (start_us, end_us) in enumerate(zip(starts, ends, strict=True), start=1):
        if end_us < start_us:
            raise RowError(path, row, "the event ends before it starts")
    return tuple(Window(*event) for event in zip(devices, starts, ends, metrics, strict=True))


def read_failures(path: Path, known: Collection[str]) -> tuple[Failure, ...]:
    """Return failures: ``device_id, failed_at`` and perhaps ``component``.

    Raises:
        BacktestError: the file cannot be used, or names devices that are not ``known``.
    """
    table = _Table(path, (DEVICE, "failed_at"), ("component",))
    components = table.text("component")
    failed = zip(table.devices(known), table.times("failed_at"), components, strict=True)
    return tuple(Failure(*failure) for failure in failed)


def read_starts(path: Path, known: Collection[str]) -> Mapping[str, int]:
    """Return from when each device is judged, in Unix µs: ``device_id, ts``.

    Raises:
        BacktestError: the file cannot be used, or names devices that are not ``known``.
    """
    table = _Table(path, (DEVICE, TIME), ())
    return dict(zip(table.devices(known), table.times(TIME), strict=True))


class _Table:
    """A small file in memory."""

    def __init__(self, path: Path, needed: tuple[str, ...], optional: tuple[str, ...]) -> None:
        self._path = path
        source = open_source(path)
        try:
            for name in needed:
                if name not in source.types:
                    raise ColumnError(path, name, f"is missing; there are: {', '.join(source.types)}")
            columns = [*needed, *(name for name in optional if name in source.types)]
            with readable(path):
                batches = list(source.batches(columns, columns))
        finally:
            source.close()
        self._columns = {name: _joined([batch[name] for batch in batches]) for name in columns}
        self._rows = sum(len(batch) for batch in batches)

    def devices(self, known: Collection[str]) -> list[str]:
        found = self._filled(DEVICE, lambda column: texts(column, DEVICE))
        named: list[str] = found.to_pylist()
        unknown = strangers(named, known)
        if unknown:
            raise StrangerError(self._path, unknown)
        return named

    def times(self, name: str) -> list[int]:
        times: list[int] = self._filled(name, lambda column: instants(column, name)).cast(pa.int64()).to_pylist()
        return times

    def text(self, name: str) -> list[str]:
        if name not in self._columns:
            return [""] * self._rows
        return [value or "" for value in self._column(name, lambda column: texts(column, name)).to_pylist()]

    def names(self, name: str) -> list[tuple[str, ...]]:
        if name not in self._columns:
            return [()] * self._rows
        return [_names(value) for value in self._columns[name].to_pylist()]

    def _column(self, name: str, read: Callable[[Array], Array]) -> Array:
        try:
            return read(self._columns[name])
        except ColumnProblemError as error:
            raise ColumnError(self._path, name, error.problem) from error

    def _filled(self, name: str, read: Callable[[Array], Array]) -> Array:
        column = self._column(name, read)
        for row, value in enumerate(column.is_valid().to_pylist(), start=1):
            if not value:
                raise RowError(self._path, row, f"there is no {name}")
        return column


def _joined(parts: list[Array]) -> Array:
    return pa.concat_arrays(parts) if parts else pa.nulls(0, pa.string())


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    parts = _BETWEEN_NAMES.split(value) if isinstance(value, str) else value
    return tuple(part for part in parts if part)
