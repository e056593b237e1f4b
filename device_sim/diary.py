"""The story so far, on disk (shell), so that a run after a pause goes on instead of beginning again."""

import asyncio
import contextlib
import pickle
from pathlib import Path
from typing import Final

from broker.private_files import make_private_folder
from device_sim.clock import SimClock
from device_sim.story import Page, Story

_FILE: Final = "story.pickle"
_WRITE_EVERY_S: Final = 2.0


def read_page(data: Path) -> Page | None:
    """Return where an earlier run on this directory left off; ``None``: there was none, or another version wrote it."""
    try:
        read = pickle.loads((data / "sim" / _FILE).read_bytes())  # noqa: S301 - ours, in a folder only we may enter
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError, TypeError, ValueError, IndexError):
        return None
    return read if isinstance(read, Page) else None


async def keep_diary(data: Path, story: Story, clock: SimClock) -> None:
    """Write the story down every two seconds, until cancelled."""
    make_private_folder(data / "sim")
    path = data / "sim" / _FILE
    while True:
        await asyncio.sleep(_WRITE_EVERY_S)
        written = pickle.dumps(Page(story, clock.now()))
        with contextlib.suppress(OSError):  # a full disk is no reason to stop
            await asyncio.to_thread(_replace, path, written)


def _replace(path: Path, written: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(written)
    draft.replace(path)
