"""A lock that is given in the order in which it was asked for (shell).

SQLite lets a second writer ask again and again, a tenth of a second apart: while others write back to back it may
wait for ever. So the writers of one process queue here, and each waits for those before it and no longer.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from agent.errors import StoreBusyError


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
