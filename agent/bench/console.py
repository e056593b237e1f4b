"""How quick the console is with a full desk and many who look at it (shell: starts the real process, reads the clock).

A scratch database is filled, the console is started on it as a person starts it, viewers follow the live stream as open
pages do (they fetch their part of the page again whenever the stream says so) while stories go on being told, and one
more person clicks through the pages.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import httpx

from agent.bench.console_process import answering, busy_s, cpu_s, rss_mb, running_console
from agent.bench.desk_filling import Desk, fill_desk
from agent.bench.desk_rows import RARE_WORD
from agent.desk.ticket import StoryKind
from agent.house import House
from agent.store.staff import add_token, set_password
from agent.store.tickets import Line, tell

_STAFF: Final = "bench"
_START_S: Final = 60.0
_SETTLE_S: Final = 2.0
_TOLD_EVERY_S: Final = 0.5
_KEPT_S: Final = 2.0  # idle connections; the server lets go of them after five
_ANSWER_S: Final = 60.0
_WARM: Final = 2  # looks at each page before the clock runs
_COST_LOOKS: Final = 10  # the kernel counts processor time in hundredths of a second


@dataclass(frozen=True, slots=True)
class Visits:
    """What is tried: so many viewers, and so many looks at every page."""

    viewers: int
    looks: int
    seed: int = 7


@dataclass(frozen=True, slots=True)
class PageTime:
    """How long one page took: milliseconds, of so many ``looks``, the median and 95 in 100.

    ``cpu_ms`` is the console's processor time for a look while nobody else looks: a busy machine changes it least.
    """

    page: str
    looks: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    kb: float


@dataclass(frozen=True, slots=True)
class ConsoleTimes:
    """All pages, what the viewers heard and fetched meanwhile, and what the process took.

    ``cpu_share`` and ``others_share`` are cores: the console's, and those that neither it nor the measuring used. With
    more than a little of the latter the milliseconds say more about the machine than about the console.
    """

    tickets: int
    devices: int
    viewers: int
    pages: tuple[PageTime, ...]
    events: int
    fetched: int
    cpu_share: float
    others_share: float
    rss_mb: float

    @property
    def p95_ms(self) -> float:
        """The slowest page's 95 in 100."""
        return max(page.p95_ms for page in self.pages)


@dataclass(slots=True)
class _Heard:
    """What all viewers came to."""

    events: int = 0
    fetched: int = 0
    open: int = 0


async def measure_console(
    house: House, desk: Desk, visits: Visits, done: Callable[[int], None] | None = None
) -> ConsoleTimes:
    """Fill a house that is new, and measure; ``done`` is told how many tickets stand so far. Minutes.

    Raises:
        ConsoleSilentError: the console ended, or does not answer.
    """
    await asyncio.to_thread(fill_desk, house.database, house.playbooks, desk, done)
    with house.database.transaction() as session:
        set_password(session, name=_STAFF, password=os.urandom(16).hex(), now=desk.until)
        token = add_token(session, staff=_STAFF, now=desk.until)
    async with running_console(house) as (process, url):
        client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_ANSWER_S,
            limits=httpx.Limits(max_connections=None, keepalive_expiry=_KEPT_S),
        )
        async with client:
            await answering(client, process)
            return await _visited(client, house, desk, visits, process.pid)


async def _visited(client: httpx.AsyncClient, house: House, desk: Desk, visits: Visits, pid: int) -> ConsoleTimes:
    heard = _Heard()
    chance = Random(visits.seed)  # noqa: S311 - which pages are opened
    cost_ms = await _costs(client, desk, chance, pid)
    tasks = [
        asyncio.create_task(_follow(client, _viewed(place, desk, chance), heard), name=f"viewer.{place}")
        for place in range(visits.viewers)
    ]
    tasks.append(asyncio.create_task(_tell(house, desk, chance), name="teller"))
    try:
        async with asyncio.timeout(_START_S):
            while heard.open < visits.viewers:  # noqa: ASYNC110 - counted by many
                await asyncio.sleep(0.05)
        await asyncio.sleep(_SETTLE_S)
        before, began_s = (cpu_s(pid), time.process_time(), busy_s()), time.monotonic()
        pages = await _looked(client, desk, visits, chance, cost_ms)
        passed_s = time.monotonic() - began_s
        own, ours, all_of_it = cpu_s(pid) - before[0], time.process_time() - before[1], busy_s() - before[2]
        held_mb = rss_mb(pid)
        for task in tasks:
            if task.done():  # none of them ends by itself
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return ConsoleTimes(
        tickets=desk.tickets,
        devices=desk.devices,
        viewers=visits.viewers,
        pages=pages,
        events=heard.events,
        fetched=heard.fetched,
        cpu_share=own / passed_s,
        others_share=max(all_of_it - own - ours, 0.0) / passed_s,
        rss_mb=held_mb,
    )


