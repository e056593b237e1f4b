"""Until when a fleet has lived (shell), so that a run after a pause sends only what is missing."""

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final

from broker.private_files import make_private_folder, write_private
from device_sim.clock import SimClock

_FILE: Final = "lived-until"
_WRITE_EVERY_S: Final = 2.0


def lived_until(data: Path) -> datetime | None:
    """Return the instant up to which an earlier run on this directory lived; ``None``: there was none."""
    try:
        return datetime.fromisoformat((data / "sim" / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


async def keep_diary(data: Path, clock: SimClock) -> None:
    """Write down how late it is, again and again, until cancelled."""
    make_private_folder(data / "sim")
    while True:
        await asyncio.sleep(_WRITE_EVERY_S)
        with contextlib.suppress(OSError):
            await asyncio.to_thread(write_private, data / "sim" / _FILE, clock.now().isoformat())
