"""Forgetting devices (shell): every file that holds a row of theirs is written anew without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from agent.history.erasures import remember_erasure
from agent.history.folder import Folder
from agent.history.lookup import Lookup
from agent.history.merge import without_devices
from agent.history.parts import SUFFIX

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Erased:
    """What was forgotten: ``rows`` of samples and roll-ups in ``files``."""

    files: int
    rows: int


def erase_devices(folder: Folder, device_ids: frozenset[str], now: datetime) -> Erased:
    """Forget everything history has of these devices up to ``now``; what they say later is kept again.

    It is remembered first: what the writer has not written yet, or will read again from the journal, stays out. The
    journal itself keeps what came in until it is old; see ``journal_max_bytes``. Cost: reading and writing all
    files of the devices' products, in bounded memory.
    """
    if not device_ids:
        return Erased(0, 0)
    files = rows = 0
    with folder.locked():
        remember_erasure(folder.root, device_ids, now)
        for path in _files(folder):
            lookup = Lookup()
            if any(lookup.rows(path, device_id, ()) is not None for device_id in device_ids):
                files += 1
                rows += without_devices(folder, path, sorted(device_ids))
    log.info("history.erased", devices=len(device_ids), files=files, rows=rows)
    return Erased(files, rows)


def _files(folder: Folder) -> Iterator[Path]:
    for kind in ("samples", "minutes", "hours", "gaps"):
        yield from sorted((folder.root / kind).glob(f"*/product=*/*{SUFFIX}"))
