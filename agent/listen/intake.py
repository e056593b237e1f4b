"""The hot path, put together (shell): broker → inbox → journal → acknowledged → pipeline → facts.

Four tasks hand on to each other through bounded queues, so that each one's delay reaches the broker and no memory
fills: one reads, one makes batches durable and acknowledges them, one scores them, one tells the facts. What is
scored is only ever read back from the journal's order; a restart replays it and ends in the same state.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from random import Random
from typing import Any, Final

import numpy as np
import structlog

from agent.clock import Clock
from agent.health.keeper import Keeper
from agent.listen.connection import Login
from agent.listen.facts import Fact
from agent.listen.inbox import Inbox, Received
from agent.listen.metrics import Meters
from agent.listen.own_records import mark, tick
from agent.listen.pipeline import Pipeline
from agent.listen.session import Session
from agent.listen.telling import CaughtUp, Snapshot, Teller
from agent.listen.warm import warm
from agent.store.journal import Journal
from agent.store.journal_errors import JournalFullError
from agent.store.segment import Block, Packed, Record, pack_records
from broker.address import Address
from broker.topics import ROOT, UP, filter_of

CLIENT_ID: Final = "amends-agent"
_TICK_MS: Final = 60_000  # of the clock
_FINISH_S: Final = 20.0
_LOOK_EVERY_S: Final = 0.25  # for ticks and marks when nothing comes in
_TRY_AGAIN_S: Final = 1.0
_MOST_UNSCORED: Final = 4  # batches between journal and models

log = structlog.get_logger()


@dataclass(slots=True)
class Intake:
    """The hot path of one agent. ``run`` it in a task.

    Attributes:
        address: the broker, with our account.
        journal: open; nobody else appends to it.
        pipeline: as a snapshot left it, or new; ``run`` first replays the journal from its ``next_offset``.
        take: told the facts of one batch or several, in order, in a thread; it may block, and everything waits for it.
            What it raises ends ``run``. After a restart it is told facts again that came after the newest snapshot.
        clock: stamps arrivals; in the demo it is scaled.
        keeper: keeps snapshots, ``None``: none are kept.
        meters: counts, ``None``: nobody looks.
        client_id: names our session at the broker; a second agent under the same name ends this one.
        root: of the topics.
        chance: draws the waits between tries to connect.
    """

    address: Address
    journal: Journal
    pipeline: Pipeline
    take: Callable[[Sequence[Fact]], None]
    clock: Clock
    keeper: Keeper | None = None
    meters: Meters | None = None
    client_id: str = CLIENT_ID
    root: str = ROOT
    chance: Random = field(default_factory=Random)
    session: Session = field(init=False)
    _inbox: Inbox = field(init=False)
    _unscored: asyncio.Queue[Block | CaughtUp | None] = field(init=False)
    _teller: Teller = field(init=False)
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _ticked_ms: int = 0
    _kept_s: float = 0.0
    _writing_since_s: float | None = None

    def __post_init__(self) -> None:
        self._inbox = Inbox()
        self._unscored = asyncio.Queue(_MOST_UNSCORED)
        self._teller = Teller(self._take, self._keep, self.caught_up)
        filters = tuple(filter_of(channel, self.root) for channel in UP)
        login = Login(self.address, self.client_id, filters, claim_topic=f"{self.root}/{self.client_id}/claim")
        self.session = Session(login, self._inbox, self.clock, self.chance)

    @property
    def connected(self) -> bool:
        """Whether we hear the broker right now."""
        return self.session.connected

    async def wait_connected(self) -> None:
        """Return as soon as we hear the broker."""
        await self.session.wait_connected()

    @property
    def behind(self) -> int:
        """Return how many journal records are not yet scored; at a start that is what is left to replay."""
        return self.journal.next_offset - self.pipeline.next_offset

    @property
    def unacknowledged_s(self) -> float:
        """Return how long the oldest messages that are ours have waited to become durable, in seconds; 0: none do."""
        since_s = self._writing_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    async def run(self) -> None:
        """Replay the journal, then listen until cancelled; then finish what is durable and keep a last snapshot.

        Raises:
            SessionTakenOverError: another agent took our session.
            RefusedError: the broker does not let us in.
            JournalDamagedError: the journal cannot be replayed.
            JournalWriteError: the disk failed.
        """
        self._kept_s = time.monotonic()
        parts: dict[str, Coroutine[Any, Any, None]] = {
            "intake.listen": self._listen(),
            "intake.score": self._score(),
            "intake.tell": self._teller.run(),
        }
        tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._finish(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def _finish(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Stop in order: nothing new comes in, what is durable is scored and told, the state is kept.

        Each task ends by itself when the one before hands on that it has; if a later one failed, all are cancelled.
        """
        self._stop.set()
        _, *later = tasks
        if not any(task.done() for task in later):
            await asyncio.wait(tasks, timeout=_FINISH_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            await asyncio.to_thread(warm)
            await self._replay()
            await self._unscored.put(CaughtUp())
            session = asyncio.create_task(self.session.run(), name="intake.session")
            try:
                await self._commit(session)
            finally:
                session.cancel()
                ended = await asyncio.gather(session, return_exceptions=True)
        except Exception:
            await self._unscored.put(None)
            raise
        await self._unscored.put(None)
        if isinstance(ended[0], Exception):
            raise ended[0]

    async def _replay(self) -> None:
        """Feed what the journal holds beyond the snapshot to the models, batch by batch as it came."""
        start, end = self.pipeline.next_offset, self.journal.next_offset
        if start < self.journal.first_offset:
            log.warning("journal.begins_later", wanted=start, begins_at=self.journal.first_offset)
        batches = self.journal.read_blocks(start)
        while not self._stop.is_set():
            batch = await asyncio.to_thread(next, batches, None)
            if batch is None:
                break
            await self._unscored.put(batch)
        if end > start:
            log.info("journal.replayed", records=end - start)

    async def _commit(self, session: asyncio.Task[None]) -> None:
        """Make what comes in durable, acknowledge it, and hand it on, until stopped or the session ends."""
        while not self._stop.is_set() and not session.done():
            received = await self._inbox.take(_LOOK_EVERY_S)
            packed = _joined([one.packed for one in received] + self._own_records())
            if not packed.records:
                continue
            self._writing_since_s = time.monotonic()
            block = await self._durable(packed)
            self._writing_since_s = None
            if block is None:
                return
            _acknowledge(received)
            await self._unscored.put(block)

    def _own_records(self) -> list[Packed]:
        """Return the marks asked for, and a tick when one is due and nothing that was heard waits behind it.

        A tick that overtook what devices said before it would call them silent.
        """
        now_ms = int(self.clock.now().timestamp() * 1000)
        asked = self.pipeline.fleet.take_asked()
        own: list[Record] = [mark(now_ms, device_id, wanted) for device_id, wanted in asked]
        is_due = not 0 <= now_ms - self._ticked_ms < _TICK_MS  # also when the clock was put back
        if is_due and self.session.connected and not len(self._inbox):
            self._ticked_ms = now_ms
            own.append(tick(now_ms))
        return [pack_records(own)] if own else []

    async def _durable(self, packed: Packed) -> Block | None:
        """Return the records with their offset once the disk has them; ``None``: stopped while it was full."""
        full = False
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                offsets = await asyncio.to_thread(self.journal.append_packed, packed)
            except JournalFullError as error:
                if not full:
                    log.warning("journal.full", why=str(error))
                full = True
                await asyncio.sleep(_TRY_AGAIN_S)
                continue
            if full:
                log.info("journal.has_room_again")
            if self.meters is not None:
                self.meters.committed(time.monotonic() - started, waiting=len(self._inbox))
            return Block(offsets.start, packed.records, packed.body)
        return None

    async def _score(self) -> None:
        while (batch := await self._unscored.get()) is not None:
            if isinstance(batch, CaughtUp):
                await self._teller.put(batch)
                continue
            started = time.monotonic()
            taken = await asyncio.to_thread(self.pipeline.take, batch)
            if self.meters is not None:
                self.meters.scored(taken.counts, time.monotonic() - started, behind=self.behind)
            if taken.facts:
                await self._teller.put(taken.facts)
            if self.keeper is not None and time.monotonic() - self._kept_s >= self.keeper.every_s:
                await self._snapshot()
        if self.keeper is not None:
            await self._snapshot()
        await self._teller.put(None)

    async def _snapshot(self) -> None:
        data = await asyncio.to_thread(self.pipeline.snapshot)
        # It goes the way of the facts: on the disk it says that those before it need not be told again.
        await self._teller.put(Snapshot(self.pipeline.next_offset, data))
        self._kept_s = time.monotonic()

    def _take(self, facts: Sequence[Fact]) -> None:
        self.take(facts)

    def _keep(self, snapshot: Snapshot) -> None:
        if self.keeper is not None:
            self.keeper.keep(snapshot.offset, snapshot.data, int(time.time() * 1000))
            if self.meters is not None:
                self.meters.kept(self.journal.bytes_kept)


def _acknowledge(received: Sequence[Received]) -> None:
    """Acknowledge in the order of arrival, each on the connection it came from."""
    for connection, messages in groupby(received, key=lambda one: one.connection):
        packet_ids = np.concatenate([one.packet_ids for one in messages])
        connection.acknowledge(packet_ids[packet_ids > 0])


def _joined(parts: Sequence[Packed]) -> Packed:
    return Packed(b"".join([part.body for part in parts]), sum(part.records for part in parts))
