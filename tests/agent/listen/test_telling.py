"""What is told to the slow path: everything, once, in order, and a snapshot only after what came before it."""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import StoreBusyError
from agent.listen.facts import ClockJudged, Fact, Gap, Quarantined
from agent.listen.telling import CaughtUp, Snapshot, Teller, Word

NOON = datetime(2026, 10, 30, 12, tzinfo=UTC)


@dataclass(slots=True)
class Slow:
    """A slow path that takes down what it is told; ``busy`` times it says that it cannot; ``open`` lets it go on."""

    transactions: list[list[int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    busy: int = 0
    open: threading.Event = field(default_factory=threading.Event)

    def take(self, facts: Sequence[Fact]) -> None:
        self.open.wait(5)
        if self.busy:
            self.busy -= 1
            problem = "locked"
            raise StoreBusyError(problem)
        self.transactions.append([fact.offset for fact in facts])
        self.done += self.transactions[-1]

    def keep(self, snapshot: Snapshot) -> None:
        self.done.append(-snapshot.offset)


def refused(offset: int) -> Fact:
    return Fact(offset, "d0", NOON, Quarantined("too_large", "x", 1))


def gap(offset: int) -> Fact:
    return Fact(offset, "d0", NOON, Gap(1))


def judged(offset: int) -> Fact:
    return Fact(offset, "d0", NOON, ClockJudged(has_clock=False))


async def told(slow: Slow, words: Sequence[Word], *, gather_s: float = 5.0) -> Teller:
    teller = Teller(slow.take, slow.keep, asyncio.Event(), gather_s)
    slow.open.set()
    running = asyncio.create_task(teller.run())
    for word in words:
        await teller.put(word)
    await teller.put(None)
    await asyncio.wait_for(running, 10)
    return teller


async def test_what_waits_while_a_transaction_runs_is_told_as_one() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event())
    running = asyncio.create_task(teller.run())
    await teller.put([judged(0)])
    await asyncio.sleep(0.05)  # it is under way, and held up

    for offset in range(1, 11):
        await teller.put([judged(offset)])
    slow.open.set()
    await teller.put(None)
    await asyncio.wait_for(running, 5)

    assert slow.transactions == [[0], list(range(1, 11))]


async def test_refusals_that_come_one_after_the_other_share_a_transaction() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event(), gather_s=5.0)
    slow.open.set()
    running = asyncio.create_task(teller.run())

    for offset in range(20):
        await teller.put([refused(offset)])
        await asyncio.sleep(0.005)
    await teller.put(None)
    await asyncio.wait_for(running, 5)

    assert slow.transactions == [list(range(20))]


async def test_refusals_alone_are_told_after_a_while() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event(), gather_s=0.05)
    slow.open.set()
    running = asyncio.create_task(teller.run())

    await teller.put([refused(0)])
    async with asyncio.timeout(5):
        while not slow.transactions:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
    await teller.put(None)
    await asyncio.wait_for(running, 5)

    assert slow.transactions == [[0]]


async def test_gaps_wait_with_the_refusals() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event(), gather_s=5.0)
    slow.open.set()
    running = asyncio.create_task(teller.run())

    for offset in range(20):
        await teller.put([gap(offset) if offset % 2 else refused(offset)])
        await asyncio.sleep(0.005)
    await teller.put(None)
    await asyncio.wait_for(running, 5)

    assert slow.transactions == [list(range(20))]


async def test_what_is_acted_on_ends_the_wait_at_once() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event(), gather_s=60.0)
    slow.open.set()
    running = asyncio.create_task(teller.run())
    began_s = time.monotonic()

    await teller.put([refused(0)])
    await teller.put([judged(1)])
    async with asyncio.timeout(5):
        while not slow.transactions:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)

    assert slow.transactions == [[0, 1]]
    assert time.monotonic() - began_s < 5
    await teller.put(None)
    await asyncio.wait_for(running, 5)


async def test_a_snapshot_is_kept_only_once_the_refusals_before_it_were_told() -> None:
    slow = Slow()

    await told(slow, [[refused(1)], [refused(2)], Snapshot(3, b""), [refused(4)]], gather_s=60.0)

    assert slow.done == [1, 2, -3, 4]


async def test_what_a_busy_database_does_not_take_is_told_again_whole() -> None:
    slow = Slow(busy=1)

    await told(slow, [[judged(1)], [judged(2), judged(3)]])

    assert slow.done == [1, 2, 3]


async def test_a_transaction_does_not_grow_without_end() -> None:
    slow = Slow()
    teller = Teller(slow.take, slow.keep, asyncio.Event())
    running = asyncio.create_task(teller.run())
    await teller.put([judged(0)])
    await asyncio.sleep(0.05)

    for start in range(1, 1601, 100):
        await teller.put([judged(offset) for offset in range(start, start + 100)])
    slow.open.set()
    await teller.put(None)
    await asyncio.wait_for(running, 5)

    assert [len(one) for one in slow.transactions] == [1, 500, 500, 500, 100]


async def test_what_is_only_counted_goes_by_the_thousand_unless_it_is_of_many_devices() -> None:
    one, many = Slow(), Slow()

    await told(one, [[gap(offset)] * 100 for offset in range(30)])
    await told(many, [[replace(gap(n), device_id=f"d{n}") for n in range(at, at + 100)] for at in range(0, 3_000, 100)])

    assert [len(transaction) for transaction in one.transactions] == [3_000]
    assert [len(transaction) for transaction in many.transactions] == [1_000] * 3


words = st.lists(st.sampled_from("jjrrgsc"), max_size=40)
says = {"j": judged, "r": refused, "g": gap}


@settings(deadline=None, max_examples=60)
@given(words, st.lists(st.integers(1, 4), min_size=40, max_size=40), st.sampled_from([0.0, 0.01, 1.0]))
def test_everything_is_told_once_and_in_order(kinds: list[str], sizes: list[int], gather_s: float) -> None:
    slow, said, offset = Slow(), list[Word](), 0
    expected: list[int] = []
    for kind, size in zip(kinds, sizes, strict=False):
        if kind == "s":
            offset += 1
            said.append(Snapshot(offset, b""))
            expected.append(-offset)
        elif kind == "c":
            said.append(CaughtUp())
        else:
            numbers = range(offset + 1, offset + 1 + size)
            offset += size
            said.append([says[kind](number) for number in numbers])
            expected += numbers

    teller = asyncio.run(told(slow, said, gather_s=gather_s))

    assert slow.done == expected
    assert teller.caught_up.is_set() is ("c" in kinds)
