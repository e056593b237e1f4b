"""Takes changed playbooks up while the agent runs (shell)."""

import asyncio
from typing import Final

import structlog

from agent.diagnose.library import Library

LOOK_EVERY_S: Final = 5.0
"""Real seconds between two looks at the files."""

log = structlog.get_logger()


async def keep_renewed(library: Library, every_s: float = LOOK_EVERY_S) -> None:
    """Look at the files now and then until cancelled; a folder that cannot be read is said and looked at again."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(library.renew)
        except OSError as error:
            log.warning("playbooks.unreadable", why=str(error))
