"""What can go wrong with the journal (pure).

::

    JournalError
    ├── JournalLockedError    another agent uses this data directory: stop it, or choose another directory
    ├── JournalDamagedError   bytes in the middle are not what was written: restore the file from a backup
    ├── JournalFullError      no room on the disk: acknowledge nothing, make room, the append can be tried again
    └── JournalWriteError     the disk failed: stop; what was not acknowledged comes again
"""

from pathlib import Path

from agent.errors import AgentError


class JournalError(AgentError):
    """Anything the journal raises on purpose."""


class JournalLockedError(JournalError):
    """Another process has the journal open."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"another agent uses {directory}; stop it, or choose another data directory")
        self.directory = directory


class JournalDamagedError(JournalError):
    """What is stored is not what was written. Nothing is skipped: a person has to decide.

    ``at_byte`` counts from the start of the file, ``offset`` is the first record that cannot be read.
    """

    def __init__(self, path: Path, at_byte: int, offset: int, problem: str) -> None:
        super().__init__(
            f"the journal is damaged in {path} at byte {at_byte}, record {offset}: {problem}; "
            "restore this file from a backup, or move it away to go on without what it holds"
        )
        self.path = path
        self.at_byte = at_byte
        self.offset = offset
        self.problem = problem


class JournalFullError(JournalError):
    """There is no room left. The batch is not in the journal; the same append may be tried again."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"no room left to write {path}; make room on that disk, messages wait at the broker until then"
        )
        self.path = path


class JournalWriteError(JournalError):
    """The disk refused a write for another reason than room; whether it is durable cannot be known."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} cannot be written: {problem}; the disk may be failing")
        self.path = path
        self.problem = problem
