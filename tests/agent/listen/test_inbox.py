import asyncio

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.listen.inbox import MOST_IN_BATCH, Inbox, Received
from agent.store.segment import Record, pack_records


class Nobody:
    def acknowledge(self, packet_ids: NDArray[np.uint16]) -> None:
        del packet_ids


def received(first: int, messages: int, size: int = 1) -> Received:
    numbers = range(first, first + messages)
    packed = pack_records([Record(number, "t", b"x" * size) for number in numbers])
    return Received(packed, np.array(numbers, np.uint16), Nobody())


def numbers_in(batch: list[Received]) -> list[int]:
    return [number for one in batch for number in one.packet_ids.tolist()]


async def test_what_came_in_is_given_in_order_in_batches() -> None:
    inbox = Inbox()
    for first in range(0, MOST_IN_BATCH + 20, 10):
        inbox.put(received(first, 10))

    one, another = await inbox.take(0.0), await inbox.take(0.0)

    assert numbers_in(one + another) == list(range(MOST_IN_BATCH + 20))
    assert (len(numbers_in(one)), len(numbers_in(another))) == (MOST_IN_BATCH, 20)


async def test_nothing_came_in_time() -> None:
    assert await Inbox().take(0.0) == []


async def test_who_waits_is_woken() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.take(5.0))
    await asyncio.sleep(0)

    inbox.put(received(0, 1))

    assert len(await waiting) == 1


@pytest.mark.parametrize("inbox_of", [lambda: Inbox(most_messages=10), lambda: Inbox(most_bytes=100)])
async def test_a_full_inbox_holds_back_who_fills_it_until_some_was_taken(inbox_of: type[Inbox]) -> None:
    inbox = inbox_of()
    inbox.put(received(0, 10, size=10))
    waiting = asyncio.create_task(inbox.room())
    await asyncio.sleep(0)
    held_back = not waiting.done()

    await inbox.take(0.0)

    await asyncio.wait_for(waiting, 1.0)
    assert held_back
