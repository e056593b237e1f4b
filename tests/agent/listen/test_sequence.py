import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agent.listen.sequence import Order, PackedBoot, Sequence

numbers = st.lists(st.integers(0, 400), max_size=150)


def test_numbers_that_follow_each_other_miss_nothing() -> None:
    seen = Sequence()

    assert [seen.place("b", number).missed for number in (7, 8, 9)] == [0, 0, 0]


def test_a_hole_is_counted_once_and_may_be_filled_once() -> None:
    seen = Sequence()
    seen.place("b", 0)

    assert seen.place("b", 3).missed == 2
    assert [seen.place("b", number).order for number in (1, 1, 2, 3)] == [
        Order.LATE,
        Order.DUPLICATE,
        Order.LATE,
        Order.DUPLICATE,
    ]


def test_what_began_in_disorder_is_all_there_once() -> None:
    seen = Sequence()

    placed = [seen.place("b", number) for number in (3, 1, 4, 0, 1, 2, 0, 5)]

    assert [one.order for one in placed] == [
        *(Order.NEXT, Order.EARLIER, Order.NEXT, Order.EARLIER),
        *(Order.DUPLICATE, Order.EARLIER, Order.DUPLICATE, Order.NEXT),
    ]
    assert sum(one.missed for one in placed) == 0


def test_a_snapshot_of_old_knows_nothing_before_the_first_number() -> None:
    seen = Sequence.restored(msgspec.msgpack.decode(msgspec.msgpack.encode([("b", 8, [6])]), type=list[PackedBoot]))

    assert [seen.place("b", number).order for number in (8, 6, 5)] == [Order.NEXT, Order.LATE, Order.DUPLICATE]


def test_a_restart_begins_a_numbering_of_its_own_and_the_old_one_may_still_come() -> None:
    seen = Sequence()
    seen.place("b1", 5)

    assert seen.place("b2", 0).missed == 0
    assert seen.place("b1", 6).order is Order.NEXT
    assert seen.place("b1", 6).order is Order.DUPLICATE


def test_a_huge_jump_costs_no_memory() -> None:
    seen = Sequence()
    seen.place("b", 0)

    assert seen.place("b", 2**52).missed == 2**52 - 1
    assert len(seen.boots["b"].holes) <= 512


def test_a_huge_first_number_costs_no_memory() -> None:
    seen = Sequence()
    seen.place("b", 2**52)

    assert seen.place("b", 0).order is Order.DUPLICATE
    assert seen.boots["b"].earlier == 0


def test_many_boots_cost_no_memory() -> None:
    seen = Sequence()
    for boot in range(100):
        seen.place(f"b{boot}", 0)

    assert len(seen.boots) <= 4


@given(numbers)
def test_each_number_counts_once_in_whatever_order_it_comes(given_numbers: list[int]) -> None:
    seen = Sequence()
    seen.place("b", 0)

    fresh = [number for number in given_numbers if seen.place("b", number).order is not Order.DUPLICATE]

    assert len(fresh) == len(set(fresh))
    assert set(fresh) == {number for number in given_numbers if number > 0}


@given(st.integers(0, 400), numbers)
def test_a_numbering_may_begin_anywhere_and_each_number_still_counts_once(first: int, given_numbers: list[int]) -> None:
    seen = Sequence()
    placed = [seen.place("b", number) for number in (first, *given_numbers)]

    fresh = [
        number for number, one in zip((first, *given_numbers), placed, strict=True) if one.order is not Order.DUPLICATE
    ]

    assert len(fresh) == len(set(fresh))
    assert set(fresh) == {number for number in (first, *given_numbers) if number >= first - 63}
    assert all(one.missed == 0 for number, one in zip(given_numbers, placed[1:], strict=True) if number < first)


@given(numbers)
def test_missed_and_heard_numbers_add_up(given_numbers: list[int]) -> None:
    seen = Sequence()
    seen.place("b", 0)
    placed = [seen.place("b", number) for number in given_numbers]

    missed = sum(one.missed for one in placed) - sum(one.order is Order.LATE for one in placed)
    heard = sum(one.order is not Order.DUPLICATE for one in placed)

    assert missed + heard == max([0, *given_numbers])


@given(numbers, st.integers(0, 150))
def test_a_saved_sequence_goes_on_as_if_nothing_had_happened(given_numbers: list[int], stop: int) -> None:
    whole, first = Sequence(), Sequence()
    expected = [whole.place("b", number) for number in given_numbers]

    told = [first.place("b", number) for number in given_numbers[:stop]]
    second = Sequence.restored(first.saved())
    told += [second.place("b", number) for number in given_numbers[stop:]]

    assert told == expected
    assert second.saved() == whole.saved()
