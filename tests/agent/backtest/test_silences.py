import numpy as np
from numpy.typing import NDArray

from agent.backtest.alarm import Alarm
from agent.backtest.silences import Silences

MINUTE_US = 60_000_000


def minutes(*spans: range) -> NDArray[np.int64]:
    return np.concatenate([np.array(span, np.int64) for span in spans]) * MINUTE_US


def silences_of(*devices: NDArray[np.int64]) -> list[Alarm]:
    silences = Silences()
    for place, at_us in enumerate(devices):
        silences.note(at_us)
        silences.hear(place, at_us)
    return silences.alarms([int(at_us[0]) for at_us in devices], [int(at_us[-1]) for at_us in devices])


def test_a_gap_against_its_own_habit_is_dated_when_the_habit_was_broken() -> None:
    gone = minutes(range(100), range(200, 300))

    found = silences_of(gone, minutes(range(300)))

    assert [(alarm.device, alarm.at_us, alarm.score) for alarm in found] == [(0, 109 * MINUTE_US, 10.0)]


def test_where_nobody_spoke_the_recorder_was_away() -> None:
    gone = minutes(range(100), range(200, 300))

    assert silences_of(gone, gone) == []


def test_a_single_device_cannot_be_told_from_its_recorder_and_counts_as_silent() -> None:
    assert len(silences_of(minutes(range(100), range(200, 300)))) == 1


def test_a_device_that_speaks_seldom_is_not_silent_between() -> None:
    assert silences_of(minutes(range(0, 6_000, 60))) == []


def test_the_end_of_the_rows_is_no_silence() -> None:
    assert silences_of(minutes(range(100)), minutes(range(1_000))) == []


def test_a_device_heard_in_one_batch_or_in_many_has_the_same_silences() -> None:
    gone = minutes(range(100), range(200, 300), range(500, 520))
    silences = Silences()
    for part in np.split(gone, [7, 90, 130, 210]):
        silences.hear(0, part)

    assert silences.alarms([int(gone[0])], [int(gone[-1])]) == silences_of(gone)
