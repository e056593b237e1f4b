import itertools

from hypothesis import given
from hypothesis import strategies as st

from agent.backtest.alarm import Alarm
from agent.backtest.events import EventScore, Span, one_an_hour, score_events
from agent.backtest.truth import Window
from tests.agent.backtest.recordings import HOUR_US, alarm

MINUTE_US = 60_000_000
SPAN = Span(0, 100 * HOUR_US)

instants = st.integers(0, 100 * 60).map(lambda minutes: minutes * MINUTE_US)
alarms = st.lists(st.builds(alarm, instants, device=st.integers(0, 2)), max_size=40).map(
    lambda found: sorted(found, key=lambda each: (each.device, each.at_us))
)
windows = st.lists(
    st.tuples(instants, st.integers(0, 300)).map(lambda event: Window("a", event[0], event[0] + event[1] * MINUTE_US)),
    max_size=5,
)


def scored(found: list[Alarm], events: list[Window]) -> EventScore:
    return score_events(found, {0: events}, dict.fromkeys(range(3), SPAN))


def test_an_alarm_inside_a_window_finds_the_event_and_many_find_it_once() -> None:
    event = Window("a", 10 * HOUR_US, 20 * HOUR_US)

    score = scored([alarm(hour * HOUR_US) for hour in range(10, 21)], [event])

    assert (score.found, score.events, score.false) == (1, 1, ())
    assert (score.recall, score.precision, score.f1) == (1.0, 1.0, 1.0)


def test_an_alarm_within_the_hour_after_a_window_is_neither_right_nor_wrong() -> None:
    event = Window("a", 10 * HOUR_US, 11 * HOUR_US)

    score = scored([alarm(12 * HOUR_US)], [event])

    assert (score.found, score.false) == (0, ())


def test_an_alarm_more_than_an_hour_after_a_window_or_before_it_is_false() -> None:
    event = Window("a", 10 * HOUR_US, 11 * HOUR_US)
    early, late = alarm(10 * HOUR_US - 1), alarm(12 * HOUR_US + 1)

    assert scored([early, late], [event]).false == (early, late)


def test_alarms_and_events_outside_what_was_judged_do_not_count() -> None:
    span = {0: Span(5 * HOUR_US, 9 * HOUR_US)}

    score = score_events([alarm(HOUR_US), alarm(20 * HOUR_US)], {0: [Window("a", 0, 2 * HOUR_US)]}, span)

    assert (score.events, score.false) == (0, ())


def test_the_metric_that_explains_most_is_held_against_the_labelled_ones() -> None:
    event = Window("a", 10 * HOUR_US, 11 * HOUR_US, ("fan_rpm",))

    right = scored([alarm(10 * HOUR_US, metrics=("fan_rpm", "door_open_s"))], [event])
    wrong = scored([alarm(10 * HOUR_US, metrics=("door_open_s", "fan_rpm"))], [event])

    assert (right.named, right.named_right, wrong.named, wrong.named_right) == (1, 1, 1, 0)


@given(alarms)
def test_at_most_one_alarm_a_device_and_hour_counts(found: list[Alarm]) -> None:
    kept = one_an_hour(found)

    for device in range(3):
        own = [each.at_us for each in kept if each.device == device]
        assert all(later - earlier >= HOUR_US for earlier, later in itertools.pairwise(own))


@given(alarms)
def test_what_does_not_count_was_within_the_hour_after_one_that_does(found: list[Alarm]) -> None:
    kept = one_an_hour(found)

    for each in found:
        assert any(other.device == each.device and 0 <= each.at_us - other.at_us < HOUR_US for other in kept)
    assert one_an_hour(kept) == kept


@given(alarms, windows)
def test_no_count_exceeds_what_there_is(found: list[Alarm], events: list[Window]) -> None:
    score = scored(found, events)

    assert 0 <= score.found <= score.events <= len(events)
    assert len(score.false) <= len(one_an_hour(found))
    assert all(share is None or 0.0 <= share <= 1.0 for share in (score.recall, score.precision, score.f1))


@given(alarms, windows, windows)
def test_more_labels_never_make_more_alarms_false(found: list[Alarm], events: list[Window], more: list[Window]) -> None:
    assert set(scored(found, [*events, *more]).false) <= set(scored(found, events).false)


@given(alarms, windows)
def test_an_alarm_is_never_both_right_and_false(found: list[Alarm], events: list[Window]) -> None:
    score = scored(found, events)

    for each in score.false:
        assert each.device != 0 or not any(event.start_us <= each.at_us <= event.end_us for event in events)


@given(alarms, windows)
def test_devices_do_not_answer_for_each_other(found: list[Alarm], events: list[Window]) -> None:
    own = [each for each in found if each.device == 0]

    assert scored(own, events).found == scored(found, events).found
