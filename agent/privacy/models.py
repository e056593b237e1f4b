"""Lets the models in memory forget who was erased (shell), whether by this process or a command beside it."""

import asyncio
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from agent.errors import StoreBusyError
from agent.health.fleet import Fleet
from agent.health.marks import Mark
from agent.store.database import Database, problem_of
from agent.store.erasures import devices_to_forget, mark_forgotten

_LOOK_EVERY_S: Final = 2.0

log = structlog.get_logger()


async def forget_in_models(database: Database, fleet: Fleet) -> None:
    """Ask for what is still to be forgotten, and strike it off once it was, until cancelled."""
    while True:
        try:
            await asyncio.to_thread(forget_once, database, fleet)
        except (OperationalError, StoreBusyError) as error:
            log.warning("privacy.waits", why=problem_of(error))
        await asyncio.sleep(_LOOK_EVERY_S)


def forget_once(database: Database, fleet: Fleet) -> None:
    """Strike off what the models have forgotten since the last call, and ask for the rest."""
    with database.reading() as session:
        waiting = set(devices_to_forget(session))
    if not waiting:
        return
    forgotten = fleet.take_forgotten() & waiting
    if forgotten:
        with database.transaction() as session:
            mark_forgotten(session, frozenset(forgotten))
        log.info("privacy.models_forgot", devices=len(forgotten))
    for device_id in sorted(waiting - forgotten):
        fleet.ask(device_id, Mark.FORGET)
