"""From journal records to facts (state): the same records give the same facts, live and when replayed.

Decoding, numbering, clocks, the models. It is told the time by the records alone. Usual telemetry is read and taken in
bulk; everything else one by one, through the codec.
"""

from collections.abc import Sequence
from typing import Final, assert_never

import msgspec
import numpy as np
from numpy.typing import NDArray

from agent.health.errors import SnapshotError
from agent.health.fleet import Fleet
from agent.health.fleet_snapshot import fill_fleet, pack_fleet
from agent.health.gathering import Source
from agent.health.marks import Mark
from agent.health.seal import seal, unseal
from agent.listen.advance import OVER, ROWS, SAMPLES, SKIPS, advance
from agent.listen.decode import FromDevice, Readable, Unreadable, example, read_entry
from agent.listen.facts import Quarantined
from agent.listen.frames import Places, places_of
from agent.listen.heard import Heard, PackedHeard
from agent.listen.own_records import PREFIX, TICK
from agent.listen.plain import REFUSED, UNUSUAL, Read, form_of, parts_of, read_block, room_for
from agent.listen.roll import Roll
from agent.listen.sequence import Order
from agent.listen.taken import Batch, Taken
from agent.listen.texts import Texts
from agent.store.segment import Block, Entry, Record, pack_records
from broker.errors import Reason
from broker.messages import Birth, Event, Feedback, Result, Status, Telemetry
from broker.topics import ROOT

_KIND: Final = "pipeline"
_VERSION: Final = 1
_MOST_FORMS: Final = 4_096
OVER_BUDGET: Final = "over_budget"
"""Why a device's messages are in quarantine that are kept, but not scored: it sends more than its share."""


