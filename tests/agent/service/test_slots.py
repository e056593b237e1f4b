"""Which slot a visit takes."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agent.service.slots import Wish, suitable
from agent.service.visit import Slot
from tests.agent.care.builders import ANNA, NOON

HOUR = timedelta(hours=1)


def slot(number: int, starts_at: datetime, hours: float = 2, technician: str = "t-1") -> Slot:
    return Slot(number, technician, starts_at, starts_at + hours * HOUR)


def wish(not_after: datetime | None = None, preferably_by: datetime | None = None) -> Wish:
    return Wish(length=HOUR, not_before=NOON, not_after=not_after, preferably_by=preferably_by, customer=ANNA)


slots = st.lists(
    st.builds(
        lambda number, quarters, length, technician: slot(number, NOON + quarters * HOUR / 4, length / 4, technician),
        st.integers(1, 10_000),
        st.integers(-100, 700),
        st.integers(1, 16),
        st.sampled_from(["t-1", "t-2", "t-3"]),
    ),
    max_size=12,
    unique_by=lambda slot: slot.id,
)


@given(slots)
def test_a_chosen_slot_holds_the_whole_visit_by_day_and_in_bounds(free: list[Slot]) -> None:
    wanted = wish(not_after=NOON + timedelta(days=4))

    for chosen in suitable(free, wanted):
        ends_at = chosen.starts_at + HOUR
        assert chosen in free
        assert chosen.starts_at >= NOON
        assert ends_at <= min(chosen.ends_at, NOON + timedelta(days=4))
        assert not ANNA.is_quiet(chosen.starts_at)
        assert not ANNA.is_quiet(ends_at - timedelta(microseconds=1))


@given(slots, st.randoms())
def test_the_order_in_which_slots_are_offered_does_not_matter(free: list[Slot], chance: Random) -> None:
    shuffled = sorted(free, key=lambda _: chance.random())

    assert suitable(shuffled, wish()) == suitable(free, wish())


def test_the_earliest_slot_comes_first() -> None:
    late, early = slot(1, NOON + 5 * HOUR), slot(2, NOON + HOUR)

    assert suitable([late, early], wish()) == [early, late]


def test_a_slot_in_time_comes_before_any_that_is_too_late() -> None:
    too_late, in_time = slot(1, NOON + 24 * HOUR), slot(2, NOON + 3 * HOUR)

    assert suitable([too_late, in_time], wish(preferably_by=NOON + 4 * HOUR)) == [in_time, too_late]


def test_a_slot_in_quiet_hours_is_no_slot() -> None:
    evening = slot(1, NOON + 8 * HOUR)  # 21:00 in Berlin

    assert suitable([evening], wish()) == []
    assert suitable([evening], replace(wish(), customer=None)) == [evening]


def test_a_visit_may_end_as_quiet_hours_begin_but_not_run_into_them() -> None:
    until_nine = slot(1, NOON + 7 * HOUR)

    assert suitable([until_nine], wish()) == [until_nine]
    assert suitable([until_nine], replace(wish(), length=1.25 * HOUR)) == []


def test_a_slot_shorter_than_the_visit_is_no_slot() -> None:
    assert suitable([slot(1, NOON + HOUR, hours=0.5)], wish()) == []


def test_a_visit_must_have_ended_by_the_bound() -> None:
    assert suitable([slot(1, NOON + HOUR)], wish(not_after=NOON + 1.5 * HOUR)) == []


def test_waking_hours_are_those_of_the_day_of_the_visit() -> None:
    winter_morning = slot(1, datetime.fromisoformat("2026-10-26T08:00+01:00"))  # the clocks went back the day before

    found = suitable(
        [winter_morning], Wish(length=HOUR, not_before=datetime.fromisoformat("2026-10-24T12:00+02:00"), customer=ANNA)
    )

    assert found == [winter_morning]
