"""The NAB score, against windows computed by hand and a published result."""

import math

import numpy as np
import pytest

from agent.bench.nab_score import Profile, scaled_sigmoid, score_corpus, worth_of
from tests.agent.bench.examples import recording

HOURS = [float(hour) for hour in range(100)]
WORTH = worth_of(recording(HOURS, [(40, 49)]))


def at(*rows: int) -> np.ndarray:
    score = np.zeros(100)
    score[list(rows)] = 1.0
    return score


def sigma(y: float) -> float:
    return 2 / (1 + math.exp(5 * y)) - 1


def test_the_sigmoid_is_the_published_one() -> None:
    worth = scaled_sigmoid(np.array([-1.0, -0.5, 0.0, 1.0, 3.0]))

    assert worth == pytest.approx([0.98661, 0.84828, 0.0, -0.98661, -1.0], abs=1e-5)


def test_a_detection_at_the_left_edge_is_perfect() -> None:
    assert score_corpus(WORTH, at(40), Profile.STANDARD).score == pytest.approx(100.0)


def test_silence_is_worth_nothing() -> None:
    assert score_corpus(WORTH, np.zeros(100), Profile.STANDARD).score == pytest.approx(0.0)


def test_a_late_detection_earns_by_its_place_in_the_window() -> None:
    earned = sigma(-(49 - 47 + 1) / 10) / sigma(-1)

    assert score_corpus(WORTH, at(47), Profile.STANDARD).score == pytest.approx(100 * (earned + 1) / 2)


def test_only_the_earliest_detection_in_a_window_counts() -> None:
    early = score_corpus(WORTH, at(42), Profile.STANDARD)

    assert score_corpus(WORTH, at(42, 45, 48), Profile.STANDARD) == early


def test_a_false_alarm_before_any_window_costs_its_whole_weight() -> None:
    assert score_corpus(WORTH, at(10, 40), Profile.STANDARD).score == pytest.approx(100 * (2 - 0.11) / 2)
    assert score_corpus(WORTH, at(10, 40), Profile.LOW_FP).score == pytest.approx(100 * (2 - 0.22) / 2)


def test_a_false_alarm_soon_after_a_window_costs_less() -> None:
    cost = 0.11 * sigma((51 - 49) / 9)

    assert score_corpus(WORTH, at(40, 51), Profile.STANDARD).score == pytest.approx(100 * (2 + cost) / 2)


def test_a_missed_window_weighs_double_where_misses_matter() -> None:
    two = worth_of(recording(HOURS, [(40, 49), (70, 79)]))

    assert score_corpus(two, at(40), Profile.LOW_FN).score == pytest.approx(100 * (1 + 2) / 6)


def test_the_threshold_is_chosen_over_the_whole_corpus() -> None:
    score = at(40) * 5
    score[10] = 4

    best = score_corpus(WORTH, score, Profile.STANDARD)

    assert best.score == pytest.approx(100.0)
    assert best.threshold == 5.0
