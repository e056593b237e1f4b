"""Recorded telemetry as rows in time order across devices (shell: reads files; memory stays bounded).

The format is that of ``backtest``: wide Parquet or CSV, also gzipped, with ``device_id``, ``ts``, perhaps ``product``
and ``firmware``, and one column a metric. Sorting a file that holds one device after the other is left to
DuckDB, which spills to disk when it must.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import duckdb

from broker.topics import is_device_id

_ROWS: Final = 4096
_MEMORY: Final = "256MB"
_KEYS: Final = ("device_id", "ts", "product", "firmware")
_NUMBERS: Final = ("INT", "DECIMAL", "FLOAT", "DOUBLE", "BOOL", "REAL", "HUGEINT")

Value: TypeAlias = float | bool | str | None


class RecordingError(Exception):
    """A file that cannot be replayed: the message says what is wrong with it."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded device; instants in Unix milliseconds. ``product`` and ``firmware`` are empty where not recorded."""

    device_id: str
    product: str
    firmware: str
    rows: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded sample; ``values`` are in the order of the recording's metrics."""

    device_id: str
    ts_ms: int
    values: tuple[Value, ...]


class Recording:
    """An open recording, to be closed.

    ``metrics`` and device ids are in the protocol's alphabet; ``context`` names the metrics that tell a regime.
    """

    def __init__(self, path: Path, context: tuple[str, ...] = ()) -> None:
        self._path = path
        self._spill = tempfile.TemporaryDirectory(prefix="amends-replay-")
        self._database = duckdb.connect(
            config={"memory_limit": _MEMORY, "threads": 1, "temp_directory": self._spill.name}
        )
        self._database.execute("SET TimeZone = 'UTC'")
        self._source = _source(path)
        columns = self._columns()
        given = tuple(name for name in columns if name not in _KEYS)
        self._check(columns, given, context)
        self._given = given
        self.metrics = tuple(metric_name(name) for name in given)
        self.context = tuple(metric_name(name) for name in context)
        if len(set(self.metrics)) != len(self.metrics):
            raise RecordingError(path, "two columns would become the same metric name")
        self._identity = tuple(f'"{key}"' if key in columns else "''" for key in ("product", "firmware"))

    def close(self) -> None:
        """Let go of the file and of what was spilled."""
        self._database.close()
        self._spill.cleanup()

    def devices(self) -> tuple[Recorded, ...]:
        """Return the recorded devices by id; reads two columns of the whole file.

        Raises:
            RecordingError: there is no row, or two ids are the same in the protocol's alphabet.
        """
        product, firmware = self._identity
        rows = self._database.execute(
            f"SELECT CAST(device_id AS VARCHAR), any_value(CAST({product} AS VARCHAR)), "  # noqa: S608 - names from a fixed set
            f"any_value(CAST({firmware} AS VARCHAR)), count(*), min(epoch_ms(CAST(ts AS TIMESTAMPTZ))), "
            f"max(epoch_ms(CAST(ts AS TIMESTAMPTZ))) FROM {self._source} GROUP BY 1 ORDER BY 1"
        ).fetchall()
        found = tuple(Recorded(device_id_of(row[0]), row[1] or "", row[2] or "", *row[3:]) for row in rows)
        if not found:
            raise RecordingError(self._path, "there are no rows")
        if len({device.device_id for device in found}) != len(found):
            raise RecordingError(self._path, "two device ids would become the same")
        return found

    def rows(self) -> Iterator[Row]:
        """Yield every row in time order across devices; rows of one instant in the file's device order by name."""
        columns = ", ".join(_quoted(name) for name in self._given)
        reader = self._database.execute(
            f"SELECT CAST(device_id AS VARCHAR), epoch_ms(CAST(ts AS TIMESTAMPTZ)), {columns} "  # noqa: S608 - quoted names
            f"FROM {self._source} ORDER BY 2, 1"
        )
        while batch := reader.fetchmany(_ROWS):
            for device_id, ts_ms, *values in batch:
                yield Row(device_id_of(device_id), ts_ms, tuple(values))

    def _columns(self) -> dict[str, str]:
        try:
            described = self._database.execute(f"DESCRIBE SELECT * FROM {self._source}").fetchall()  # noqa: S608 - quoted path
        except duckdb.Error as error:
            raise RecordingError(self._path, str(error).partition("\n")[0]) from error
        return {row[0]: str(row[1]) for row in described}

    def _check(self, columns: dict[str, str], given: tuple[str, ...], context: tuple[str, ...]) -> None:
        for key in ("device_id", "ts"):
            if key not in columns:
                raise RecordingError(self._path, f"there is no column {key}")
        for name in context:
            if name not in given:
                raise RecordingError(self._path, f"there is no column {name} for --context")
        for name in given:
            if name not in context and not columns[name].startswith(_NUMBERS) and "INT" not in columns[name]:
                raise RecordingError(
                    self._path, f"column {name} holds no numbers; name it in --context if it is a regime"
                )
        if not given:
            raise RecordingError(self._path, "there is no column with a metric")


def device_id_of(text: str) -> str:
    """Return a recorded id in the protocol's alphabet: what does not fit becomes ``-``, at most 64 characters stay."""
    if is_device_id(text):
        return text
    return re.sub(r"[^A-Za-z0-9_.:-]", "-", text)[:64] or "device"


def metric_name(text: str) -> str:
    """Return a column's name as a metric name: lower case, what does not fit becomes ``_``, at most 64 characters."""
    return re.sub(r"[^a-z0-9_]", "_", text.lower())[:64] or "metric"


def _source(path: Path) -> str:
    if not path.is_file():
        raise RecordingError(path, "there is no such file")
    literal = "'" + str(path).replace("'", "''") + "'"
    if path.name.removesuffix(".gz").endswith(".csv"):
        return f"read_csv({literal}, header = true)"
    if path.suffix == ".parquet":
        return f"read_parquet({literal})"
    raise RecordingError(path, "the name must end in .parquet, .csv or .csv.gz")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
