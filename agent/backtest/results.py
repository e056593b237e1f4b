"""Writes what a backtest found (shell): scores as they come, alarms and figures at the end.

Files appear under their names only when they are whole.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from agent.backtest.alarm import Alarm
from agent.backtest.columns import INSTANT
from agent.backtest.replay import Recorded, Scored
from agent.backtest.report import Figure
from agent.backtest.rows import Rows

SCORES, ALARMS, REPORT = "scores.parquet", "alarms.parquet", "report.json"
_SCORES: Final = pa.schema(
    [
        ("device_id", pa.string()),
        ("ts", INSTANT),
        ("onset", pa.float32()),
        ("state", pa.float32()),
        ("drift", pa.float32()),
        ("alarm", pa.bool_()),
    ]
)
_ALARMS: Final = pa.schema(
    [
        ("device_id", pa.string()),
        ("ts", INSTANT),
        ("kind", pa.string()),
        ("score", pa.float32()),
        ("metrics", pa.list_(pa.string())),
    ]
)


class ScoreFile:
    """``scores.parquet`` being written; a row group a batch. Leaving with an error leaves no file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / SCORES
        self._part = folder / f".{SCORES}.part"
        self._writer = pq.ParquetWriter(self._part, _SCORES, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._writer.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def write(self, rows: Rows, scored: Scored) -> None:
        """Add the scores of a batch."""
        device_id = pa.DictionaryArray.from_arrays(rows.device, pa.array(rows.devices, pa.string()))
        columns = (scored.onset, scored.state, scored.drift, scored.alarm)
        arrays = [device_id.cast(pa.string()), pa.array(rows.at_us).cast(INSTANT), *map(pa.array, columns)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=_SCORES))


def write_alarms(folder: Path, alarms: Sequence[Alarm], devices: Sequence[Recorded]) -> None:
    """Write ``alarms.parquet``."""
    table = pa.Table.from_arrays(
        [
            pa.array([devices[alarm.device].device_id for alarm in alarms], pa.string()),
            pa.array(np.array([alarm.at_us for alarm in alarms], np.int64)).cast(INSTANT),
            pa.array([alarm.kind.value for alarm in alarms], pa.string()),
            pa.array([alarm.score for alarm in alarms], pa.float32()),
            pa.array([list(alarm.metrics) for alarm in alarms], pa.list_(pa.string())),
        ],
        schema=_ALARMS,
    )
    pq.write_table(table, folder / ALARMS)


def write_report(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write ``report.json``."""
    (folder / REPORT).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
