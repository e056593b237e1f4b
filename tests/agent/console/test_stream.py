import asyncio
from collections.abc import AsyncIterator

from agent.console.parts import ConsoleParts
from agent.console.stream import HEARTBEAT, Feed, Start, Told, encoded, tell
from agent.desk.ticket import StoryKind
from agent.store.ticket_file import newest_story_id
from agent.store.tickets import Line
from agent.store.tickets import tell as write
from tests.agent.console.sample_cases import NOW


def happens(parts: ConsoleParts, ticket_id: int, text: str) -> None:
    with parts.database.transaction() as session:
        write(session, ticket_id, Line(NOW, StoryKind.NOTE, text, "mira"))


async def take(events: AsyncIterator[Told | None], count: int) -> list[str]:
    """Return the names of the next events, waiting some seconds at most."""
    heard: list[str] = []
    async with asyncio.timeout(30):
        while len(heard) < count:
            told = await anext(events)
            heard += [] if told is None else [told.event]
    return heard


def newest(parts: ConsoleParts) -> int:
    with parts.database.reading() as session:
        return newest_story_id(session)


async def test_what_happens_is_told_to_whoever_listens(parts: ConsoleParts) -> None:
    events = tell(Feed(parts), Start())
    assert await anext(events) is None, "it listens from here on"

    happens(parts, 1005, "a note")

    assert await take(events, 2) == ["story", "queue"]


async def test_a_listener_of_one_ticket_hears_of_others_only_that_the_queue_changed(parts: ConsoleParts) -> None:
    events = tell(Feed(parts), Start(since=newest(parts), ticket_id=1001))
    happens(parts, 1005, "elsewhere")
    happens(parts, 1001, "here")

    assert await take(events, 2) == ["story", "queue"]


async def test_a_listener_that_comes_back_misses_nothing(parts: ConsoleParts) -> None:
    last = newest(parts)
    for number in range(5):
        happens(parts, 1005, f"note {number}")

    events = tell(Feed(parts), Start(since=last))

    assert await take(events, 6) == ["story"] * 5 + ["queue"]


async def test_a_halt_is_told(parts: ConsoleParts) -> None:
    events = tell(Feed(parts), Start())
    assert await anext(events) is None, "it listens from here on"

    parts.desk.halt("mira", "trial")

    assert await take(events, 1) == ["halt"]


async def test_a_halt_between_a_page_and_its_stream_is_told(parts: ConsoleParts) -> None:
    parts.desk.halt("mira", "trial")

    assert await take(tell(Feed(parts), Start(halts=0)), 1) == ["halt"]


async def test_many_listeners_share_one_look_at_the_database(parts: ConsoleParts) -> None:
    feed = Feed(parts)
    await feed.newest()
    happens(parts, 1005, "a note")

    heard = [await feed.after(0) for _ in range(50)]

    assert {news.entries[-1].id for news in heard} == {newest(parts)}


def test_an_event_is_written_as_browsers_read_it() -> None:
    assert Told("story", '{"a": 1}', 7).encode() == b'event: story\nid: 7\ndata: {"a": 1}\n\n'


async def test_a_stream_begins_at_once_and_ends_when_the_console_stops(parts: ConsoleParts) -> None:
    feed = Feed(parts)
    stream = encoded(feed, Start(), lambda: True)
    assert (await anext(stream)).startswith(b":")
    assert feed.listeners == 1

    feed.close()

    async with asyncio.timeout(3):
        assert [told async for told in stream] == []
    assert feed.listeners == 0


async def test_a_stream_ends_for_whoever_is_known_no_more(parts: ConsoleParts) -> None:
    feed = Feed(parts)
    known = [True, False]
    stream = encoded(feed, Start(), lambda: known.pop(0), every=1)

    async with asyncio.timeout(20):
        heard = [told async for told in stream]

    assert known == []
    assert heard == [HEARTBEAT]
    assert feed.listeners == 0