def _paths(desk: Desk, chance: Random) -> dict[str, str]:
    """Return one look at every page, each at a place of its own."""
    ticket = chance.randrange(1, desk.tickets + 1)
    return {
        "queue": "/",
        "ticket": f"/tickets/T-{ticket}",
        "ticket chart": f"/tickets/T-{ticket}/chart",
        "search, common word": "/?q=temperature",
        "search, rare word": f"/?q={RARE_WORD}",
        "search, no such word": "/?q=xylophone",
        "search, common word that waits": "/?q=current&state=needs",
        "search, two letters": "/?q=9x",
        "closed tickets, far back": f"/?state=closed&after={ticket}",
        "fleet": "/devices",
        "fleet, by health": "/devices?health=abnormal",
        "fleet, by text": "/devices?q=09",
        "ratings": "/ratings",
        "mailbox": "/mailbox",
        "remedies": "/remedies",
        "tickets over the API": "/api/v1/tickets?limit=50",
    }


async def _costs(client: httpx.AsyncClient, desk: Desk, chance: Random, pid: int) -> dict[str, float]:
    """Return the console's processor time in milliseconds for one look at each page, while nobody else looks."""
    cost_ms = {}
    for page in _paths(desk, chance):
        (await client.get(_paths(desk, chance)[page])).raise_for_status()
        before_s = cpu_s(pid)
        for _ in range(_COST_LOOKS):
            (await client.get(_paths(desk, chance)[page])).raise_for_status()
        cost_ms[page] = (cpu_s(pid) - before_s) * 1000 / _COST_LOOKS
    return cost_ms


async def _looked(
    client: httpx.AsyncClient, desk: Desk, visits: Visits, chance: Random, cost_ms: Mapping[str, float]
) -> tuple[PageTime, ...]:
    took: dict[str, list[float]] = {}
    size: dict[str, int] = {}
    for turn in range(_WARM + visits.looks):
        for page, path in _paths(desk, chance).items():
            began_s = time.perf_counter()
            answer = await client.get(path)
            ms = (time.perf_counter() - began_s) * 1000
            answer.raise_for_status()
            size[page] = len(answer.content)
            if turn >= _WARM:
                took.setdefault(page, []).append(ms)
    return tuple(
        PageTime(page, len(times), _part(times, 0.5), _part(times, 0.95), cost_ms[page], size[page] / 1000)
        for page, times in took.items()
    )


def _part(times: Sequence[float], part: float) -> float:
    """Return the time within which that part of the looks was answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _viewed(place: int, desk: Desk, chance: Random) -> tuple[str, str]:
    """Return whose stream a viewer follows and what its page fetches again: every second one looks at the queue."""
    if place % 2 == 0:
        return "/api/v1/stream", "/queue-lists"
    number = f"T-{chance.randrange(1, desk.tickets + 1)}"
    return f"/api/v1/stream?ticket={number}", f"/tickets/{number}/live"


async def _follow(client: httpx.AsyncClient, viewed: tuple[str, str], heard: _Heard) -> None:
    stream, part = viewed
    wanted = "event: story" if "ticket=" in stream else "event: queue"
    async with client.stream("GET", stream) as answer:
        heard.open += 1
        async for line in answer.aiter_lines():
            heard.events += line.startswith("event: ")
            if line == wanted:
                (await client.get(part)).raise_for_status()
                heard.fetched += 1


async def _tell(house: House, desk: Desk, chance: Random) -> None:
    """Go on telling stories, as an agent at work does."""

    def once() -> None:
        at = house.clock.now()
        number = chance.randrange(1, desk.tickets + 1)
        with house.database.transaction() as session:
            tell(session, number, Line(at, StoryKind.FINDING, "Its signal is off its usual level again."))

    while True:
        await asyncio.to_thread(once)
        await asyncio.sleep(_TOLD_EVERY_S)
