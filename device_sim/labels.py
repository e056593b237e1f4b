"""The labelled stretches of a recording, moved to where a replay puts them (shell: reads a file)."""

from pathlib import Path

import duckdb
import msgspec

from device_sim.recorded import device_id_of, metric_name
from device_sim.recording import RecordingError, table_of


class Label(msgspec.Struct, frozen=True):
    """A stretch in which something was wrong; Unix milliseconds. ``metrics`` are empty where not known."""

    device_id: str
    start_ms: int
    end_ms: int
    metrics: tuple[str, ...] = ()


def read_labels(path: Path, shift_ms: int) -> tuple[Label, ...]:
    """Return the labels of a file (``device_id, start, end`` and perhaps ``metrics``), ``shift_ms`` later.

    Raises:
        RecordingError: the file is not there, or lacks a column.
    """
    source = table_of(path)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        try:
            names = {row[0] for row in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608 - quoted path
            metrics = "CAST(metrics AS VARCHAR)" if "metrics" in names else "''"
            rows = database.execute(
                "SELECT CAST(device_id AS VARCHAR), epoch_ms(CAST(start AS TIMESTAMPTZ)), "  # noqa: S608 - quoted path
                f'epoch_ms(CAST("end" AS TIMESTAMPTZ)), {metrics} FROM {source} ORDER BY 2, 1'
            ).fetchall()
        except duckdb.Error as error:
            raise RecordingError(path, str(error).partition("\n")[0]) from error
    return tuple(Label(device_id_of(row[0]), row[1] + shift_ms, row[2] + shift_ms, _metrics(row[3])) for row in rows)


def _metrics(text: str | None) -> tuple[str, ...]:
    words = (text or "").strip("[]").replace(";", ",").split(",")
    return tuple(metric_name(word.strip(" '\"")) for word in words if word.strip(" '\""))
