"""A fleet at work (shell): every device on its own connection, its owners at their mail, on one loop."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from broker.address import Address
from device_sim.chance import seeded
from device_sim.clock import SimClock
from device_sim.link import Link
from device_sim.logins import Login
from device_sim.news import News, Standing, phase
from device_sim.people.post import Post
from device_sim.story import Telling

_STAGGER_S: Final = 0.04  # between two devices' first connects
_SUMMARY_EVERY_S: Final = 10.0
_NEWS_EVERY_S: Final = 0.5

log = logging.getLogger("device_sim")


@dataclass(frozen=True, slots=True)
class Run:
    """All that a run of a fleet needs. ``mailbox`` ``None``: the owners read no mail."""

    telling: Telling
    address: Address
    logins: Mapping[str, Login]
    clock: SimClock
    mailbox: Path | None


async def run_fleet(run: Run, console: Console) -> None:
    """Run the fleet until cancelled."""
    telling = run.telling
    links = [
        Link(device, run.address, run.logins[device_id], run.clock, seeded(f"{telling.story.seed}:link:{device_id}"))
        for device in telling.story.fleet.devices
        for device_id in (device.identity.device_id,)
    ]
    post = Post(run.mailbox, telling.story.letterbox, run.clock) if run.mailbox else None
    async with asyncio.TaskGroup() as group:
        group.create_task(_report(run, links, post, console), name="report")
        group.create_task(_tell_news(run), name="news")
        if post:
            group.create_task(post.watch(), name="post")
        for index, link in enumerate(links):
            device_id = link.device.identity.device_id
            late = phase(index)
            group.create_task(
                link.live(telling.history_from + late, telling.live_from + late), name=f"{device_id} lives"
            )
            group.create_task(link.talk(), name=f"{device_id} talks")
            await asyncio.sleep(_STAGGER_S)


async def _report(run: Run, links: list[Link], post: Post | None, console: Console) -> None:
    """Say how things stand: on a terminal in one line that stays, elsewhere as a line now and then."""
    if not console.is_terminal:
        while True:
            log.info("fleet %s", _standing(run, links, post))
            await asyncio.sleep(_SUMMARY_EVERY_S)
    with console.status("") as line:
        while True:
            line.update(str(_standing(run, links, post)))
            await asyncio.sleep(1.0)


def _standing(run: Run, links: list[Link], post: Post | None) -> Standing:
    return Standing(
        at=run.clock.now(),
        devices=len(links),
        connected=sum(link.up for link in links),
        sent=sum(link.sent for link in links),
        waiting=sum(link.waiting for link in links),
        ailing=sum(link.device.ailments.fault is not None for link in links),
        ratings=len(post.ratings) if post else None,
    )


async def _tell_news(run: Run) -> None:
    news = News()
    for _ in news.since(run.telling.story.fleet.devices):
        pass  # told by an earlier run
    while True:
        for line in news.since(run.telling.story.fleet.devices):
            log.info("%s at=%s", line, run.clock.now().isoformat(timespec="seconds"))
        await asyncio.sleep(_NEWS_EVERY_S)
