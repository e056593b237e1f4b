"""History out in one file (shell): the telemetry format that ``sim replay`` and ``backtest`` read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from agent.errors import PersonError
from agent.history.columns import AT, DEVICE
from agent.history.folder import Folder, parts_in
from agent.history.lookup import Lookup
from agent.history.merge import files_of, opened_duckdb, sql_text

_FORMATS: Final = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
    ".csv": "FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ'",
    ".csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ'",
}


class UnknownFormatError(PersonError):
    """The file to write ends in nothing we write."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name}: a telemetry file ends in {', '.join(_FORMATS)}")
        self.path = path


class NothingToExportError(PersonError):
    """History has no sample of these devices in this range."""

    def __init__(self, device_ids: Sequence[str]) -> None:
        super().__init__(f"history has no sample of {', '.join(device_ids) or 'no device at all'} in this range")
        self.device_ids = device_ids


class UnwritableExportError(PersonError):
    """The file cannot be written. Choose another place."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} cannot be written: {problem}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: whole range where ``since`` or ``until`` is ``None``; ``until`` itself is included."""

    device_ids: tuple[str, ...]
    since: datetime | None
    until: datetime | None


def export(folder: Folder, wanted: Wanted, target: Path) -> int:
    """Write the devices' samples by device and time; return how many. A file that is there already is replaced.

    What came in since the writer's last commit, by default a minute, is not in it yet.

    Raises:
        UnknownFormatError, NothingToExportError, UnwritableExportError: nothing was written.
    """
    ending = next((ending for ending in sorted(_FORMATS, key=len, reverse=True) if target.name.endswith(ending)), None)
    if ending is None:
        raise UnknownFormatError(target)
    beside = target.with_name(f".{target.name}.new")
    with folder.locked():
        files = _files(folder, wanted)
        if not files:
            raise NothingToExportError(wanted.device_ids)
        try:
            with opened_duckdb(folder) as connection:
                found = connection.execute(
                    f"COPY ({_query(files, wanted)}) TO {sql_text(str(beside))} ({_FORMATS[ending]})"
                ).fetchone()
        except duckdb.IOException as error:
            raise UnwritableExportError(target, str(error)) from error
    rows = 0 if found is None else int(found[0])
    if not rows:
        beside.unlink()
        raise NothingToExportError(wanted.device_ids)
    beside.replace(target)
    return rows


def _query(files: Sequence[Path], wanted: Wanted) -> str:
    limits = [f"{DEVICE} IN ({', '.join(sql_text(device_id) for device_id in wanted.device_ids)})"]
    for sign, limit in ((">=", wanted.since), ("<=", wanted.until)):
        if limit is not None:
            limits.append(f"epoch_us({AT}) {sign} {round(limit.timestamp() * 1_000_000)}")
    first = f"{DEVICE}, {AT}, product"
    table = files_of(files, folders_are_columns=True)
    where = " AND ".join(limits)
    return f"SELECT {first}, * EXCLUDE ({first}, day) FROM {table} WHERE {where} ORDER BY {DEVICE}, {AT}"  # noqa: S608 - quoted


def _files(folder: Folder, wanted: Wanted) -> list[Path]:
    """Return the files that hold one of the devices in the range; each ends up with the columns of all of them."""
    lookup = Lookup()
    first = None if wanted.since is None else wanted.since.astimezone(UTC).date()
    last = None if wanted.until is None else wanted.until.astimezone(UTC).date()
    files = [
        place / part.name
        for day in folder.days()
        if (first is None or day >= first) and (last is None or day <= last)
        for place in folder.products(day)
        for part in parts_in(place)
    ]
    return [path for path in files if any(lookup.rows(path, each, ()) is not None for each in wanted.device_ids)]
