"""From journal records to rows that wait to be written (state): numbered and timed by the same rules as the models'.

A sample that came twice is dropped, one that came late is kept, one of a device without a clock has its arrival's
time. The same records give the same rows, so that what a crash took is made again from the journal.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.health.errors import SnapshotError
from agent.health.seal import seal, unseal
from agent.history.columns import AT, DEVICE, INSTANT, MOST_COLUMNS, column_of
from agent.history.gaps import GapBlock
from agent.listen.decode import Unreadable, read_entry
from agent.listen.heard import Heard, PackedHeard
from agent.listen.own_records import PREFIX
from agent.store.segment import Entry
from broker.messages import Birth, Telemetry
from broker.topics import ROOT

_KIND: Final = "history"
_VERSION: Final = 1


class Shelf(msgspec.Struct, array_like=True):
    """One product's metrics: those that have a column, and those that hold words (a mode, a program)."""

    metrics: set[str]
    words: set[str]

    def has_room(self, metric: str) -> bool:
        """Tell whether a metric has a column; a new one gets one while there is room."""
        if metric not in self.metrics and len(self.metrics) < MOST_COLUMNS:
            self.metrics.add(metric)
        return metric in self.metrics


class _Saved(msgspec.Struct, array_like=True):
    """What is written down beside the files."""

    next_offset: int
    heard: list[tuple[str, PackedHeard]]
    products: dict[str, str]
    shelves: dict[str, Shelf]


@dataclass(slots=True)
class _Block:
    """Rows of messages with the same metrics."""

    devices: list[str] = field(default_factory=list)
    at_us: "array[int]" = field(default_factory=lambda: array("q"))
    flat: "array[float]" = field(default_factory=lambda: array("d"))
    words: list[list[str | None]] = field(default_factory=list)


_Shape = tuple[str, tuple[str, ...], tuple[str, ...]]  # product, metrics with numbers, metrics with words


class Rows:
    """Everything the journal says up to ``next_offset`` that is not written yet, and what was heard of each device."""

    def __init__(self, *, root: str = ROOT) -> None:
        self.next_offset = 0
        self.waiting = 0
        self._root = root
        self._heard: dict[str, Heard] = {}
        self._products: dict[str, str] = {}
        self._shelves: dict[str, Shelf] = {}
        self._blocks: dict[_Shape, _Block] = {}
        self._gaps: dict[str, GapBlock] = {}

    def take(self, batch: Sequence[Entry]) -> None:
        """Take one batch of the journal, which follows the one before."""
        for entry in batch:
            if not entry.topic.startswith(PREFIX):
                self._message(entry)
        if batch:
            self.next_offset = batch[-1].offset + 1

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give what waits as one table a product, in the order it came; the product is empty before a birth."""
        by_product: dict[str, list[pa.Table]] = {}
        for (product, metrics, words), block in self._blocks.items():
            by_product.setdefault(product, []).append(_table(block, metrics, words, self._shelf(product)))
        for product, tables in by_product.items():
            yield product, pa.concat_tables(tables, promote_options="default")

    def gap_tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Give the gaps that were noticed, and what filled some, as one table a product."""
        return ((product, block.table()) for product, block in self._gaps.items())

    def clear(self) -> None:
        """Forget what waits: it is written."""
        self._blocks.clear()
        self._gaps.clear()
        self.waiting = 0

    def saved(self) -> bytes:
        """Return what a restart needs to go on at ``next_offset``; what waits is not in it."""
        heard = [(device_id, known.packed()) for device_id, known in self._heard.items()]
        body = msgspec.msgpack.encode(_Saved(self.next_offset, heard, self._products, self._shelves))
        return seal(_KIND, _VERSION, body)

    @classmethod
    def restored(cls, data: bytes, *, root: str = ROOT) -> "Rows":
        """Return the rows that ``saved`` describes.

        Raises:
            SnapshotError: the bytes are damaged or of another version.
        """
        try:
            saved = msgspec.msgpack.decode(unseal(_KIND, _VERSION, data), type=_Saved)
        except msgspec.DecodeError as error:
            raise SnapshotError(_KIND, str(error)) from error
        rows = cls(root=root)
        rows.next_offset = saved.next_offset
        rows._heard = {device_id: Heard.unpacked(packed) for device_id, packed in saved.heard}
        rows._products, rows._shelves = saved.products, saved.shelves
        return rows

    def _message(self, entry: Entry) -> None:
        read = read_entry(entry, self._root)
        if isinstance(read, Unreadable):
            return
        if isinstance(read.message, Telemetry):
            self._telemetry(read.device_id, read.message, entry.arrival_ms)
        elif isinstance(read.message, Birth):
            self._products[read.device_id] = read.message.product
            self._shelf(read.message.product).words.update(read.message.context)

    def _telemetry(self, device_id: str, message: Telemetry, arrival_ms: int) -> None:
        heard = self._heard.get(device_id)
        if heard is None:
            heard = self._heard[device_id] = Heard()
        timed = heard.time(message, arrival_ms)
        if timed.duplicates == len(message):
            return
        if timed.holes or timed.late:
            self._gaps.setdefault(self._products.get(device_id, ""), GapBlock()).add(device_id, message, timed)
        shape = (self._products.get(device_id, ""), message.metrics, tuple(c.metric for c in message.context))
        block = self._blocks.get(shape)
        if block is None:
            block = self._blocks[shape] = _Block(words=[[] for _ in message.context])
        width = len(message.metrics)
        for row, at_s in enumerate(timed.at_s):
            if at_s != at_s:  # noqa: PLR0124 - the quickest test for NaN, which marks a sample that came twice
                continue
            block.devices.append(device_id)
            block.at_us.append(round(at_s * 1000) * 1000)
            block.flat.extend(message.flat[row * width : (row + 1) * width])
            for words, column in zip(block.words, message.context, strict=True):
                words.append(column.values[row])
            self.waiting += 1

    def _shelf(self, product: str) -> Shelf:
        shelf = self._shelves.get(product)
        if shelf is None:
            shelf = self._shelves[product] = Shelf(set(), set())
        return shelf


def _table(block: _Block, metrics: tuple[str, ...], words: tuple[str, ...], shelf: Shelf) -> pa.Table:
    """Return a block as a table; words of a metric that its product did not declare as context are left out."""
    rows = len(block.devices)
    numbers = np.frombuffer(block.flat, np.float64).reshape(rows, len(metrics)) if metrics else np.empty((rows, 0))
    columns = {
        DEVICE: pa.array(block.devices, pa.string()),
        AT: pa.array(np.frombuffer(block.at_us, np.int64)).cast(INSTANT),
    }
    said = {name: pa.array(values, pa.string()) for name, values in zip(words, block.words, strict=True)}
    for name in dict.fromkeys((*metrics, *words)):
        counted = pa.array(numbers[:, metrics.index(name)], from_pandas=True) if name in metrics else None
        column = _words(counted, said.get(name)) if name in shelf.words else counted
        if column is not None and shelf.has_room(name):
            columns[column_of(name)] = column
    return pa.table(columns)


def _words(counted: pa.Array | None, said: pa.Array | None) -> pa.Array:
    """Return a column of words; a number among them is written as one."""
    written = None if counted is None else pc.cast(counted, pa.string())
    if said is None or written is None:
        return written if said is None else said
    return pc.coalesce(said, written)
