"""The data directory and the disk under it (shell)."""

import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent.doctor.check import Check, Grade, Part, judged
from agent.health.fleet import Fleet
from agent.house import House
from agent.listen.pipeline import Pipeline
from agent.store.journal_errors import JournalError
from agent.store.segment_scan import SUFFIX, read_header, scan_tail
from agent.store.snapshots import Snapshots
from broker.credentials import PASSWORDS_FILE

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_WARN_FREE_BYTES, _FAIL_FREE_BYTES = 2_000_000_000, 256 * 2**20
_WARN_SYNC_MS, _FAIL_SYNC_MS = 25.0, 200.0
_SYNCS: Final = 15
_BLOCK: Final = b"\0" * 4096


def check_storage(house: House) -> Iterator[Check]:
    """Give what there is to say about directory, secrets, disk, journal and snapshots. Takes a second or two."""
    yield from _permissions(house)
    yield _free(house.data)
    yield _sync(house.data)
    yield _journal(house.data / "journal")
    yield _snapshots(house.data / "snapshots")


def _permissions(house: House) -> Iterator[Check]:
    data = house.data
    if data.stat().st_mode & _OTHERS:
        yield Check(Part.STORAGE, Grade.FAIL, f"others on this machine may look into {data}", f"chmod 700 {data}")
    secrets = (data / "secret.key", house.broker_folder / PASSWORDS_FILE, house.broker_folder / "devices.json")
    for secret in secrets:
        if secret.exists() and secret.stat().st_mode & _OTHERS:
            yield Check(Part.STORAGE, Grade.FAIL, f"others may read {secret}", f"chmod 600 {secret}")
    if not os.access(data, os.W_OK | os.X_OK):
        yield Check(Part.STORAGE, Grade.FAIL, f"{data} cannot be written", "mend its owner")
    else:
        yield Check(Part.STORAGE, Grade.OK, f"{data} is ours to write, and looked at")


def _free(data: Path) -> Check:
    free = shutil.disk_usage(data).free
    grade = judged(-free, warn=-_WARN_FREE_BYTES, fail=-_FAIL_FREE_BYTES)
    advice = "" if grade is Grade.OK else "make room: when the disk is full, devices' messages wait at the broker"
    return Check(Part.STORAGE, grade, f"{free / 1e9:.1f} GB are free on its disk", advice)


def _sync(data: Path) -> Check:
    """Measure what every batch of messages waits for: a small write made durable, the median of some."""
    trial = data / f".sync-{os.getpid()}"
    try:
        times = _sync_times(trial)
    except OSError as error:
        return Check(
            Part.STORAGE,
            Grade.FAIL,
            f"nothing can be written to {data}: {error.strerror}",
            "mend the disk or its owner",
        )
    finally:
        trial.unlink(missing_ok=True)
    median_ms = sorted(times)[len(times) // 2] * 1000
    grade = judged(median_ms, warn=_WARN_SYNC_MS, fail=_FAIL_SYNC_MS)
    advice = "" if grade is Grade.OK else "put the data directory on a local disk: each batch of messages waits so long"
    return Check(Part.STORAGE, grade, f"a write is durable after {median_ms:.1f} ms", advice)


def _sync_times(trial: Path) -> list[float]:
    times = []
    descriptor = os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        for _ in range(_SYNCS):
            began_s = time.perf_counter()
            os.write(descriptor, _BLOCK)
            os.fdatasync(descriptor)
            times.append(time.perf_counter() - began_s)
    finally:
        os.close(descriptor)
    return times


def _journal(directory: Path) -> Check:
    segments = sorted(directory.glob(f"*{SUFFIX}"))
    if not segments:
        return Check(Part.STORAGE, Grade.OK, "there is no journal yet")
    try:
        for segment in segments:
            read_header(segment)
        tail = scan_tail(segments[-1])
    except (JournalError, OSError) as error:
        return Check(Part.STORAGE, Grade.FAIL, f"the journal cannot be read: {error}", "restore it from a backup")
    size = sum(segment.stat().st_size for segment in segments) / 1e6
    # A running agent may be writing its newest frame this very moment.
    torn = f", {tail.torn_bytes} bytes at its end are not whole yet" if tail.torn_bytes else ""
    return Check(Part.STORAGE, Grade.OK, f"the journal can be read: {len(segments)} segments, {size:.0f} MB{torn}")


def _snapshots(directory: Path) -> Check:
    snapshots = Snapshots(directory)
    newest = snapshots.newest_offset()
    if not any(directory.glob("*.snapshot")):
        return Check(Part.STORAGE, Grade.OK, "there is no snapshot of the models yet")
    restored = snapshots.newest(lambda data: Pipeline.restore(data, Fleet()))
    advice = "nothing to do at once: a start replays the journal instead, which takes longer; see what damaged it"
    if restored is None:
        return Check(Part.STORAGE, Grade.FAIL, "no snapshot of the models can be read", advice)
    if restored.offset != newest:
        return Check(Part.STORAGE, Grade.WARN, f"the newest snapshot, at {newest}, cannot be read", advice)
    return Check(Part.STORAGE, Grade.OK, f"the newest snapshot, at {newest}, can be read")
