"""A fleet at work (shell): every device on its own connection, its owners at their mail, on one loop."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from broker.address import Address
from device_sim.chance import seeded
from device_sim.clock import SimClock
from device_sim.fleet import Fleet
from device_sim.link import Link, phase
from device_sim.logins import Login
from device_sim.people.post import Post
from device_sim.scenarios import Scenario

_STAGGER_S: Final = 0.04  # between two devices' first connects
_SUMMARY_EVERY_S: Final = 10.0
_NEWS_EVERY_S: Final = 0.5

log = logging.getLogger("device_sim")


@dataclass(frozen=True, slots=True)
class Run:
    """All that a run of a fleet needs. ``mailbox`` ``None``: the owners read no mail."""

    scenario: Scenario
    fleet: Fleet
    seed: int
    address: Address
    logins: Mapping[str, Login]
    clock: SimClock
    history_from: datetime
    live_from: datetime
    mailbox: Path | None


async def run_fleet(run: Run, console: Console) -> None:
    """Run the fleet until cancelled."""
    links = [
        Link(
            device,
            run.address,
            run.logins[device.identity.device_id],
            run.clock,
            seeded(f"{run.seed}:link:{device.identity.device_id}"),
        )
        for device in run.fleet.devices
    ]
    post = Post(run.mailbox, run.fleet, run.clock, run.seed) if run.mailbox else None
    async with asyncio.TaskGroup() as group:
        group.create_task(_report(run, links, post, console), name="report")
        group.create_task(_tell_news(run), name="news")
        if post:
            group.create_task(post.watch(), name="post")
        for index, link in enumerate(links):
            device_id = link.device.identity.device_id
            live_from = run.live_from + phase(index)
            group.create_task(link.live(run.history_from + phase(index), live_from), name=f"{device_id} lives")
            group.create_task(link.talk(), name=f"{device_id} talks")
            await asyncio.sleep(_STAGGER_S)


async def _report(run: Run, links: list[Link], post: Post | None, console: Console) -> None:
    """Say how things stand: on a terminal in one line that stays, elsewhere as a line now and then."""
    if not console.is_terminal:
        while True:
            log.info("fleet %s", _summary(run, links, post))
            await asyncio.sleep(_SUMMARY_EVERY_S)
    with console.status("") as line:
        while True:
            line.update(_summary(run, links, post))
            await asyncio.sleep(1.0)


def _summary(run: Run, links: list[Link], post: Post | None) -> str:
    ailing = [link.device for link in links if link.device.ailments.fault]
    parts = [
        f"{run.clock.now():%Y-%m-%d %H:%M} UTC",
        f"{sum(link.up for link in links)} of {len(links)} connected",
        f"{sum(link.sent for link in links):,} messages",
        f"{sum(link.waiting for link in links):,} waiting",
        f"{len(ailing)} in trouble",
        f"{len(post.ratings)} ratings" if post else "",
    ]
    return " · ".join(part for part in parts if part)


async def _tell_news(run: Run) -> None:
    """Log every trouble as it begins, is felt and ends."""
    known: dict[str, tuple[object, ...]] = {}
    while True:
        for device in run.fleet.devices:
            lived = device.ailments.latest
            device_id = device.identity.device_id
            if lived is None or known.get(device_id) == (lived,):
                continue
            known[device_id] = (lived,)
            state = lived.how or ("noticed" if lived.noticed_s else "begins")
            log.info(
                "trouble device=%s fault=%s state=%s at=%s", device_id, lived.fault, state, run.clock.now().isoformat()
            )
        await asyncio.sleep(_NEWS_EVERY_S)


def history_begin(scenario: Scenario, live_from: datetime, lived_until: datetime | None) -> datetime:
    """Return from when the past is sent: the scenario's backfill, or what is missing since an earlier run ended."""
    begin = live_from - scenario.backfill
    if lived_until is None or lived_until < begin:
        return begin
    return min(lived_until + timedelta(minutes=1), live_from)
