"""What the fleet model's ``state`` and ``drift`` promise to whoever verifies a remedy with them."""

import numpy as np
from numpy.typing import NDArray

from agent.health.fleet_model import FleetModel
from agent.health.interface import Scores
from agent.health.verdict import ILL_FROM, WELL_BELOW
from tests.agent.health.devices import DAY, healthy
from tests.agent.health.made import calm, samples


def lived(values: NDArray[np.float64]) -> Scores:
    return FleetModel().step(samples(values))


def ill_between(start: float, end: float, days: int, by: float = 8.0) -> NDArray[np.float64]:
    """A calm device, one of its metrics off between two days of its life."""
    values = calm(days * DAY)
    values[round(start * DAY) : round(end * DAY), 1] += by
    return values


def test_a_device_is_judged_after_a_day() -> None:
    warming = lived(calm(2 * DAY)).warming

    assert warming[: DAY - 1].all()
    assert not warming[DAY + 1 :].any()


def test_an_ordinary_device_is_ordinary_by_day_and_by_night() -> None:
    state = lived(calm(10 * DAY)).state[3 * DAY :]

    assert np.median(state) < 1.0
    assert np.mean(state >= ILL_FROM) < 0.002


def test_a_device_with_spikes_steps_and_weather_is_ordinary_too() -> None:
    life = healthy(3, 10)
    model = FleetModel()
    scores = model.step(samples(life.values, regime=life.regime))

    assert np.mean(scores.state[3 * DAY :] >= ILL_FROM) < 0.005


def test_an_illness_of_a_day_is_seen_from_its_first_minutes_to_its_end() -> None:
    state = lived(ill_between(4.0, 5.0, 6)).state

    assert state[4 * DAY + 5] >= ILL_FROM
    assert state[4 * DAY + 5 : 5 * DAY].min() >= WELL_BELOW


def test_a_device_is_well_within_minutes_of_being_well() -> None:
    state = lived(ill_between(4.0, 5.5, 7)).state

    assert state[round(5.5 * DAY) + 15 : round(5.5 * DAY) + 60].max() < WELL_BELOW
    assert np.mean(state[round(5.5 * DAY) + 15 :] >= WELL_BELOW) < 0.03


def test_a_lasting_new_normal_is_taken_over_after_three_days() -> None:
    state = lived(ill_between(4.0, 12.0, 12)).state

    assert np.mean(state[round(6.5 * DAY) : 7 * DAY] >= ILL_FROM) > 0.95
    assert np.mean(state[round(8.5 * DAY) :] >= WELL_BELOW) < 0.05


def test_a_device_that_was_very_ill_is_still_seen_to_be_a_little_ill() -> None:
    values = ill_between(6.0, 7.0, 7, by=4.0)
    values[3 * DAY : 5 * DAY, 1] += 20.0

    state = lived(values).state

    assert np.mean(state[6 * DAY + 10 :] >= WELL_BELOW) > 0.95


def test_what_passes_with_the_day_is_no_wear() -> None:
    devices, days = 6, 8
    values = np.stack([calm(days * DAY, seed=seed) for seed in range(devices)], axis=1)
    values += 20.0 * np.sin(2 * np.pi * np.arange(days * DAY) / DAY)[:, None, None]
    batch = samples(values.reshape(-1, 3), device=np.tile(np.arange(devices), days * DAY))
    batch.at_s[:] = np.repeat(np.arange(days * DAY) * 60.0, devices)

    drift = FleetModel().step(batch).drift.reshape(-1, devices)

    assert np.mean(drift[4 * DAY :] >= 1.0) < 0.01


def test_what_is_usual_follows_the_time_of_day() -> None:
    values = calm(8 * DAY, metrics=1)
    usual = lived(values).usual[:, 0]
    expected = 20.0 + 5.0 * np.sin(2 * np.pi * np.arange(8 * DAY) / DAY)

    assert np.abs(usual - expected)[7 * DAY :].max() < 1.5
