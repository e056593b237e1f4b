"""What came in and is not yet in the journal (state): bounded, and who fills it waits.

Nothing is ever dropped here. While it is full nobody reads from the broker, which then keeps what it has.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.store.segment import Packed

MOST_IN_BATCH: Final = 4_000
"""Messages after which a batch is closed; what came in one read stays together."""
_GATHER_S: Final = 0.02  # what a batch costs whatever is in it, shared by what comes meanwhile
_MOST_BATCH_BYTES: Final = 2**20  # a backlog in large messages shall not keep what is new waiting for long
_MOST_MESSAGES: Final = 3 * MOST_IN_BATCH  # one batch being written, one ready, one coming in
_MOST_BYTES: Final = 32 * 2**20


class Acknowledger(Protocol):
    """The connection a message came from."""

    def acknowledge(self, packet_ids: NDArray[np.uint16]) -> None:
        """Tell the broker that these are ours now, in this order; nothing when the connection is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """Messages that came in one read. A packet id is 0 where a message asks for no acknowledgement."""

    packed: Packed
    packet_ids: NDArray[np.uint16]
    connection: Acknowledger


class Inbox:
    """Between the connection and the journal."""

    def __init__(self, *, most_messages: int = _MOST_MESSAGES, most_bytes: int = _MOST_BYTES) -> None:
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        self._bytes = 0
        self._messages = 0
        self._waiting: deque[Received] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        """Return how many messages wait."""
        return self._messages

    @property
    def is_full(self) -> bool:
        """Whether nobody should read on."""
        return self._messages >= self._most_messages or self._bytes >= self._most_bytes

    def put(self, received: Received) -> None:
        """Add what one read brought, even beyond the bound: it is already in memory."""
        self._waiting.append(received)
        self._messages += received.packed.records
        self._bytes += len(received.packed.body)
        self._filled.set()
        if self.is_full:
            self._room.clear()

    async def room(self) -> None:
        """Return when there is room."""
        await self._room.wait()

    async def take(self, patience_s: float) -> list[Received]:
        """Return what waits, about a batch, as soon as there is something; empty after ``patience_s`` without."""
        if not self._waiting:
            try:
                async with asyncio.timeout(patience_s):
                    await self._filled.wait()
            except TimeoutError:
                return []
        if self._messages < MOST_IN_BATCH:
            await asyncio.sleep(_GATHER_S)
        batch: list[Received] = []
        count = size = 0
        while self._waiting and count < MOST_IN_BATCH and size < _MOST_BATCH_BYTES:
            one = self._waiting.popleft()
            batch.append(one)
            count += one.packed.records
            size += len(one.packed.body)
        self._messages -= count
        self._bytes -= size
        if not self._waiting:
            self._filled.clear()
        if not self.is_full:
            self._room.set()
        return batch
