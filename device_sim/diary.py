"""Until when a fleet has lived, and which (shell), so that a run after a pause goes on instead of beginning again."""

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from broker.errors import UnwritableError
from broker.private_files import make_private_folder, write_private
from device_sim.clock import SimClock

_FILE: Final = "diary.json"
_WRITE_EVERY_S: Final = 2.0


class Diary(msgspec.Struct, frozen=True):
    """The scenario that ran last on a data directory, its seed, and until when it lived."""

    scenario: str
    seed: int
    until: datetime


def read_diary(data: Path) -> Diary | None:
    """Return what an earlier run on this directory wrote; ``None``: there was none."""
    try:
        return msgspec.json.decode((data / "sim" / _FILE).read_bytes(), type=Diary)
    except (OSError, msgspec.MsgspecError):
        return None


async def keep_diary(data: Path, scenario: str, seed: int, clock: SimClock) -> None:
    """Write down how late it is, again and again, until cancelled."""
    make_private_folder(data / "sim")
    while True:
        await asyncio.sleep(_WRITE_EVERY_S)
        page = msgspec.json.encode(Diary(scenario, seed, clock.now())).decode()
        with contextlib.suppress(UnwritableError):  # a full disk is no reason to stop
            await asyncio.to_thread(write_private, data / "sim" / _FILE, page)