class Pipeline:
    """All that the journal says up to ``next_offset``: what was heard of each device, and the fleet's health."""

    def __init__(self, fleet: Fleet, *, root: str = ROOT) -> None:
        self.fleet = fleet
        self.next_offset = 0
        self._root = root
        self._roll = Roll(root)
        self._forms = Texts()

    def take(self, batch: Block | Sequence[Entry]) -> Taken:
        """Take one batch of the journal, which follows the one before."""
        block = batch if isinstance(batch, Block) else _block(batch)
        gathered = Batch()
        body = np.frombuffer(block.body, np.uint8)
        places = places_of(body, block.records)
        read = room_for(block.records, len(block.body))
        read_block(body, places, self._roll.topics.table, self._forms.table, read)
        decoded = self._decode(block, places, read, gathered)
        done, skips = np.zeros(4, np.int64), np.empty((block.records, 2), np.int64)
        record = 0
        while record < block.records:
            if read.form[record] != UNUSUAL:
                stopped = self._usual(record, block.first, body, places, read, skips, done)
                gathered.counts.messages += stopped - record
                self._note_skips(block, places, read, skips[: done[SKIPS]].tolist(), gathered)
                done[SKIPS] = 0
                record = stopped
            if record < block.records:
                self._one(_entry(block, places, record), int(read.form[record]), decoded.get(record), gathered)
                record += 1
        gathered.counts.samples += int(done[SAMPLES])
        gathered.counts.over += int(done[OVER])
        for raised in (*gathered.raised, *self.fleet.score()):
            entry = _entry(block, places, raised.offset - block.first)
            gathered.tell(entry, raised.finding.device_id, raised.finding)
        for device_id in gathered.forgotten:  # once what it said before was scored
            self.fleet.forgotten(device_id)
            self._roll.forget_slot(device_id)
        if block.records:
            self.next_offset = block.end
        return gathered.finish(lambda device_id: self._roll.pull(self._roll.number(device_id)))

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        roll = self._roll
        heard = [(device_id, roll.pull(number).packed()) for number, device_id in enumerate(roll.devices)]
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
        for device_id, packed in heard:
            pipeline._roll.add(device_id, Heard.unpacked(packed))
        return pipeline

    def _decode(self, block: Block, places: Places, read: Read, batch: Batch) -> dict[int, Readable]:
        """Decode what cannot go in bulk; what nobody can read is put aside, and then the bulk goes on past it."""
        decoded: dict[int, Readable] = {}
        for record in np.flatnonzero(read.form == UNUSUAL).tolist():
            entry = _entry(block, places, record)
            if entry.topic.startswith(PREFIX):
                continue
            told = read_entry(entry, self._root)
            if isinstance(told, Readable):
                decoded[record] = told
            else:
                batch.refuse(entry, told.device_id, told.reason)
                read.form[record] = REFUSED
        return decoded

    def _usual(  # noqa: PLR0913, PLR0917 - a block in parts
        self,
        record: int,
        first_offset: int,
        body: NDArray[np.uint8],
        places: Places,
        read: Read,
        skips: NDArray[np.int64],
        done: NDArray[np.int64],
    ) -> int:
        """Take usual messages from a record on; return the first that is not usual."""
        fleet = self.fleet
        with fleet.lock:
            rows = fleet.gathering.make_room(len(read.times), fleet.widest())
            done[ROWS] = fleet.gathering.count
            stopped = advance(
                record,
                first_offset,
                body,
                places,
                read,
                self._roll.marks,
                fleet.hot.columns,
                fleet.gathering.forms,
                rows,
                skips,
                done,
            )
            fleet.gathering.count = int(done[ROWS])
        return int(stopped)

    def _note_skips(self, block: Block, places: Places, read: Read, skips: list[tuple[int, int]], batch: Batch) -> None:
        """Count the numbers that usual messages skipped, and remember them: they may come late."""
        for record, expected in skips:
            number, seq = int(read.topic[record]), int(read.seq[record])
            self._roll.skip(number, expected, seq)
            batch.missed(_entry(block, places, record), self._roll.devices[number], seq - expected)

    def _one(self, entry: Entry, form: int, decoded: Readable | None, batch: Batch) -> None:
        if entry.topic.startswith(PREFIX):
            self._own(entry, batch)
        else:
            batch.counts.messages += 1
            batch.counts.one_by_one += 1
            self._device_message(entry, form, decoded or read_entry(entry, self._root), batch)

    def _own(self, entry: Entry, batch: Batch) -> None:
        if entry.topic == TICK:
            for finding in self.fleet.tick(entry.arrival_ms / 1000):
                batch.tell(entry, finding.device_id, finding)
        else:
            self._mark(Mark(entry.topic.removeprefix(PREFIX)), entry.payload.decode(), batch)

    def _mark(self, mark: Mark, device_id: str, batch: Batch) -> None:
        match mark:
            case Mark.QUIET | Mark.TEACH:
                self.fleet.let_learn(device_id, learn=mark is Mark.TEACH)
            case Mark.ANEW:
                batch.raised += self.fleet.score()  # what it said before counts as it was
                self.fleet.begin_anew(device_id)
            case Mark.FORGET:
                batch.forgotten.append(device_id)
            case never:
                assert_never(never)

    def _device_message(self, entry: Entry, form: int, read: Readable | Unreadable, batch: Batch) -> None:
        if isinstance(read, Unreadable):
            batch.refuse(entry, read.device_id, read.reason)
            return
        number = self._roll.number(read.device_id)
        heard = self._roll.pull(number)
        self._message(entry, read.device_id, heard, read.message, batch)
        if isinstance(read.message, Telemetry):
            self._roll.push(number, read.message.boot[-1])
            if form < 0 or not self._roll.goes_by(number, form):
                self._learn_form(number, entry, read.message)
        elif isinstance(read.message, Birth):
            self._roll.settle(number, self.fleet.slot(read.device_id))

    def _message(self, entry: Entry, device_id: str, heard: Heard, message: FromDevice, batch: Batch) -> None:
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

    def _telemetry(self, entry: Entry, device_id: str, heard: Heard, message: Telemetry, batch: Batch) -> None:
        if not heard.has_room_for((*message.metrics, *(column.metric for column in message.context))):
            batch.refuse(entry, device_id, Reason.TOO_MANY_METRICS.value)
            return
        arrived_s = entry.arrival_ms / 1000
        had_clock = heard.has_clock
        timed = heard.time(message, entry.arrival_ms)
        if heard.has_clock is not had_clock:
            batch.clocks[device_id] = (entry, batch.clocks.get(device_id, (entry, had_clock))[1])
        batch.counts.samples += len(message) - timed.duplicates
        batch.counts.duplicates += timed.duplicates
        if timed.duplicates < len(message):
            source = Source(entry.offset, arrived_s, after_gap=timed.missed > 0)
            self.fleet.sample(device_id, message, timed.to_score, source)
        batch.missed(entry, device_id, timed.missed)
        if timed.over:
            self._over_budget(entry, device_id, heard, batch)

    def _over_budget(self, entry: Entry, device_id: str, heard: Heard, batch: Batch) -> None:
        batch.counts.over += 1
        messages = heard.budget.tell(entry.arrival_ms)
        if messages:
            self.fleet.gap(device_id, entry.arrival_ms / 1000)
            batch.tell(entry, device_id, Quarantined(OVER_BUDGET, example(entry.payload), messages))

    def _learn_form(self, number: int, entry: Entry, message: Telemetry) -> None:
        """Let the next message of this form go by it, where it is a usual one."""
        form = form_of(entry.payload)
        if form is None:
            return
        known = self._forms.number(form)
        if known is None:
            if len(self._forms) >= _MOST_FORMS:
                return
            known = self._forms.add(form)
        self._roll.uses(number, known)
        slot = self.fleet.slot(self._roll.devices[number])
        self._roll.settle(number, slot)
        parts = parts_of(form)
        words = {column.metric: column.values[0] for column in message.context}
        fits = parts.numbers == message.metrics and parts.words == words
        self.fleet.plan_form(slot, known, parts if fits else None)


_DECODER: Final = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, PackedHeard]], bytes])


def _block(entries: Sequence[Entry]) -> Block:
    """Return entries that follow each other as a block."""
    packed = pack_records(Record(*entry[1:]) for entry in entries)
    return Block(entries[0].offset if entries else 0, packed.records, packed.body)


def _entry(block: Block, places: Places, record: int) -> Entry:
    topic, payload, end = int(places.topic[record]), int(places.payload[record]), int(places.end[record])
    arrival_ms, body = int(places.arrival_ms[record]), block.body
    return Entry(block.first + record, arrival_ms, body[topic:payload].decode(), body[payload:end])
