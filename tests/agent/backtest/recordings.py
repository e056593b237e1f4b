"""Small recordings, a model quick enough for many examples, and the slice of real servers (see ``SERVERS.md``)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from agent.backtest.alarm import Alarm, AlarmKind
from agent.backtest.columns import plan_columns
from agent.backtest.replay import Pass, Replay, Scored
from agent.backtest.rows import Rows, rows_of
from agent.health.interface import Samples, Scores
from agent.health.models import ModelKind
from tests.builders import ShortSighted

FOLDER = Path(__file__).parent
SERVERS, SERVER_LABELS = FOLDER / "servers.csv.gz", FOLDER / "servers_labels.csv"
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
NOON_US = int(NOON.timestamp()) * 1_000_000
HOUR_US = 3_600_000_000


class Jumps(ShortSighted):
    """A model with the real signature: onset and state are how far a row jumps from the last one of its device."""

    def __init__(self) -> None:
        self.last: dict[int, tuple[float, ...]] = {}
        self.devices = 0

    def step(self, samples: Samples) -> Scores:
        count, width = samples.values.shape
        far = np.zeros((count, width), np.float32)
        for row, (device, values) in enumerate(zip(samples.device.tolist(), samples.values.tolist(), strict=True)):
            before = self.last.get(device, ())
            for column, value in enumerate(values):
                usual = before[column] if column < len(before) else np.nan
                if np.isfinite(usual) and np.isfinite(value):
                    far[row, column] = value - usual
            self.last[device] = tuple(values)
        onset = np.abs(far).max(axis=1, initial=0.0).astype(np.float32)
        shares = np.divide(far, np.maximum(np.abs(far).sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)
        return Scores(
            onset=onset,
            state=onset,
            drift=onset / 10 + samples.regime.astype(np.float32),
            alarm=onset >= 3.0,
            warming=np.zeros(count, np.bool_),
            because=shares,
            z=far,
            usual=samples.values - far,
        )

    def grow(self, devices: int) -> None:
        self.devices = max(self.devices, devices)

    def forget(self, device: int) -> None:
        self.last.pop(device, None)

    def snapshot(self) -> bytes:
        return b""

    @classmethod
    def restore(cls, data: bytes) -> Self:
        del data
        return cls()


JUMPS = {"jumps": ModelKind(Jumps, Jumps.restore)}


def jumps(product: str) -> str:
    del product
    return "jumps"


def rows(table: pa.Table, context: Sequence[str] = (), first: int = 1) -> Rows:
    plan = plan_columns({column.name: column.type for column in table.schema}, context)
    return rows_of(table.combine_chunks().to_batches()[0], plan, first)


def table(**columns: Sequence[object] | pa.Array) -> pa.Table:
    """A table of these columns, an hour between rows unless ``ts`` says otherwise."""
    count = len(next(iter(columns.values())))
    hours = [NOON + timedelta(hours=row) for row in range(count)]
    given = {"device_id": ["a"] * count, "ts": hours, **columns}
    return pa.table(given)


def replayed(
    recording: pa.Table, *, batch: int = 10_000, context: Sequence[str] = (), quiet: int | None = None
) -> tuple[Replay, Scored]:
    """Replay a table in batches of some rows with the model that tells jumps."""
    metrics = plan_columns({column.name: column.type for column in recording.schema}, context).metrics
    replay = Replay(Pass(metrics, jumps, JUMPS, quiet))
    parts = [
        replay.take(rows(recording.slice(first, batch), context, first + 1))
        for first in range(0, len(recording), batch)
    ]
    return replay, Scored(
        onset=np.concatenate([part.onset for part in parts]),
        state=np.concatenate([part.state for part in parts]),
        drift=np.concatenate([part.drift for part in parts]),
        alarm=np.concatenate([part.alarm for part in parts]),
    )


def alarm(
    at_us: int,
    *,
    device: int = 0,
    kind: AlarmKind = AlarmKind.ONSET,
    metrics: tuple[str, ...] = (),
    until_us: int | None = 0,
) -> Alarm:
    """An alarm that stands for its moment, or until ``until_us``; ``None``: to the end."""
    return Alarm(device, at_us, kind, 4.0, metrics, at_us if until_us == 0 else until_us)
