"""Scoring rules, by hand-made recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.bench.events import average_precision, best_f1, recall_within, score_alarms, score_thresholds, truth_of
from tests.agent.bench.examples import recording

HOURS = [float(hour) for hour in range(48)]


def alarms(*at_h: float) -> np.ndarray:
    return np.isin(HOURS, at_h)


def test_an_event_is_found_by_an_alarm_inside_its_window() -> None:
    truth = truth_of(recording(HOURS, [(10, 12), (20, 21)]))

    score = score_alarms(truth, alarms(11))

    assert (score.found, score.events, score.false_alarms) == (1, 2, 0)


def test_an_alarm_within_an_hour_after_a_window_is_neither_right_nor_false() -> None:
    truth = truth_of(recording(HOURS, [(10, 12)]))

    assert score_alarms(truth, alarms(13)).false_alarms == 0
    assert score_alarms(truth, alarms(14)).false_alarms == 1


def test_many_alarms_in_one_event_count_once() -> None:
    truth = truth_of(recording(HOURS, [(10, 14)]))

    assert score_alarms(truth, alarms(10, 11, 12)).f1 == 1.0


def test_at_most_one_alarm_an_hour_counts() -> None:
    truth = truth_of(recording([0, 0.5, 1.0, 1.5, 24], []))

    assert score_alarms(truth, np.array([True, True, True, True, False])).false_alarms == 2


def test_rows_before_the_scored_part_do_not_count() -> None:
    truth = truth_of(recording(HOURS, [(2, 3), (20, 21)], scored_from_h=10))

    assert truth.events == 1
    assert len(truth.device) == 38


def test_false_alarms_are_counted_by_device_day() -> None:
    truth = truth_of(recording(HOURS, []))

    assert score_alarms(truth, alarms(3, 30)).false_per_day == pytest.approx(2 / (47 / 24))


def test_the_best_threshold_keeps_the_event_and_drops_the_noise() -> None:
    truth = truth_of(recording(HOURS, [(10, 12)]))
    score = np.zeros(len(HOURS))
    score[11], score[30] = 5.0, 2.0

    best = best_f1(score_thresholds(truth, score))

    assert (best.f1, best.threshold) == (1.0, 5.0)


def test_recall_within_a_rate_of_false_alarms_uses_the_best_allowed_threshold() -> None:
    truth = truth_of(recording(HOURS, [(10, 12), (20, 22)]))
    score = np.zeros(len(HOURS))
    score[[11, 30, 21]] = 5.0, 4.0, 3.0

    scores = score_thresholds(truth, score)

    assert recall_within(scores, 0.0) == 0.5
    assert recall_within(scores, 1.0) == 1.0


@given(st.lists(st.booleans(), min_size=2, max_size=40).filter(any))
def test_a_score_that_equals_the_labels_has_average_precision_one(labels: list[bool]) -> None:
    positive = np.array(labels)

    assert average_precision(positive.astype(float), positive) == pytest.approx(1.0)


def test_a_constant_score_has_the_share_of_positives_as_average_precision() -> None:
    assert average_precision(np.ones(10), np.arange(10) < 3) == pytest.approx(0.3)
