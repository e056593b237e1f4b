"""What came in and is not yet in the journal (state): bounded, and who fills it waits.

Nothing is ever dropped here. While it is full nobody reads from the broker, which then keeps what it has.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from agent.store.segment import Record

MOST_IN_BATCH: Final = 2_000
_MOST_BATCH_BYTES: Final = 2**20  # a backlog in large messages shall not keep what is new waiting for long
_MOST_MESSAGES: Final = 3 * MOST_IN_BATCH  # one batch being written, one ready, one coming in
_MOST_BYTES: Final = 32 * 2**20


class Acknowledger(Protocol):
    """The connection a message came from."""

    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        """Tell the broker that these are ours now, in this order; nothing when the connection is gone."""
        ...


class Received(NamedTuple):
    """A message as it came. ``packet_id`` is 0 when it asks for no acknowledgement."""

    record: Record
    packet_id: int
    connection: Acknowledger


class Inbox:
    """Between the connection and the journal."""

    def __init__(self, *, most_messages: int = _MOST_MESSAGES, most_bytes: int = _MOST_BYTES) -> None:
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._bytes = 0
        self._waiting: deque[Received] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether nobody should read on."""
        return len(self._waiting) >= self._most_messages or self._bytes >= self._most_bytes

    def put(self, received: Sequence[Received]) -> None:
        """Add what one read brought, even beyond the bound: it is already in memory."""
        if not received:
            return
        self._waiting.extend(received)
        self._bytes += sum(len(one.record.payload) for one in received)
        self._filled.set()
        if self.is_full:
            self._room.clear()

    async def room(self) -> None:
        """Return when there is room."""
        await self._room.wait()

    async def take(self, patience_s: float) -> list[Received]:
        """Return what waits, at most a batch, as soon as there is something; empty after ``patience_s`` without."""
        if not self._waiting:
            try:
                async with asyncio.timeout(patience_s):
                    await self._filled.wait()
            except TimeoutError:
                return []
        batch: list[Received] = []
        size = 0
        while self._waiting and len(batch) < MOST_IN_BATCH and size < _MOST_BATCH_BYTES:
            one = self._waiting.popleft()
            batch.append(one)
            size += len(one.record.payload)
        self._bytes -= size
        if not self._waiting:
            self._filled.clear()
        if not self.is_full:
            self._room.set()
        return batch
