"""Snapshots of the models (shell): whole or absent, the newest good one wins, damaged ones are passed over aloud.

A file is named by the journal offset from which a restart goes on. What is in it is the business of who restores
it, checksum included.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from agent.health.errors import SnapshotError

T = TypeVar("T")

_SUFFIX: Final = ".snapshot"
_KEPT: Final = 3

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Restored(Generic[T]):
    """What a snapshot gave, and the offset from which to replay the journal."""

    value: T
    offset: int


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots in one directory."""

    directory: Path

    def newest(self, restore: Callable[[bytes], T]) -> Restored[T] | None:
        """Return what the newest good snapshot restores to; ``None``: there is none, replay from the start.

        A snapshot that ``restore`` refuses with a ``SnapshotError`` is passed over with a line in the log.
        """
        for path in reversed(self._files()):
            try:
                return Restored(restore(path.read_bytes()), _offset(path))
            except (SnapshotError, OSError) as error:
                log.warning("snapshot.passed_over", path=str(path), why=str(error))
        return None

    def newest_offset(self) -> int:
        """Return the highest offset any snapshot names, good or not; 0: there is none."""
        files = self._files()
        return _offset(files[-1]) if files else 0

    def oldest_offset(self) -> int:
        """Return the offset of the oldest snapshot kept: the journal must reach back to it. 0: there is none."""
        files = self._files()
        return _offset(files[0]) if files else 0

    def write(self, offset: int, data: bytes) -> None:
        """Keep a snapshot durably and drop all but the newest three.

        Raises:
            OSError: it could not be written; those before are untouched.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / f"{offset:020d}{_SUFFIX}"
        beside = path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for old in self._files()[:-_KEPT]:
            old.unlink()

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob(f"*{_SUFFIX}"))


def _offset(path: Path) -> int:
    return int(path.stem)
