"""The model of a whole fleet: what it promises whoever feeds it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.fleet_model import FleetModel
from agent.health.interface import Scores
from tests.agent.health.made import calm, rows, samples

FIELDS = ("onset", "state", "drift", "alarm", "warming", "because", "z", "usual")
UNKNOWN = ("z", "usual")


def same(one: Scores, other: Scores) -> bool:
    return all(
        np.array_equal(getattr(one, field), getattr(other, field), equal_nan=field in UNKNOWN) for field in FIELDS
    )


def test_a_jump_in_one_metric_is_an_onset_explained_by_that_metric() -> None:
    values = calm(3000)
    values[2990:, 1] += 15

    scores = FleetModel().step(samples(values))

    assert scores.onset[2990] > 3
    assert scores.alarm[2990]
    assert int(np.abs(scores.because[2990]).argmax()) == 1
    assert scores.because[2990, 1] > 0


def test_a_drop_is_explained_with_a_minus() -> None:
    values = calm(3000)
    values[2990:, 2] -= 15

    scores = FleetModel().step(samples(values))

    assert scores.because[2990, 2] < 0


def test_shares_of_an_explained_onset_sum_to_one() -> None:
    values = calm(3000)
    values[2990, :] += 12

    scores = FleetModel().step(samples(values))

    assert np.abs(scores.because[2990]).sum() == pytest.approx(1.0, abs=1e-4)


def test_an_ordinary_device_stays_ordinary() -> None:
    scores = FleetModel().step(samples(calm(5000)))

    assert np.mean(scores.onset[1500:] > 3) < 0.002


def test_a_lasting_fault_is_news_once_and_stays_abnormal() -> None:
    values = calm(3000)
    values[2900:, 0] += 12

    scores = FleetModel().step(samples(values))

    assert scores.onset[2900] > 3
    assert np.sum(scores.onset[2901:2920] > scores.onset[2900]) == 0
    assert scores.state[2930:2990].min() > scores.state[2000:2890].max()


def test_alarms_are_an_hour_apart_at_least() -> None:
    values = calm(4000)
    values[2000::7, 0] += np.linspace(5, 500, len(values[2000::7]))

    scores = FleetModel(alarms_per_day=200.0).step(samples(values))

    assert scores.alarm.sum() > 3
    assert np.diff(np.flatnonzero(scores.alarm)).min() >= 60


def test_a_device_that_said_little_is_warming_and_raises_no_alarm() -> None:
    values = calm(60)
    values[50:] += 100

    scores = FleetModel().step(samples(values))

    assert scores.warming.all()
    assert not scores.alarm.any()


def test_a_score_never_depends_on_a_later_row() -> None:
    batch = samples(calm(2000))
    batch.values[1200, 0] += 9

    whole = FleetModel().step(batch)
    short = FleetModel().step(rows(batch, slice(0, 1500)))

    assert np.array_equal(whole.onset[:1500], short.onset)
    assert np.array_equal(whole.state[:1500], short.state)
    assert np.array_equal(whole.drift[:1500], short.drift)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 899), max_size=4, unique=True))
def test_how_samples_are_cut_into_batches_changes_nothing(cuts: list[int]) -> None:
    batch = samples(calm(900), device=np.arange(900) % 3)
    edges = [0, *sorted(cuts), 900]
    model = FleetModel()
    model.grow(3)

    whole = FleetModel().step(batch)
    parts = [model.step(rows(batch, slice(a, b))) for a, b in itertools.pairwise(edges)]

    for field in FIELDS:
        joined = np.concatenate([getattr(part, field) for part in parts])
        assert np.array_equal(getattr(whole, field), joined, equal_nan=field in UNKNOWN)


def test_devices_are_scored_alike_in_any_order_of_devices() -> None:
    batch = samples(calm(600), device=np.repeat([0, 1], 300))
    batch.at_s[300:] = batch.at_s[:300]
    mixed = np.argsort(batch.at_s, kind="stable")
    fleet_free = ("onset", "state", "alarm", "warming")

    apart = FleetModel().step(batch)
    together = FleetModel().step(rows(batch, mixed))

    for field in fleet_free:
        second = getattr(together, field)[batch.device[mixed] == 0]
        assert np.array_equal(getattr(apart, field)[:300], second)


def test_nothing_is_taught_while_a_remedy_is_at_work() -> None:
    model = FleetModel()
    model.step(samples(calm(2000)))
    before = model.snapshot()
    odd = calm(200, seed=2) + 30

    model.step(samples(odd, start=2000, learn=False))
    after = model.step(samples(odd, start=2200, learn=False))

    memory = FleetModel.restore(before).memory()
    assert np.array_equal(memory.mean, model.memory().mean)
    assert np.array_equal(memory.var, model.memory().var)
    assert np.array_equal(memory.usual, model.memory().usual, equal_nan=True)
    assert np.array_equal(memory.cov, model.memory().cov)
    assert after.state[-1] > 3


def test_missing_values_are_skipped_and_poison_nothing() -> None:
    values = calm(3000)
    values[np.random.default_rng(3).random(values.shape) < 0.2] = np.nan
    values[2990:, 1] = 60

    scores = FleetModel().step(samples(values))

    assert all(np.isfinite(getattr(scores, field)).all() for field in FIELDS if field not in UNKNOWN)
    assert np.array_equal(np.isnan(scores.z[60:]), np.isnan(values[60:]))
    assert scores.onset[2990] > 3


def test_a_row_without_a_single_value_is_no_onset() -> None:
    values = calm(500)
    values[400] = np.nan

    scores = FleetModel().step(samples(values))

    assert scores.onset[400] == 0


def test_infinite_values_count_as_missing() -> None:
    values = calm(500)
    values[400, 0] = np.inf

    scores = FleetModel().step(samples(values))

    assert np.isfinite(scores.onset).all()
    assert np.isfinite(scores.state).all()


def test_a_switch_that_flips_is_no_symptom() -> None:
    values = np.column_stack([calm(2000, 1)[:, 0], np.zeros(2000)])
    values[1900, 1] = 1

    with_flip = FleetModel().step(samples(values))
    values[1900, 1] = 0
    without = FleetModel().step(samples(values))

    assert np.array_equal(with_flip.onset, without.onset)


def test_a_value_of_another_regime_is_odd_in_this_one() -> None:
    regime = np.arange(4000) // 50 % 2
    values = calm(4000) + 40 * regime[:, None]
    values[3900:3950] = values[3850:3900]
    odd = slice(3900, 3950)

    scores = FleetModel().step(samples(values, regime=regime))
    blind = FleetModel().step(samples(values))

    assert regime[3900] != regime[3850]
    assert scores.state[odd].max() > 2
    assert blind.state[odd].max() < 1


def test_slow_wear_shows_in_drift_long_before_it_is_extreme() -> None:
    devices, cycles = 20, 300
    chance = np.random.default_rng(5)
    values = chance.normal(size=(cycles, devices, 3))
    values[150:, 0, :] += np.linspace(0, 3, cycles - 150)[:, None]
    batch = samples(values.reshape(-1, 3), device=np.tile(np.arange(devices), cycles))
    batch.at_s[:] = np.repeat(np.arange(cycles) * 3600.0, devices)

    drift = FleetModel().step(batch).drift.reshape(cycles, devices)

    assert drift[250:, 0].min() > 1
    assert np.median(drift[100:, 1:]) < 0.5


def test_restored_and_continued_is_the_same_to_the_byte() -> None:
    batch = samples(calm(1500), device=np.arange(1500) % 4)
    through = FleetModel()
    stopped = FleetModel()

    through.step(rows(batch, slice(0, 700)))
    stopped.step(rows(batch, slice(0, 700)))
    again = FleetModel.restore(stopped.snapshot())
    one = through.step(rows(batch, slice(700, 1500)))
    other = again.step(rows(batch, slice(700, 1500)))

    assert same(one, other)
    assert through.snapshot() == again.snapshot()


def test_growing_keeps_what_was_learned() -> None:
    model = FleetModel()
    model.step(samples(calm(300)))
    mean = model.memory().mean[0].copy()

    model.grow(50)

    assert model.devices == 50
    assert np.array_equal(model.memory().mean[0], mean)


@pytest.mark.parametrize("fault", ["device", "regime"])
def test_a_negative_place_is_refused_before_anything_is_learned(fault: str) -> None:
    model = FleetModel()
    model.step(samples(calm(10)))
    before = model.snapshot()

    with pytest.raises(ValueError, match="negative"):
        model.step(samples(calm(10), device=-(fault == "device"), regime=-(fault == "regime")))

    assert model.snapshot() == before


def test_what_is_off_for_a_few_samples_shows_in_z_within_its_limits() -> None:
    values = calm(3000)
    values[2980:, 1] += 1000

    scores = FleetModel().step(samples(values))

    assert scores.z[2999, 1] == pytest.approx(6.0, abs=0.1)
    assert np.abs(scores.z[20:]).max() <= 6.0
    assert abs(scores.z[2999, 0]) < 3


def test_what_is_ill_without_being_news_is_explained_too() -> None:
    values = calm(3000)
    values[2900:, 1] += 15

    scores = FleetModel().step(samples(values))

    assert (np.abs(scores.because[2920:2990]).argmax(axis=1) == 1).all()


def test_an_empty_batch_gives_empty_scores() -> None:
    scores = FleetModel().step(samples(np.zeros((0, 3))))

    assert len(scores.onset) == 0
