import numpy as np
import pytest

from agent.health.tail import HIGHEST, Tail


def learned(values: np.ndarray) -> Tail:
    tail = Tail()
    for value in values.tolist():
        tail.learn(value)
    return tail


def test_before_anything_is_learned_it_is_a_gaussian() -> None:
    tail = Tail()

    assert tail.score(2.001) == pytest.approx(1.34, abs=0.01)
    assert tail.score(4.0) == pytest.approx(4.2, abs=0.6)


def test_scores_of_what_it_learned_are_probabilities() -> None:
    chance = np.random.default_rng(1)
    tail = learned(chance.normal(size=20_000))
    fresh = [tail.score(value) for value in chance.normal(size=20_000).tolist()]

    assert np.mean(np.array(fresh) > 2.0) == pytest.approx(0.01, rel=0.5)
    assert np.mean(np.array(fresh) > 3.0) == pytest.approx(0.001, rel=0.9)


def test_a_metric_that_often_spikes_does_not_alarm_by_spiking() -> None:
    chance = np.random.default_rng(1)
    spiky = chance.standard_t(3, size=20_000)

    assert learned(spiky).score(6.0) < 3.0 < Tail().score(6.0)


def test_further_out_is_never_less_rare_and_the_sign_does_not_matter() -> None:
    tail = learned(np.random.default_rng(2).normal(size=2_000))
    scores = [tail.score(size) for size in np.linspace(0, 40, 200).tolist()]

    assert scores == sorted(scores)
    assert scores[-1] <= HIGHEST
    assert tail.score(-3.0) == tail.score(3.0)
