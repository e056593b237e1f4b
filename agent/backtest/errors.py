"""What can be wrong with files handed to a backtest (pure).

::

    AgentError
    └── BacktestError
        ├── UnreadableFileError   it is not there, damaged, or neither Parquet nor CSV: look at the file itself
        ├── ColumnError           a column is missing or holds what it must not: mend or name the column
        ├── RowError              one row is not as it must be: mend or leave out that row
        ├── EmptyFileError        there is no row at all: it may be the wrong file
        └── StrangerError         a file names devices the telemetry does not have: they belong to other history
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agent.errors import AgentError

_NAMED: Final = 3


class BacktestError(AgentError):
    """A file cannot be used. The message is one sentence for the person who handed it over."""


class UnreadableFileError(BacktestError):
    """The file cannot be read at all."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} cannot be read: {problem}")
        self.path = path
        self.problem = problem


class ColumnError(BacktestError):
    """A column is missing, or holds what it must not."""

    def __init__(self, path: Path, column: str, problem: str) -> None:
        super().__init__(f"{path}: column {column!a} {problem}")
        self.path = path
        self.column = column
        self.problem = problem


class RowError(BacktestError):
    """One row is not as it must be; rows count from 1 and a CSV's header is not counted."""

    def __init__(self, path: Path, row: int, problem: str) -> None:
        super().__init__(f"{path}, row {row}: {problem}")
        self.path = path
        self.row = row
        self.problem = problem


class EmptyFileError(BacktestError):
    """The file has columns and no row."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} has no rows")
        self.path = path


class StrangerError(BacktestError):
    """A file names devices that the telemetry does not have; ``devices`` is not empty."""

    def __init__(self, path: Path, devices: Sequence[str]) -> None:
        named = ", ".join(repr(device) for device in devices[:_NAMED])
        more = f" and {len(devices) - _NAMED} more" if len(devices) > _NAMED else ""
        super().__init__(f"{path} names devices that are not in the telemetry: {named}{more}")
        self.path = path
        self.devices = tuple(devices)
