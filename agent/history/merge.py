"""Merging files of history and rolling them up (shell): in DuckDB, sorted by device and time, in bounded memory.

One thread, half a gigabyte, the rest on the disk: the hot path comes first. The files given must not change
meanwhile: hold the folder's lock.
"""

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agent.history.columns import AT, DEVICE, LAST_AT, SAMPLES, STATISTICS, rolled_up
from agent.history.folder import BESIDE, Folder, make_durable, make_folder

_ROW_GROUP: Final = 32_768
"""Rows read to find one device: fewer make the list of groups longer, which is read for every file."""
_DAY_HOURS_GROUP: Final = 8_192
"""The same for a day's hours: small files, of which a chart of a month reads thirty."""
_MEMORY: Final = "512MB"
_SECOND_US: Final = 1_000_000
_DAY_US: Final = 86_400 * _SECOND_US
_EPOCH: Final = date(1970, 1, 1)
MINUTE_S: Final = 60
HOUR_S: Final = 3600


def merge_samples(folder: Folder, inputs: Sequence[Path], target: Path) -> None:
    """Write the rows of several files of samples into one; a column that some of them lack is empty there."""
    _copy(folder, f"SELECT * FROM {files_of(inputs)} ORDER BY {DEVICE}, {AT}", target)  # noqa: S608 - our own file names, quoted


def merge_hours(
    folder: Folder, days: Sequence[Path], month: Path | None, replaced: Sequence[date], target: Path
) -> None:
    """Write the hours of single days, and those of the month that no single day replaces, into one file."""
    query = f"SELECT * FROM {files_of(days)}"  # noqa: S608 - as above
    if month is not None:
        numbers = ", ".join(str((day - _EPOCH).days) for day in replaced)
        kept = f"epoch_us({AT}) // {_DAY_US} NOT IN ({numbers})"
        query += f" UNION ALL BY NAME SELECT * FROM {files_of([month])} WHERE {kept}"  # noqa: S608 - as above
    _copy(folder, f"{query} ORDER BY {DEVICE}, {AT}", target)


def roll_up(folder: Folder, source: Path, every_s: int, target: Path) -> None:
    """Write min, max, mean and last of every metric for each device and each span of ``every_s`` seconds.

    ``last_at`` is when the newest sample of the span was taken, ``samples`` how many there were. Spans begin at whole
    multiples of ``every_s`` in Unix time, and in no zone else.
    """
    span_us = every_s * _SECOND_US
    figures = []
    for column in _numbers(pq.read_schema(source)):
        name = _quoted(column)
        newest = f"arg_max({name}, {AT}) FILTER (WHERE {name} IS NOT NULL)"
        values = (f"min({name})", f"max({name})", f"avg({name})", newest)
        figures += [f"{value} AS {_quoted(rolled_up(column, s))}" for value, s in zip(values, STATISTICS, strict=True)]
    start = f"to_timestamp((epoch_us({AT}) // {span_us}) * {every_s}.0)"
    chosen = ", ".join(
        [DEVICE, f"{start} AS {AT}", f"count(*) AS {SAMPLES}", f"max({AT}) AS {LAST_AT}", *figures],
    )
    query = f"SELECT {chosen} FROM {files_of([source])} GROUP BY 1, 2 ORDER BY 1, 2"  # noqa: S608 - as above
    _copy(folder, query, target, _DAY_HOURS_GROUP if every_s == HOUR_S else _ROW_GROUP)


def without_devices(folder: Folder, path: Path, device_ids: Sequence[str]) -> int:
    """Write a file anew without the rows of some devices; return how many rows that took."""
    listed = ", ".join(sql_text(device_id) for device_id in device_ids)
    before = pq.read_metadata(path).num_rows
    _copy(folder, f"SELECT * FROM {files_of([path])} WHERE {DEVICE} NOT IN ({listed}) ORDER BY {DEVICE}, {AT}", path)  # noqa: S608 - quoted
    return int(before - pq.read_metadata(path).num_rows)


def speaks_often(path: Path) -> bool:
    """Tell whether minutes of these samples would be far fewer than the samples, judged by the first of them."""
    file = pq.ParquetFile(path)
    if not file.metadata.num_row_groups:
        return False
    table = file.read_row_group(0, columns=[DEVICE, AT])
    minutes = pa.table({DEVICE: table[DEVICE], AT: pc.floor_temporal(table[AT], unit="minute")})
    return bool(minutes.group_by([DEVICE, AT]).aggregate([]).num_rows * 2 <= table.num_rows)


@contextmanager
def opened_duckdb(folder: Folder) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB that stays within its bounds, knows no zone but UTC, and loads nothing from elsewhere."""
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": _MEMORY,
            "temp_directory": str(folder.spill),
            "autoinstall_known_extensions": False,
        }
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def files_of(paths: Sequence[Path], *, folders_are_columns: bool = False) -> str:
    """Return SQL that reads these files as one table, columns matched by name."""
    listed = ", ".join(sql_text(glob.escape(str(path))) for path in paths)
    partitions = "true, hive_types_autocast = false" if folders_are_columns else "false"
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = {partitions})"


def _copy(folder: Folder, query: str, target: Path, group: int = _ROW_GROUP) -> None:
    make_folder(target.parent)
    beside = target.with_name(f"{target.name}{BESIDE}")
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group}"
    with opened_duckdb(folder) as connection:
        connection.execute(f"COPY ({query}) TO {sql_text(str(beside))} ({options})")
    make_durable(beside)


def _numbers(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if pa.types.is_floating(field.type)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def sql_text(text: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
