"""What can be wrong with what the benchmark is handed (pure).

::

    AgentError
    └── NoSetError    the folder holds no set the benchmark knows: it may be the wrong folder
"""

from pathlib import Path

from agent.errors import AgentError


class NoSetError(AgentError):
    """There is nothing to measure in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no set that can be measured, such as asd/telemetry.parquet")
        self.folder = folder
