"""Whose turn it is to write (shell), among the threads of a process and among processes.

SQLite lets a second writer ask again and again: while others write back to back it may wait for ever. So the writers of
one process queue here, and each waits for those before it and no longer; and one process at a time asks SQLite, so that
whoever has just written cannot write again before who has been waiting.
"""

import fcntl
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from agent.errors import StoreBusyError

_ASK_AGAIN_S: Final = 0.0005
_MOST_S: Final = 1.0


@dataclass(slots=True)
class Turns:
    """Whose turn it is. A thread that has the turn must not ask again."""

    _guard: Lock = field(default_factory=Lock)
    _waiting: deque[Lock] = field(default_factory=deque)
    _taken: bool = False

    @contextmanager
    def turn(self, patience_s: float) -> Iterator[None]:
        """Wait for one's turn and have it to the end of the block.

        Raises:
            StoreBusyError: it did not come within so many seconds.
        """
        self._ask(patience_s)
        try:
            yield
        finally:
            self._pass_on()

    def _ask(self, patience_s: float) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience_s):
            return
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                problem = f"another change has taken longer than {patience_s:g} s"
                raise StoreBusyError(problem)
        # It was passed on to us in this very moment.

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


@contextmanager
def next_to_write(file: Path, until_s: float) -> Iterator[None]:
    """Be the only process that asks for the write lock, for the length of the block; a killed one lets go by itself.

    Leave the block once the lock is had: who writes is asked for by others meanwhile, and cannot ask again before them.
    After a second, at ``until_s`` (``time.monotonic``) at the latest, or where the file cannot be made or locked, all
    ask at once, as SQLite has it by itself: whoever was stopped while it had the turn holds nobody up for longer.
    """
    try:
        # To read is enough to lock it, so whoever made it, others who may write the database take turns too.
        descriptor = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        yield  # the database lies beside it: it says itself what the matter is
        return
    until_s = min(until_s, time.monotonic() + _MOST_S)
    try:
        while not _is_settled(descriptor) and time.monotonic() < until_s:
            time.sleep(_ASK_AGAIN_S)
        yield
    finally:
        os.close(descriptor)


def _is_settled(descriptor: int) -> bool:
    """Take the turn; tell whether it is had, or cannot be had on this file system."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
