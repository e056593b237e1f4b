import asyncio
from collections.abc import Sequence

import pytest

from agent.listen.inbox import MOST_IN_BATCH, Inbox, Received
from agent.store.segment import Record


class Nobody:
    def acknowledge(self, packet_ids: Sequence[int]) -> None:
        del packet_ids


def received(count: int, size: int = 1) -> list[Received]:
    return [Received(Record(n, "t", b"x" * size), n, Nobody()) for n in range(count)]


async def test_what_came_in_is_given_in_order_in_batches() -> None:
    inbox = Inbox()
    inbox.put(received(MOST_IN_BATCH + 3))

    first, second = await inbox.take(0.0), await inbox.take(0.0)

    assert [one.packet_id for one in first + second] == list(range(MOST_IN_BATCH + 3))
    assert (len(first), len(second)) == (MOST_IN_BATCH, 3)


async def test_nothing_came_in_time() -> None:
    assert await Inbox().take(0.0) == []


async def test_who_waits_is_woken() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.take(5.0))
    await asyncio.sleep(0)

    inbox.put(received(1))

    assert len(await waiting) == 1


@pytest.mark.parametrize("inbox_of", [lambda: Inbox(most_messages=10), lambda: Inbox(most_bytes=100)])
async def test_a_full_inbox_holds_back_who_fills_it_until_some_was_taken(inbox_of: type[Inbox]) -> None:
    inbox = inbox_of()
    inbox.put(received(10, size=10))
    waiting = asyncio.create_task(inbox.room())
    await asyncio.sleep(0)
    held_back = not waiting.done()

    await inbox.take(0.0)

    await asyncio.wait_for(waiting, 1.0)
    assert held_back
