"""What can be wrong with what the benchmark is handed (pure).

::

    AgentError
    ├── NoSetError          the folder holds no set the benchmark knows: it may be the wrong folder
    ├── BenchBrokenError    a process of the measurement ended: look at what it said
    └── StandstillError     nothing more came of a part: the machine may be too busy, or the path is broken
"""

from pathlib import Path

from agent.errors import AgentError


class NoSetError(AgentError):
    """There is nothing to measure in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no set that can be measured, such as asd/telemetry.parquet")
        self.folder = folder


class BenchBrokenError(AgentError):
    """A process of a measurement ended before it had answered: what it said is above."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} ended before its time; what it said stands above")
        self.name = name


class StandstillError(AgentError):
    """A part of a measurement came no further: ``done`` of ``wanted`` for ``seconds``."""

    def __init__(self, done: int, wanted: int, seconds: float) -> None:
        super().__init__(f"{done:,} of {wanted:,} samples were scored, and then none for {seconds:.0f} s")
        self.done = done
        self.wanted = wanted
        self.seconds = seconds
