"""A month of history of a whole fleet, made up (shell): samples as the writer leaves them, the rest by its own upkeep.

The days before are made as months of hours right away, so that a chart of a year has something to read. Figures
wander slowly, with digits a sensor would give: random ones of full length would be three times as large.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agent.history.columns import AT, DEVICE, INSTANT, LAST_AT, SAMPLES, STATISTICS, rolled_up
from agent.history.folder import Folder, make_folder
from agent.history.parts import Part, month_name, product_folder
from agent.history.upkeep import Upkeep

PRODUCT: Final = "bench-1"
LAST_DAY: Final = date(2026, 10, 30)
"""A month that is not over, and all of it is asked for: the most files a chart of thirty days ever reads."""
_DAY_S: Final = 86_400
_HOUR_S: Final = 3_600
_BLOCK: Final = 200
"""Devices made at a time: a month of their hours is some hundred megabytes."""
_GROUP: Final = 32_768
_DONE: Final = "made.json"
_AGE: Final = timedelta(days=10_000)


@dataclass(frozen=True, slots=True)
class Made:
    """How large a history is: ``every_s`` between samples; ``months`` of hours before the ``days`` of samples."""

    devices: int
    days: int
    every_s: int
    metrics: int
    months: int
    seed: int

    @property
    def samples(self) -> int:
        """How many samples it has."""
        return self.devices * self.days * (_DAY_S // self.every_s)

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics."""
        return tuple(f"metric_{number}" for number in range(self.metrics))

    @property
    def steps(self) -> int:
        """How many times ``make`` says that it has got on."""
        return self.days + self.months

    def device(self, number: int) -> str:
        """Return the id of a device; ids sort like numbers."""
        return f"device-{number:06d}"


def make(root: Path, made: Made, step: Callable[[str], None]) -> None:
    """Make the history in ``root``, unless it stands there already."""
    if is_made(root, made):
        return
    folder, chance = Folder(root), np.random.default_rng(made.seed)
    first = LAST_DAY - timedelta(days=made.days - 1)
    month = first.replace(day=1)
    for _ in range(made.months):
        month = (month - timedelta(days=1)).replace(day=1)
        step(f"hours of {month:%Y-%m}")
        _make_month(folder, made, month, chance)
    noon = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 12, tzinfo=UTC)
    for number in range(made.days):
        day = first + timedelta(days=number)
        step(f"{day.isoformat()} of {made.devices:,} devices")
        _make_day(folder, made, number, day, chance)
        Upkeep(folder, _AGE, _AGE).work(noon + timedelta(days=number + 1 - (LAST_DAY - first).days))
    Upkeep(folder, _AGE, _AGE).work(noon + timedelta(days=1))
    (root / _DONE).write_text(json.dumps(asdict(made)), encoding="utf-8")


def is_made(root: Path, made: Made) -> bool:
    """Tell whether this very history stands in ``root``."""
    try:
        return bool(json.loads((root / _DONE).read_text(encoding="utf-8")) == asdict(made))
    except FileNotFoundError:
        return False


def _make_day(folder: Folder, made: Made, number: int, day: date, chance: np.random.Generator) -> None:
    place = folder.samples(day, product_folder(PRODUCT))
    make_folder(place)
    rows = _DAY_S // made.every_s
    part = Part(number * made.devices * rows, (number + 1) * made.devices * rows, 0)
    begins_us = _micros(day)
    _write(
        place / part.name,
        (
            _table(
                made, block, begins_us + np.arange(rows) * made.every_s * 1_000_000, _walks(chance, block, rows, made)
            )
            for block in _blocks(made)
        ),
    )


def _make_month(folder: Folder, made: Made, month: date, chance: np.random.Generator) -> None:
    place = folder.hours(month, product_folder(PRODUCT))
    make_folder(place)
    rows = ((month.replace(day=28) + timedelta(days=4)).replace(day=1) - month).days * 24
    at_us = _micros(month) + np.arange(rows) * _HOUR_S * 1_000_000
    _write(place / month_name(1), (_hours(made, block, at_us, chance) for block in _blocks(made)))


def _hours(made: Made, block: range, at_us: NDArray[np.int64], chance: np.random.Generator) -> pa.Table:
    means = _walks(chance, block, len(at_us), made)
    table = _table(made, block, at_us, {})
    count = pa.array(np.full(len(table), _HOUR_S // made.every_s, np.int64))
    last_at = pa.array(np.tile(at_us, len(block)) + (_HOUR_S - made.every_s) * 1_000_000).cast(INSTANT)
    table = table.append_column(SAMPLES, count).append_column(LAST_AT, last_at)
    shifts = dict(zip(STATISTICS, (-0.5, 0.5, 0.0, 0.1), strict=True))
    for name, values in means.items():
        for statistic, shift in shifts.items():
            table = table.append_column(rolled_up(name, statistic), pa.array(values + shift))
    return table


def _table(made: Made, block: range, at_us: NDArray[np.int64], columns: dict[str, NDArray[np.float64]]) -> pa.Table:
    ids = pa.array([made.device(number) for number in block])
    chosen = pa.array(np.repeat(np.arange(len(block)), len(at_us)))
    at = pa.array(np.tile(at_us, len(block))).cast(INSTANT)
    return pa.table({DEVICE: ids.take(chosen), AT: at, **{name: pa.array(values) for name, values in columns.items()}})


def _walks(chance: np.random.Generator, block: range, rows: int, made: Made) -> dict[str, NDArray[np.float64]]:
    """Return each metric of each device of a block, one device after another, as it wanders about its own level."""
    shape = len(block), rows
    return {
        name: np.round(
            np.cumsum(chance.normal(0, 0.1, shape), axis=1) + chance.normal(20, 5, (len(block), 1)), 2
        ).ravel()
        for name in made.names
    }


def _write(path: Path, tables: Iterator[pa.Table]) -> None:
    first = next(tables)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
        writer.write_table(first, row_group_size=_GROUP)
        for table in tables:
            writer.write_table(table, row_group_size=_GROUP)


def _blocks(made: Made) -> Iterator[range]:
    return (range(start, min(start + _BLOCK, made.devices)) for start in range(0, made.devices, _BLOCK))


def _micros(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1_000_000)
