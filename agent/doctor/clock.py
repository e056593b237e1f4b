"""The clock everything is dated by (shell): not behind our own records, kept by somebody, and zones known."""

import ctypes
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.clock import ScaledClock
from agent.doctor.check import Check, Grade, Part
from agent.house import House
from agent.store.journal_errors import JournalError
from agent.store.oversight import newest_story_at
from agent.store.segment_scan import SUFFIX, first_of, read_blocks

_SLACK: Final = timedelta(minutes=5)
_TIMEX_BYTES: Final = 256
_STATUS_AT: Final = 40  # of `struct timex` on 64-bit Linux
_UNSYNCHRONISED: Final = 0x40
_A_ZONE: Final = "Europe/Berlin"
_NO_END: Final = 2**63 - 1


def check_clock(house: House) -> Iterator[Check]:
    """Give what there is to say about the clock."""
    now = house.clock.now()
    if isinstance(house.clock, ScaledClock):
        yield Check(Part.CLOCK, Grade.OK, f"a demo's clock is used, {house.clock.speed:g} times as fast")
        return
    with house.database.reading() as session:
        newest = max(filter(None, (newest_story_at(session), _newest_arrival(house.data / "journal"))), default=None)
    if newest is not None and newest - now > _SLACK:
        yield Check(
            Part.CLOCK,
            Grade.FAIL,
            f"it is {now:%F %R} UTC and the newest record is from {newest:%F %R}: the clock went back",
            "set the clock; in a demo's data directory this is as it should be",
        )
    else:
        yield Check(Part.CLOCK, Grade.OK, f"it is {now:%F %T} UTC, and no record is from later")
    yield _kept()
    yield _zones()


def _newest_arrival(journal: Path) -> datetime | None:
    """Return when the newest message came in; ``None``: none is to be read."""
    segments = sorted(journal.glob(f"*{SUFFIX}"))
    newest = None
    try:
        for block in read_blocks(segments[-1], first_of(segments[-1]), _NO_END) if segments else ():
            newest = block
        return None if newest is None else datetime.fromtimestamp(newest.entries()[-1].arrival_ms / 1000, UTC)
    except (JournalError, OSError, OverflowError):
        return None  # the storage's own check says why


def _kept() -> Check:
    """Ask the kernel whether something keeps the clock right."""
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        return Check(Part.CLOCK, Grade.WARN, "this system does not tell whether the clock is kept right")
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(timex) < 0:
        return Check(Part.CLOCK, Grade.WARN, "the kernel does not tell whether the clock is kept right")
    status = int.from_bytes(timex.raw[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    if status & _UNSYNCHRONISED:
        return Check(
            Part.CLOCK,
            Grade.WARN,
            "the kernel says that nothing keeps the clock right",
            "run chrony or systemd-timesyncd, unless the machine below does it",
        )
    return Check(Part.CLOCK, Grade.OK, "the clock is kept right")


def _zones() -> Check:
    try:
        ZoneInfo(_A_ZONE)
    except ZoneInfoNotFoundError:
        return Check(Part.CLOCK, Grade.FAIL, "time zones are not known: visits would be wrong", "pip install tzdata")
    here = datetime.now(UTC).astimezone().tzname()
    return Check(Part.CLOCK, Grade.OK, f"time zones are known; this machine's is {here}, records are in UTC")
