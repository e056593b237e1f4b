"""From journal records to facts (state): the same records give the same facts, live and when replayed.

Decoding, numbering, clocks, the models. It is told the time by the records alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, assert_never

import msgspec

from agent.health.errors import SnapshotError
from agent.health.fleet import Fleet
from agent.health.fleet_snapshot import fill_fleet, pack_fleet
from agent.health.gathering import Source
from agent.health.seal import seal, unseal
from agent.listen.decode import FromDevice, Unreadable, example, read_entry
from agent.listen.facts import Body, ClockJudged, Fact, Gap, Quarantined
from agent.listen.heard import Heard, PackedHeard
from agent.listen.own_records import FORGET, PREFIX, QUIET, TEACH, TICK
from agent.listen.sequence import Order
from agent.store.segment import Block, Entry
from broker.messages import Birth, Event, Feedback, Result, Status, Telemetry
from broker.topics import ROOT

_KIND: Final = "pipeline"
_VERSION: Final = 1


@dataclass(slots=True)
class Counts:
    """What a batch held. ``samples`` are those new to us; ``duplicates`` and ``missed`` count samples and events."""

    messages: int = 0
    samples: int = 0
    duplicates: int = 0
    missed: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch gave: facts in the order of their offsets, and counts."""

    facts: tuple[Fact, ...]
    counts: Counts


@dataclass(slots=True)
class _Batch:
    """What is gathered while a batch is taken."""

    facts: list[Fact] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    gaps: dict[str, tuple[Entry, int]] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], tuple[Entry, int]] = field(default_factory=dict)
    clocks: dict[str, tuple[Entry, bool]] = field(default_factory=dict)  # as they were before the batch
    forgotten: list[str] = field(default_factory=list)

    def tell(self, entry: Entry, device_id: str, body: Body) -> None:
        self.facts.append(Fact(entry.offset, device_id, _instant(entry), body))

    def missed(self, entry: Entry, device_id: str, count: int) -> None:
        if count:
            self.counts.missed += count
            self.gaps[device_id] = (entry, self.gaps.get(device_id, (entry, 0))[1] + count)

    def finish(self, heard: dict[str, Heard]) -> Taken:
        """Tell what is told once a device and batch, and put everything in order."""
        for device_id, (entry, count) in self.gaps.items():
            self.tell(entry, device_id, Gap(count))
        for (device_id, reason), (entry, count) in self.quarantined.items():
            self.tell(entry, device_id, Quarantined(reason, example(entry.payload), count))
        for device_id, (entry, before) in self.clocks.items():
            if heard[device_id].has_clock is not before:
                self.tell(entry, device_id, ClockJudged(heard[device_id].has_clock))
        self.facts.sort(key=lambda fact: fact.offset)
        return Taken(tuple(self.facts), self.counts)


class Pipeline:
    """All that the journal says up to ``next_offset``: what was heard of each device, and the fleet's health."""

    def __init__(self, fleet: Fleet, *, root: str = ROOT) -> None:
        self.fleet = fleet
        self.next_offset = 0
        self._root = root
        self._heard: dict[str, Heard] = {}

    def take(self, block: Block | Sequence[Entry]) -> Taken:
        """Take one batch of the journal, which follows the one before."""
        batch = block.entries() if isinstance(block, Block) else block
        gathered = _Batch()
        for entry in batch:
            if entry.topic.startswith(PREFIX):
                self._own(entry, gathered)
            else:
                gathered.counts.messages += 1
                self._device_message(entry, gathered)
        by_offset = {entry.offset: entry for entry in batch}
        for raised in self.fleet.score():
            gathered.tell(by_offset[raised.offset], raised.finding.device_id, raised.finding)
        for device_id in gathered.forgotten:  # once what it said before was scored
            self.fleet.forgotten(device_id)
        if batch:
            self.next_offset = batch[-1].offset + 1
        return gathered.finish(self._heard)

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        heard = [(device_id, known.packed()) for device_id, known in self._heard.items()]
        return seal(_KIND, _VERSION, msgspec.msgpack.encode((self.next_offset, heard, pack_fleet(self.fleet))))

    @classmethod
    def restore(cls, data: bytes, empty: Fleet, *, root: str = ROOT) -> "Pipeline":
        """Return the pipeline a snapshot describes, in a new, empty fleet.

        Raises:
            SnapshotError: the bytes are damaged or of another version.
        """
        try:
            next_offset, heard, fleet = _DECODER.decode(unseal(_KIND, _VERSION, data))
        except msgspec.DecodeError as error:
            raise SnapshotError(_KIND, str(error)) from error
        pipeline = cls(empty, root=root)
        fill_fleet(empty, fleet)
        pipeline.next_offset = next_offset
        pipeline._heard = {device_id: Heard.unpacked(packed) for device_id, packed in heard}
        return pipeline

    def _own(self, entry: Entry, batch: _Batch) -> None:
        if entry.topic == TICK:
            for finding in self.fleet.tick(entry.arrival_ms / 1000):
                batch.tell(entry, finding.device_id, finding)
        elif entry.topic == FORGET:
            batch.forgotten.append(entry.payload.decode())
        elif entry.topic in {QUIET, TEACH}:
            self.fleet.let_learn(entry.payload.decode(), learn=entry.topic == TEACH)

    def _device_message(self, entry: Entry, batch: _Batch) -> None:
        read = read_entry(entry, self._root)
        if isinstance(read, Unreadable):
            batch.counts.quarantined += 1
            key = (read.device_id, read.reason)
            batch.quarantined[key] = (entry, batch.quarantined.get(key, (entry, 0))[1] + 1)
            return
        heard = self._heard.get(read.device_id)
        if heard is None:
            heard = self._heard[read.device_id] = Heard()
        self._message(entry, read.device_id, heard, read.message, batch)

    def _message(self, entry: Entry, device_id: str, heard: Heard, message: FromDevice, batch: _Batch) -> None:
        match message:
            case Telemetry():
                self._telemetry(entry, device_id, heard, message, batch)
            case Birth():
                if heard.is_new_birth(entry.payload):
                    self.fleet.born(device_id, message)
                    batch.tell(entry, device_id, message)
            case Status():
                if heard.is_new_presence(message.presence):
                    batch.tell(entry, device_id, message)
            case Event():
                placed = heard.events.place(message.boot, message.seq)
                batch.missed(entry, device_id, placed.missed)
                if placed.order is Order.DUPLICATE:
                    batch.counts.duplicates += 1
                    return
                if placed.missed:
                    self.fleet.gap(device_id, entry.arrival_ms / 1000)
                self.fleet.said(device_id, message.code)
                batch.tell(entry, device_id, message)
            case Result() | Feedback():
                batch.tell(entry, device_id, message)
            case never:
                assert_never(never)

    def _telemetry(self, entry: Entry, device_id: str, heard: Heard, message: Telemetry, batch: _Batch) -> None:
        arrived_s = entry.arrival_ms / 1000
        had_clock = heard.has_clock
        timed = heard.time(message, entry.arrival_ms)
        if heard.has_clock is not had_clock:
            batch.clocks[device_id] = (entry, batch.clocks.get(device_id, (entry, had_clock))[1])
        batch.counts.samples += len(message) - timed.duplicates
        batch.counts.duplicates += timed.duplicates
        if timed.duplicates < len(message):
            source = Source(entry.offset, arrived_s, after_gap=timed.missed > 0)
            self.fleet.sample(device_id, message, timed.at_s, source)
        batch.missed(entry, device_id, timed.missed)


_DECODER: Final = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, PackedHeard]], bytes])


def _instant(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.arrival_ms / 1000, UTC)
