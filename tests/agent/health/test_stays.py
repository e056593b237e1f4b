"""In which regime a device was, and since when: as the fleet tells it, and what is asked of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.health.entering import MOST_STAYS
from agent.health.fleet import Fleet
from agent.health.fleet_snapshot import fill_fleet, pack_fleet
from agent.health.seal import seal, unseal
from agent.health.stay_log import StayLog
from agent.health.stays import Stay, ruled_at, time_elsewhere
from tests.agent.health.test_fleet import AT, birth, feed
from tests.builders import MINUTE, NOON

HEATING, WATER = ("heating",), ("dhw",)
BATH = (Stay(HEATING, NOON - 600 * MINUTE), Stay(WATER, NOON), Stay(HEATING, NOON + 30 * MINUTE))


def minutes(count: int) -> timedelta:
    return count * MINUTE


@pytest.mark.parametrize("kind", ["fleet", "river", "half-space-trees"])
def test_whichever_model_judges_a_device_its_stays_are_told_since_when_and_where(kind: str) -> None:
    fleet = Fleet(choice=lambda _: kind)
    fleet.born("d1", birth())
    for minute, mode in enumerate(["eco", "eco", "normal", "eco", "eco"]):
        feed(fleet, "d1", minute, mode, temp_c=1.0)

    view = fleet.view("d1")

    assert view is not None
    assert view.stays == (
        Stay(("eco",), AT),
        Stay(("normal",), AT + minutes(2)),
        Stay(("eco",), AT + minutes(3)),
    )


def test_of_a_device_that_names_no_regime_no_stays_are_told() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    fleet.born("d2", birth(context=()))
    feed(fleet, "d1", 0, temp_c=1.0)
    feed(fleet, "d2", 0, temp_c=1.0)

    view = fleet.view("d2")

    assert view is not None
    assert view.stays == ()


def test_stays_outlive_a_restart_and_are_forgotten_with_their_device() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    for minute in range(3 * MOST_STAYS):
        feed(fleet, "d1", minute, "eco" if minute % 2 else "normal", temp_c=1.0)
    again = Fleet()

    fill_fleet(again, pack_fleet(fleet))
    for one in (fleet, again):
        feed(one, "d1", 3 * MOST_STAYS, "normal", temp_c=1.0)

    view = again.view("d1")
    assert view is not None
    assert len(view.stays) == MOST_STAYS
    assert view == fleet.view("d1")
    assert pack_fleet(again) == pack_fleet(fleet)
    again.forgotten("d1")
    assert not again.products["frost-200"].stays.count.any()


def test_a_snapshot_of_before_stays_were_kept_is_read_and_they_begin_with_the_next_sample() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    feed(fleet, "d1", 0, temp_c=1.0)
    whole = msgspec.msgpack.decode(unseal("fleet", 1, pack_fleet(fleet)))
    for product in whole[2]:
        product[4] = [device[:-1] for device in product[4]]
    again = Fleet()

    fill_fleet(again, seal("fleet", 1, msgspec.msgpack.encode(whole)))

    before = again.view("d1")
    feed(again, "d1", 1, temp_c=1.0)
    after = again.view("d1")
    assert before is not None
    assert before.stays == ()
    assert after is not None
    assert after.stays == (Stay(("eco",), AT + MINUTE),)


@given(rows=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 2)), max_size=300), cuts=st.sets(st.integers(1, 299)))
def test_stays_are_noted_in_bulk_as_one_by_one(rows: list[tuple[int, int]], cuts: set[int]) -> None:
    log, known = StayLog(), dict[int, list[tuple[float, int]]]()
    for at, (place, regime) in enumerate(rows):
        own = known.setdefault(place, [])
        if not own or own[-1][1] != regime:
            own.append((float(at), regime))

    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    for start, end in pairwise(edges):
        places, regimes = (np.array(column, np.int32) for column in zip(*rows[start:end], strict=True))
        log.take(places, np.arange(start, end, dtype=np.float64), regimes)

    for place, stays in known.items():
        told = [Stay((regime,), datetime.fromtimestamp(at_s, UTC)) for at_s, regime in stays[-MOST_STAYS:]]
        assert log.told(place, [(0.0,), (1.0,), (2.0,)]) == tuple(told)


def test_a_regime_that_shares_its_number_or_has_no_value_is_none_that_is_known() -> None:
    log = StayLog()
    log.take(np.zeros(3, np.int32), np.arange(3.0), np.array([0, 1, 15], np.int32))

    assert [stay.regime for stay in log.told(0, [(None,), ("eco",)])] == [None, ("eco",), None]


def test_what_is_seen_in_the_first_minutes_after_a_change_had_begun_before_it() -> None:
    assert ruled_at(BATH, NOON - MINUTE) == HEATING
    assert ruled_at(BATH, NOON) == HEATING
    assert ruled_at(BATH, NOON + minutes(5)) == HEATING
    assert ruled_at(BATH, NOON + minutes(10)) == WATER
    assert ruled_at(BATH, NOON + minutes(45)) == HEATING


def test_nobody_knows_what_ruled_before_the_first_stay_that_is_kept() -> None:
    assert ruled_at(BATH, BATH[0].since - MINUTE) is None
    assert ruled_at(BATH, BATH[0].since) == HEATING
    assert ruled_at((), NOON) is None


def test_only_time_that_is_known_to_have_been_spent_elsewhere_counts_as_that() -> None:
    until = NOON + minutes(40)

    assert time_elsewhere(BATH, {HEATING}, NOON - minutes(20), until) == minutes(30)
    assert time_elsewhere(BATH, {HEATING}, NOON + minutes(10), NOON + minutes(15)) == minutes(5)
    assert time_elsewhere(BATH, {WATER}, NOON - minutes(20), until) == minutes(30)
    assert time_elsewhere(BATH, {HEATING, WATER}, NOON - minutes(20), until) == timedelta()
    assert time_elsewhere(BATH, {WATER}, NOON - minutes(700), NOON) == minutes(600)
    assert time_elsewhere(BATH, (), NOON, until) == time_elsewhere((), {HEATING}, NOON, until) == timedelta()
    assert time_elsewhere((Stay(None, NOON),), {HEATING}, NOON, until) == timedelta()
