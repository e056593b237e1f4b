from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from broker.ids import new_id, seeded_id

instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(instants, st.timedeltas(timedelta(milliseconds=2), timedelta(days=9000)))
def test_ids_sort_by_the_time_they_were_made(at: datetime, later: timedelta) -> None:
    assert new_id(at) < new_id(at + later)


@given(instants, st.integers())
def test_the_same_seed_gives_the_same_ids(at: datetime, seed: int) -> None:
    assert seeded_id(at, Random(seed)) == seeded_id(at, Random(seed))


@given(instants)
def test_no_two_ids_are_the_same(at: datetime) -> None:
    first, second = new_id(at), new_id(at)

    assert first != second
    assert len(first) == len(second) == 26
