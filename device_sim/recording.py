"""Recorded telemetry as rows in time order across devices (shell: reads files; memory stays bounded).

The format is that of ``backtest``: wide Parquet or CSV, also gzipped, with ``device_id``, ``ts``, perhaps ``product``
and ``firmware``, and one column a metric. Sorting a file that holds one device after the other is left to
DuckDB, which spills to disk when it must.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from device_sim.recorded import KEYS, Recorded, Row, device_id_of, metric_name, problem_of

_ROWS: Final = 4096
_MEMORY: Final = "256MB"


class RecordingError(Exception):
    """A file that cannot be replayed: the message says what is wrong with it."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class Recording:
    """An open recording, to be closed.

    ``metrics`` and device ids are in the protocol's alphabet; ``context`` names the metrics that tell a regime.

    Raises:
        RecordingError: the file is not there, or is no recording.
    """

    def __init__(self, path: Path, context: tuple[str, ...] = ()) -> None:
        self._path = path
        self._source = table_of(path)
        self._spill = tempfile.TemporaryDirectory(prefix="amends-replay-")
        self._database = duckdb.connect(
            config={"memory_limit": _MEMORY, "threads": 1, "temp_directory": self._spill.name}
        )
        self._database.execute("SET TimeZone = 'UTC'")
        columns = self._columns()
        problem = problem_of(columns, context)
        if problem:
            self.close()
            raise RecordingError(path, problem)
        self._given = tuple(name for name in columns if name not in KEYS)
        self.metrics = tuple(metric_name(name) for name in self._given)
        self.context = tuple(metric_name(name) for name in context)
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
        rows = self._asked(
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
        """Yield every row in time order across devices; rows of one instant by device."""
        columns = ", ".join(_quoted(name) for name in self._given)
        reader = self._asked(
            f"SELECT CAST(device_id AS VARCHAR), epoch_ms(CAST(ts AS TIMESTAMPTZ)), {columns} "  # noqa: S608 - quoted names
            f"FROM {self._source} ORDER BY 2, 1"
        )
        while batch := reader.fetchmany(_ROWS):
            for device_id, ts_ms, *values in batch:
                yield Row(device_id_of(device_id), ts_ms, tuple(values))

    def _columns(self) -> dict[str, str]:
        described = self._asked(f"DESCRIBE SELECT * FROM {self._source}").fetchall()  # noqa: S608 - quoted path
        return {row[0]: str(row[1]) for row in described}

    def _asked(self, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._database.execute(query)
        except duckdb.Error as error:
            self.close()
            raise RecordingError(self._path, str(error).partition("\n")[0]) from error


def table_of(path: Path) -> str:
    """Return how DuckDB names the table in a file.

    Raises:
        RecordingError: there is no such file, or it is of another kind.
    """
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
