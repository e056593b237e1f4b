from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.backtest.alarm import Alarm, AlarmKind
from agent.backtest.alarm_book import AlarmBook, Judged
from agent.health.interface import Scores
from tests.agent.backtest.recordings import HOUR_US

MINUTE_US = 60_000_000
steps = st.lists(
    st.tuples(st.integers(0, 200), st.booleans(), st.sampled_from((0.0, 0.5, 0.8, 1.2))), min_size=1, max_size=60
)


def book_of(*rows: tuple[int, bool, float], batch: int = 1_000) -> AlarmBook:
    """One device's rows: minutes since the row before, whether the model asks, drift."""
    book = AlarmBook()
    at_us = np.cumsum([row[0] for row in rows]) * MINUTE_US
    for first in range(0, len(rows), batch):
        part = rows[first : first + batch]
        count = len(part)
        ones = np.ones(count, np.float32)
        scores = Scores(
            onset=4 * ones,
            state=ones,
            drift=np.array([row[2] for row in part], np.float32),
            alarm=np.array([row[1] for row in part]),
            warming=np.zeros(count, np.bool_),
            because=np.ones((count, 1), np.float32),
            z=np.ones((count, 1), np.float32),
            usual=np.ones((count, 1), np.float32),
        )
        times = at_us[first : first + batch]
        book.take(Judged(np.zeros(count, np.intp), times, np.zeros(count, np.int64), scores, ("flow",)))
    return book


def hours(alarms: list[Alarm]) -> list[tuple[AlarmKind, float]]:
    return [(alarm.kind, alarm.at_us / HOUR_US) for alarm in alarms]


def test_wear_is_told_once_when_it_has_stood_for_six_hours() -> None:
    worn = [(60, False, drift) for drift in (0.5, 1.1, 1.3, 0.8, 1.2, 0.75, 1.0, 1.0, 1.3, 1.3)]

    assert hours(book_of(*worn).alarms) == [(AlarmKind.DRIFT, 8.0)]


def test_a_busy_afternoon_is_no_wear() -> None:
    busy = [(60, False, drift) for drift in (0.5, 1.1, 1.3, 1.3, 1.2, 1.2, 0.6, 1.1, 0.6)]

    assert book_of(*busy).alarms == []


def test_wear_that_has_gone_is_told_again_when_it_comes_back() -> None:
    book = book_of(*((60, False, drift) for drift in (*[1.1] * 8, 0.6, *[1.1] * 8)))

    assert hours(book.alarms) == [(AlarmKind.DRIFT, 7.0), (AlarmKind.DRIFT, 16.0)]
    assert [alarm.until_us for alarm in book.alarms] == [9 * HOUR_US, None]


def test_wear_that_is_due_within_the_hour_after_an_alarm_waits_for_a_full_hour() -> None:
    rows = [(15, quarter == 22, 1.2) for quarter in range(36)]

    assert hours(book_of(*rows).alarms) == [(AlarmKind.ONSET, 5.75), (AlarmKind.DRIFT, 7.0)]


@given(steps)
def test_never_two_alarms_of_a_device_within_an_hour(rows: list[tuple[int, bool, float]]) -> None:
    at_us = [alarm.at_us for alarm in book_of(*rows).alarms]

    assert all(later - earlier >= HOUR_US for earlier, later in pairwise(at_us))


@given(steps, st.integers(1, 10))
def test_batches_change_nothing(rows: list[tuple[int, bool, float]], batch: int) -> None:
    assert book_of(*rows).alarms == book_of(*rows, batch=batch).alarms
