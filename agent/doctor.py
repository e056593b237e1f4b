"""``amends doctor`` (shell): looks at everything amends stands on, and says what to mend."""

import asyncio
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from agent.house import House
from agent.store.migrate import newest_revision
from agent.store.oversight import backlog, damage_of, newest_story_at
from broker.address import parse_address
from broker.configuration import CONFIG_FILE
from broker.doctor import Complaint
from broker.examination import examine
from broker.mosquitto import running_agent_address

_LEAST_FREE_BYTES: Final = 2_000_000_000
_LONGEST_WAITING: Final = timedelta(hours=1)
_CLOCK_SLACK: Final = timedelta(minutes=5)


async def find_complaints(house: House) -> tuple[Complaint, ...]:
    """Return what is wrong, worst first within each part; empty: nothing found. Takes some seconds."""
    found = await asyncio.to_thread(lambda: (*_storage(house), *_records(house)))
    return (*found, *await _broker(house))


def _storage(house: House) -> Iterator[Complaint]:
    data = house.data
    if data.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Complaint(f"others on this machine may look into {data}", f"chmod 700 {data}")
    secret = data / "secret.key"
    if secret.exists() and secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Complaint(f"others may read {secret}, which signs sessions", f"chmod 600 {secret}")
    free = shutil.disk_usage(data).free
    if free < _LEAST_FREE_BYTES:
        yield Complaint(
            f"only {free / 1e9:.1f} GB are left on the disk of {data}",
            "make room: when the disk is full, devices' messages wait at the broker",
        )


def _records(house: House) -> Iterator[Complaint]:
    now = house.clock.now()
    with house.database.reading() as session:
        damage, waiting, newest = damage_of(session), backlog(session, now), newest_story_at(session)
    if damage is not None:
        yield Complaint(f"the database is damaged: {damage}", "restore the data directory from a backup")
    if waiting.oldest_due_at is not None and now - waiting.oldest_due_at > _LONGEST_WAITING:
        yield Complaint(
            f"{waiting.waiting} messages wait to be sent, the oldest since {waiting.oldest_due_at:%F %R} UTC",
            "see whether the agent runs, and what the mail server answers on the system page",
        )
    if newest is not None and newest - now > _CLOCK_SLACK:
        yield Complaint(
            f"the clock went back: it is {now:%F %R} UTC and the newest record is from {newest:%F %R}",
            "set the clock; in a demo's data directory this is as it should be",
        )


async def _broker(house: House) -> tuple[Complaint, ...]:
    if house.settings.broker_url is not None:
        return await examine(parse_address(house.settings.broker_url.get_secret_value()), None)
    address = running_agent_address(house.broker_folder)
    if address is None:
        return (Complaint("no broker runs on this data directory", "start `amends up` or `amends broker`"),)
    return await examine(address, house.broker_folder / CONFIG_FILE)


def looked_at(house: House) -> tuple[str, ...]:
    """Return what was looked at, a line each, so that silence is not mistaken for health."""
    free = shutil.disk_usage(house.data).free
    return (
        f"data directory {house.data}, {free / 1e9:.0f} GB free",
        f"database at revision {newest_revision()}",
        f"{len(house.playbooks)} playbooks: {', '.join(sorted(house.playbooks))}",
        f"broker: {_broker_words(house)}",
    )


def _broker_words(house: House) -> str:
    if house.settings.broker_url is not None:
        return str(parse_address(house.settings.broker_url.get_secret_value()))
    address = running_agent_address(house.broker_folder)
    return "ours, not running" if address is None else f"ours, at {address}"
