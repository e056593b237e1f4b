"""A file of recorded telemetry as batches of rows (shell)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from agent.backtest.columns import DEVICE, PRODUCT, TIME, Array, ColumnProblemError, Plan, plan_columns, texts
from agent.backtest.errors import ColumnError, EmptyFileError, RowError
from agent.backtest.rows import RowProblemError, Rows, rows_of
from agent.backtest.sources import open_source, readable


class Telemetry:
    """An open recording, to be closed; it may be read several times. ``plan`` says what its columns are.

    Raises:
        UnreadableFileError: it is not there, damaged, or neither Parquet nor CSV.
        ColumnError: a column is missing or holds what it must not.
    """

    def __init__(self, path: Path, context: Sequence[str] = ()) -> None:
        self.path = path
        self._source = open_source(path)
        try:
            self.plan: Plan = plan_columns(self._source.types, context)
        except ColumnProblemError as error:
            self.close()
            raise ColumnError(path, error.column, error.problem) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def device_ids(self) -> frozenset[str]:
        """Return the ids of all devices; reads one column of the whole file."""
        found: set[str | None] = set()
        with readable(self.path):
            for batch in self._source.batches((DEVICE,), (DEVICE,)):
                found.update(texts(batch[DEVICE], DEVICE).unique().to_pylist())
        return frozenset(device_id for device_id in found if device_id)

    def batches(self) -> Iterator[Rows]:
        """Yield all rows in the order of the file.

        Raises:
            UnreadableFileError, ColumnError, RowError: saying what, and where.
            EmptyFileError: there was no row.
        """
        first = 1
        words = {DEVICE, TIME, PRODUCT, *self.plan.context}
        with readable(self.path):
            for batch in self._source.batches(self.plan.wanted, words):
                if len(batch):
                    yield self._rows(batch, first)
                    first += len(batch)
        if first == 1:
            raise EmptyFileError(self.path)

    def share_read(self, rows: int) -> float:
        """Return how much of the file was read once ``rows`` rows have come out: 0..1."""
        return self._source.share_read(rows)

    def _rows(self, batch: Array, first: int) -> Rows:
        try:
            return rows_of(batch, self.plan, first)
        except ColumnProblemError as error:
            raise ColumnError(self.path, error.column, f"{error.problem} (after row {first - 1})") from error
        except RowProblemError as error:
            raise RowError(self.path, first + error.place, error.problem) from error
