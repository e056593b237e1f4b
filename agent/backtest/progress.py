"""How far a long pass is (shell): a bar on standard error, on a terminal only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Follow(Protocol):
    """Shows how far it is."""

    def __call__(self, rows: int, share: float) -> None:
        """Show how many rows are done, and what share of the work they are (0..1)."""
        ...


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def __call__(self, rows: int, share: float) -> None:
        elapsed = self._progress.tasks[self._task].elapsed or 0.0
        rate = f"{rows / elapsed:,.0f}/s" if elapsed else ""
        self._progress.update(self._task, completed=share, rows=f"{rows:,} rows", rate=rate)


@contextmanager
def following(what: str) -> Iterator[Follow]:
    """Show a bar with rows, rate and time left while the block runs."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield _Bar(progress, progress.add_task(what, total=1.0, rows="", rate=""))
