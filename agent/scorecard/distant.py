"""A world in a process of its own (shell): it lives a minute ahead while the contender works on the one before.

So the two share the work of two processors, and what devices say is packed over there. What goes down takes a minute
longer to arrive than in a world next door; the same calls still give the same world.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple, TypeAlias, cast

from agent.scorecard.errors import BrokenWorldError
from agent.scorecard.parcel import Parcel
from agent.scorecard.world import Deed, Rated, Said, Told, Trouble, Visited, World

_MINUTE: Final = timedelta(minutes=1)
_BYE: Final = "bye"

Call: TypeAlias = tuple[str, tuple[object, ...]]
"""A method of the world by name and what it is called with."""


class _Minute(NamedTuple):
    """What came up within a minute, ready to be carried."""

    said: Parcel
    rated: Sequence[Rated]
    called: Sequence[str]


class DistantWorld:
    """Stands for a world in another process, which ends with this one. ``close`` it.

    ``begin`` makes the world, over there; it can be pickled.

    Raises:
        BrokenWorldError: it could not be made.
    """

    def __init__(self, begin: Callable[[], World]) -> None:
        processes = multiprocessing.get_context("spawn")
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=_serve, args=(begin, theirs), name="world", daemon=True)
        self._process.start()
        theirs.close()
        why: str | None = self._pipe.recv()
        if why is not None:
            self._process.join()
            raise BrokenWorldError(why)
        self._down: list[Call] = []
        self._ahead: datetime | None = None  # the minute that is being lived over there; None: none
        self._told: Told | None = None  # what came of that minute, when it had to be fetched early

    @property
    def devices(self) -> Sequence[str]:
        """The ids of all devices."""
        return cast("Sequence[str]", self._ask("devices"))

    @property
    def deeds(self) -> Sequence[Deed]:
        """The truth about every command so far."""
        return cast("Sequence[Deed]", self._ask("deeds"))

    @property
    def visited(self) -> Sequence[Visited]:
        """The truth about every visit so far."""
        return cast("Sequence[Visited]", self._ask("visited"))

    def people(self, since: datetime) -> bytes:
        """Return owners and technicians as a customer file."""
        return cast("bytes", self._ask("people", since))

    def history(self) -> Iterator[Sequence[Said]]:
        """Yield what devices say before live time begins."""
        self._pipe.send([("history", ())])
        while (said := self._pipe.recv()) is not None:
            yield said

    def live(self, now: datetime) -> Told:
        """Return what came of the minute that ends at ``now``, and let the next one begin."""
        if self._ahead != now:
            self._send(now)
        told = self._fetch() if self._told is None else self._told
        self._told = None
        self._send(now + _MINUTE)
        return told

    def get_by(self, now: datetime) -> Told:
        """Live through a minute in which nobody listens to the devices."""
        return cast("Told", self._ask("get_by", now))

    def hear(self, topic: str, payload: bytes) -> None:
        """Let a message go down to its device."""
        self._down.append(("hear", (topic, payload)))

    def read(self, mail: bytes) -> None:
        """Put a mail into its reader's letter box."""
        self._down.append(("read", (mail,)))

    def visit(self, device_id: str) -> None:
        """Let a technician come."""
        self._down.append(("visit", (device_id,)))

    def survey(self, device_id: str, messages: int) -> int | None:
        """Ask the owner how it was."""
        return cast("int | None", self._ask("survey", device_id, messages))

    def chronicle(self) -> Sequence[tuple[str, Trouble]]:
        """Return the truth about every trouble so far."""
        return cast("Sequence[tuple[str, Trouble]]", self._ask("chronicle"))

    def close(self) -> None:
        """Let the other process end; a minute that nobody took lies in the pipe, and it would wait for its reader."""
        if self._ahead is not None and self._told is None:
            self._fetch()
        self._pipe.send([(_BYE, ())])
        self._process.join()
        self._pipe.close()
        self._process.close()

    def _send(self, now: datetime) -> None:
        self._pipe.send([*self._down, ("live", (now,))])
        self._down.clear()
        self._ahead = now

    def _fetch(self) -> Told:
        return cast("Told", self._pipe.recv())

    def _ask(self, name: str, *args: object) -> object:
        """Return the answer to a question; the minute being lived is over first, and kept for ``live``."""
        if self._ahead is not None and self._told is None:
            self._told = self._fetch()
        self._pipe.send([(name, args)])
        answer: object = self._pipe.recv()
        return answer


def _serve(begin: Callable[[], World], pipe: Connection) -> None:
    """Make the world, and say that it is there or why not; then do what is asked, in order, and answer what was last.

    Ends when asked to, or when nobody is left.
    """
    try:
        world = begin()
    except Exception as error:  # noqa: BLE001 - whatever it is: who asked for the world tells it
        pipe.send(str(error) or type(error).__name__)
        return
    pipe.send(None)
    while True:
        try:
            calls: list[Call] = pipe.recv()
        except EOFError:
            return
        answer: Any = None
        for name, args in calls:
            if name == _BYE:
                return
            if name == "history":
                for said in world.history():
                    pipe.send(said)
                answer = None
                continue
            if name == "live":
                (now,) = cast("tuple[datetime]", args)
                told = world.live(now)
                answer = _Minute(Parcel.of(told.said, now), told.rated, told.called)
                continue
            found = getattr(world, name)
            answer = found(*args) if callable(found) else found
        pipe.send(answer)
