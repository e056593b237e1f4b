"""The live stream (shell): every open page and every subscriber follows the stories of all tickets.

However many listen, the database is asked at most once a second; what was read stays in a short memory, so that a
browser that comes back within it misses nothing and costs nothing.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from agent.console.api_models import Place
from agent.console.gate import Known, Parts, find_caller
from agent.console.parts import ConsoleParts
from agent.console.staff_pages import ticket_number
from agent.desk.ticket import Story
from agent.store.oversight import count_halts
from agent.store.ticket_file import newest_story_id, story_after

EVERY_S = 1.0
HEARTBEAT_S = 10
_BATCH = 500
_REMEMBERED = 2000

router = APIRouter(prefix="/api/v1", tags=["stream"])


@dataclass(frozen=True, slots=True)
class News:
    """What happened after ``since``, oldest first. ``halts`` counts turns of the kill switch."""

    entries: tuple[Story, ...]
    halts: int


@dataclass(slots=True)
class Feed:
    """The newest entries of all stories, shared by everybody who listens; ``listeners`` counts them."""

    parts: ConsoleParts
    listeners: int = 0
    _recent: deque[Story] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _newest: int = -1  # -1: nothing read yet
    _halts: int = 0
    _asked_s: float = -EVERY_S
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    def close(self) -> None:
        """End every stream at once: the console is being stopped."""
        self._closed.set()

    async def pause(self) -> bool:
        """Wait for the next look; False: there is none, everything stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), EVERY_S)
        return not self._closed.is_set()

    async def newest(self) -> int:
        """Return the id of the newest entry."""
        await self._refresh()
        return self._newest

    async def after(self, since: int) -> News:
        """Return what happened after the entry with id ``since``; at most a batch, ask again for the rest."""
        await self._refresh()
        oldest = self._recent[0].id if self._recent else self._newest + 1
        if since >= oldest - 1:
            return News(tuple(entry for entry in self._recent if entry.id > since)[:_BATCH], self._halts)
        entries, _ = await asyncio.to_thread(self._read, since)
        return News(entries, self._halts)

    async def _refresh(self) -> None:
        async with self._lock:
            now_s = asyncio.get_running_loop().time()
            if now_s - self._asked_s < EVERY_S:
                return
            self._asked_s = now_s
            if self._newest < 0:
                self._newest = await asyncio.to_thread(self._read_newest)
            entries, self._halts = await asyncio.to_thread(self._read, self._newest)
            if entries:
                self._recent.extend(entries)
                self._newest = entries[-1].id

    def _read_newest(self) -> int:
        with self.parts.database.reading() as session:
            return newest_story_id(session)

    def _read(self, since: int) -> tuple[tuple[Story, ...], int]:
        with self.parts.database.reading() as session:
            return story_after(session, since, _BATCH), count_halts(session)


@dataclass(frozen=True, slots=True)
class Told:
    """One server-sent event. ``id`` is where a listener that comes back goes on; ``None``: as before."""

    event: str
    data: str
    id: int | None = None

    def encode(self) -> bytes:
        """Return the event as it goes over the wire; JSON data has no line breaks of its own."""
        place = "" if self.id is None else f"id: {self.id}\n"
        return f"event: {self.event}\n{place}data: {self.data}\n\n".encode()


HEARTBEAT = b": still here\n\n"


def _told(entry: Story) -> Told:
    data = {
        "id": entry.id,
        "ticket": f"T-{entry.ticket_id}",
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "actor": entry.actor,
        "text": entry.text,
    }
    return Told("story", json.dumps(data), entry.id)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins: after an entry, after so many halts (``None``: now); one ticket's, or everything."""

    since: int | None = None
    halts: int | None = None
    ticket_id: int | None = None


async def tell(feed: Feed, start: Start) -> AsyncIterator[Told | None]:
    """Give events as they come: ``story`` an entry (of one ticket, or all), ``queue`` once for any, ``halt``.

    ``None`` each time nothing happened, at most a second apart.
    """
    last = await feed.newest() if start.since is None else start.since
    halted = (await feed.after(last)).halts if start.halts is None else start.halts
    going = True
    while going:
        news = await feed.after(last)
        for entry in news.entries:
            last = entry.id
            if start.ticket_id is None or entry.ticket_id == start.ticket_id:
                yield _told(entry)
        if news.entries:
            yield Told("queue", str(last), last)
        if news.halts != halted:
            halted = news.halts
            yield Told("halt", str(halted))
        yield None
        going = await feed.pause()


async def encoded(
    feed: Feed, start: Start, may_listen: Callable[[], bool], *, every: int = HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """Give the bytes of a stream, with a heartbeat in silence so that both ends notice when the other is gone.

    ``every`` so many looks, a second apart, ``may_listen`` is asked: somebody who has signed out, or works here no
    more, must not follow what happens in a page that stays open.
    """
    feed.listeners += 1
    silent, looks = 0, 0
    try:
        yield HEARTBEAT
        async for told in tell(feed, start):
            silent = 0 if told is not None else silent + 1
            looks += told is None
            if told is not None:
                yield told.encode()
            elif looks % every == 0 and not await asyncio.to_thread(may_listen):
                return
            elif silent % HEARTBEAT_S == 0:
                yield HEARTBEAT
    finally:
        feed.listeners -= 1


@router.get("/stream", summary="Follow the stories of all tickets", response_class=StreamingResponse)
async def stream(
    request: Request, parts: Parts, _caller: Known, ticket: str = "", since: Place = None, halts: Place = None
) -> StreamingResponse:
    """Follow what happens, as server-sent events.

    ``Last-Event-ID`` goes on where an earlier stream ended, ``since`` where a page was written, so that nothing is
    lost between the page and its stream; with neither it begins now. ``halts`` is the same for the kill switch: how
    often it had been thrown.
    """
    given = request.headers.get("last-event-id", "")
    if given.isdecimal() and len(given) < 19:  # noqa: PLR2004 - fits the database's integers
        since = int(given)
    wanted = ticket_number(ticket) if ticket else None
    feed: Feed = request.app.state.feed
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = encoded(feed, Start(since, halts, wanted), lambda: find_caller(request, parts) is not None)
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)
