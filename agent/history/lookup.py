"""One device's rows in one file of history (shell): only the groups of rows that can hold it are read.

The list of groups at the end of a file is read once and remembered, for files do not change under their name
but by erasure, which shows in their size and time.
"""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agent.history.columns import DEVICE

_REMEMBERED_GROUPS: Final = 4_000
"""Groups of rows whose places are remembered over all files; about 30 kB a group of 35 columns."""


@dataclass(frozen=True, slots=True)
class _Index:
    """Where the groups of a sorted file begin and end, by device."""

    metadata: Any
    columns: frozenset[str]
    lowest: list[str]
    highest: list[str]


@dataclass(slots=True)
class Lookup:
    """Reads from files; safe for any thread."""

    _indices: OrderedDict[tuple[str, int, int], _Index] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _groups: int = 0

    def rows(self, path: Path, device_id: str, columns: Sequence[str]) -> pa.Table | None:
        """Return one device's rows, with those of ``columns`` that the file has; ``None``: it has no row of it.

        Raises:
            FileNotFoundError: another file has replaced it; look at the folder again.
        """
        index = self._index(path)
        first, end = bisect_left(index.highest, device_id), bisect_right(index.lowest, device_id)
        if first >= end:
            return None
        wanted = [DEVICE, *(column for column in columns if column in index.columns)]
        with path.open("rb") as file:
            table = pq.ParquetFile(file, metadata=index.metadata).read_row_groups(
                list(range(first, end)), columns=wanted, use_threads=False
            )
        found = table.filter(pc.equal(table[DEVICE], device_id))
        return found if len(found) else None

    def _index(self, path: Path) -> _Index:
        found = path.stat()
        key = (str(path), found.st_mtime_ns, found.st_size)
        with self._lock:
            index = self._indices.get(key)
            if index is not None:
                self._indices.move_to_end(key)
                return index
        index = _read_index(path)
        with self._lock:
            if key not in self._indices:
                self._indices[key] = index
                self._groups += len(index.lowest)
            while self._groups > _REMEMBERED_GROUPS and len(self._indices) > 1:
                _, oldest = self._indices.popitem(last=False)
                self._groups -= len(oldest.lowest)
        return index


def _read_index(path: Path) -> _Index:
    metadata = pq.read_metadata(path)
    schema = metadata.schema.to_arrow_schema()
    place = schema.get_field_index(DEVICE)
    groups = [metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)]
    return _Index(metadata, frozenset(schema.names), [group.min for group in groups], [group.max for group in groups])
