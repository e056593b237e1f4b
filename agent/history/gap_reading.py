"""Which samples of a device are missing over a range (shell): from the files of gaps, up to the last commit."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from agent.history.folder import Folder, parts_in
from agent.history.gaps import COLUMNS, Gap, GapRow, rows_in, still_missing
from agent.history.lookup import Lookup
from agent.history.parts import product_folder

_TRIES: Final = 5
_SECOND_US: Final = 1_000_000


def read_gaps(
    folder: Folder, lookup: Lookup, device_id: str, product: str, span_us: tuple[int, int]
) -> tuple[Gap, ...]:
    """Return the gaps of a device that touch a range of Unix microseconds; files replaced meanwhile are read anew."""
    for _ in range(_TRIES - 1):
        try:
            return _gaps(folder, lookup, device_id, product, span_us)
        except FileNotFoundError:
            continue
    return _gaps(folder, lookup, device_id, product, span_us)


def _gaps(folder: Folder, lookup: Lookup, device_id: str, product: str, span_us: tuple[int, int]) -> tuple[Gap, ...]:
    since_us, until_us = span_us
    days = folder.days("gaps")
    from_day = _day(since_us)
    rows = list(_rows(folder, lookup, device_id, product, [day for day in days if day >= from_day]))
    # What fills a gap that began before the range may have been taken before the range.
    first = _day(min([row.since_us for row in rows if row.since_us <= until_us], default=since_us))
    rows += _rows(folder, lookup, device_id, product, [day for day in days if first <= day < from_day])
    return still_missing(rows, since_us, until_us)


def _rows(folder: Folder, lookup: Lookup, device_id: str, product: str, days: list[date]) -> Iterator[GapRow]:
    for day in days:
        for name in dict.fromkeys((product_folder(product), product_folder(""))):
            place = folder.gaps(day, name)
            for part in parts_in(place):
                table = lookup.rows(place / part.name, device_id, COLUMNS)
                if table is not None:
                    yield from rows_in(table)


def _day(at_us: int) -> date:
    return datetime.fromtimestamp(at_us / _SECOND_US, UTC).date()
