"""Recorded telemetry with its labels, as arrays (shell: reads Parquet files).

A data folder holds one folder a set: ``telemetry.parquet`` with one row a sample, and, where known,
``labels.parquet``, ``scored_from.parquet``, ``failures.parquet`` and ``events.parquet``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agent.health.layout import Layout


@dataclass(frozen=True, slots=True)
class Window:
    """A labelled event: something was wrong with one device from ``start_s`` to ``end_s``, both inside."""

    device: int
    start_s: float
    end_s: float
    metrics: frozenset[int]
    """Column numbers known to be involved; empty when the labels do not say."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One set: the rows of one device follow each other, in time order."""

    name: str
    device_ids: tuple[str, ...]
    metrics: tuple[str, ...]
    device: NDArray[np.int32]
    at_s: NDArray[np.float64]
    values: NDArray[np.float32]
    regime: NDArray[np.int32]
    scored: NDArray[np.bool_]
    """False where a row only warms the model."""
    windows: tuple[Window, ...]
    failed_at_s: NDArray[np.float64]
    """Per device; NaN when it did not fail in the recording."""

    def rows_of(self, device: int) -> slice:
        """Return where the rows of a device lie."""
        low, high = np.searchsorted(self.device, [device, device + 1])
        return slice(int(low), int(high))


def read_recording(folder: Path, context: tuple[str, ...] = ()) -> Recording:
    """Read one set of a data folder; ``context`` names the columns that are operating regimes."""
    table = pq.read_table(folder / "telemetry.parquet")
    names = pc.unique(table["device_id"]).to_pylist()
    device_ids = tuple(str(name) for name in names)
    number = {name: row for row, name in enumerate(device_ids)}
    device = _numbers_of(table["device_id"], device_ids)
    at_s = _seconds(table["ts"])
    order = np.lexsort((at_s, device))
    metrics = tuple(
        name for name in table.column_names if name not in ("device_id", "ts", "product", "firmware", *context)
    )
    values = np.column_stack([table[name].to_numpy().astype(np.float32) for name in metrics])
    regime = np.zeros(len(device), np.int32)
    if context:
        regime = regimes_of(np.column_stack([table[name].to_numpy().astype(np.float64) for name in context]))
    device, at_s = device[order], at_s[order]
    return Recording(
        name=folder.name,
        device_ids=device_ids,
        metrics=metrics,
        device=device,
        at_s=at_s,
        values=np.ascontiguousarray(values[order]),
        regime=regime[order],
        scored=_scored(folder, device, at_s, number),
        windows=_windows(folder, number, metrics),
        failed_at_s=_failures(folder, number),
    )


def regimes_of(context: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return the regime of each row of numeric context columns, numbered in order of first appearance."""
    layout = Layout()
    whole, back = np.unique(np.rint(context), axis=0, return_inverse=True)
    first = np.full(len(whole), len(context))
    np.minimum.at(first, back.ravel(), np.arange(len(context)))
    number = np.zeros(len(whole), np.int32)
    for place in np.argsort(first, kind="stable"):
        number[place] = layout.regime(tuple(None if np.isnan(value) else float(value) for value in whole[place]))
    return number[back.ravel()]


def _numbers_of(column: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.int32]:
    found = pc.index_in(column, value_set=pa.array(names, column.type))
    return np.asarray(found.to_numpy(), dtype=np.int32)


def _seconds(column: pa.ChunkedArray) -> NDArray[np.float64]:
    micros = pc.cast(column, pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
    return np.asarray(micros, dtype=np.float64) / 1e6


def _scored(
    folder: Path, device: NDArray[np.int32], at_s: NDArray[np.float64], number: dict[str, int]
) -> NDArray[np.bool_]:
    path = folder / "scored_from.parquet"
    if not path.exists():
        return np.ones(len(device), np.bool_)
    table = pq.read_table(path)
    since = np.full(len(number), -np.inf)
    for name, at in zip(table["device_id"].to_pylist(), _seconds(table["ts"]), strict=True):
        since[number[name]] = at
    return np.asarray(at_s >= since[device])


def _windows(folder: Path, number: dict[str, int], metrics: tuple[str, ...]) -> tuple[Window, ...]:
    path = folder / "labels.parquet"
    if not path.exists():
        return ()
    table = pq.read_table(path)
    column = {name: place for place, name in enumerate(metrics)}
    involved = table["metrics"].to_pylist() if "metrics" in table.column_names else [None] * table.num_rows
    rows = zip(table["device_id"].to_pylist(), _seconds(table["start"]), _seconds(table["end"]), involved, strict=True)
    found = [
        Window(number[name], float(start), float(end), frozenset(column[m] for m in which or () if m in column))
        for name, start, end, which in rows
    ]
    return tuple(sorted(found, key=lambda window: (window.device, window.start_s)))


def _failures(folder: Path, number: dict[str, int]) -> NDArray[np.float64]:
    failed = np.full(len(number), np.nan)
    path = folder / "failures.parquet"
    if path.exists():
        table = pq.read_table(path)
        for name, at in zip(table["device_id"].to_pylist(), _seconds(table["failed_at"]), strict=True):
            failed[number[name]] = at
    return failed
