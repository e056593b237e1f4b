"""What has been lasting: how far each metric of a device has been off over most of a day."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.health.fleet_model import FleetModel
from agent.health.interface import Model, Samples, Scores
from agent.health.river_model import RiverModel
from tests.agent.health.devices import DAY, healthy, live, model_of

START_S = 1_790_000_000.0
STEP_S = 300.0
STEPS_A_DAY = 288
METRICS, DEVICES = 12, 8
SPREAD = 3.0
WORN_METRIC = 5
SHIFT = 1.2 * SPREAD


@dataclass(frozen=True, slots=True)
class Told:
    """A fleet's model after some days, with what it said of each, a row a step and a column a device."""

    model: FleetModel
    scores: Scores

    @property
    def drift(self) -> NDArray[np.float32]:
        return self.scores.drift.reshape(-1, DEVICES)


def ordinary(days: float, seed: int = 1) -> NDArray[np.float64]:
    """``(steps, devices, metrics)``: noise about 50."""
    return 50.0 + SPREAD * np.random.default_rng(seed).normal(size=(int(days * STEPS_A_DAY), DEVICES, METRICS))


def worn(sign: float, days: float = 7.0) -> NDArray[np.float64]:
    """The same, but one metric of the first device moves within the sixth day, and stays there."""
    values = ordinary(days)
    values[:, 0, WORN_METRIC] += sign * SHIFT * np.clip(np.arange(len(values)) / STEPS_A_DAY - 5.0, 0.0, 1.0)
    return values


def samples(values: NDArray[np.float64], start: int = 0) -> Samples:
    steps, devices, metrics = values.shape
    return Samples(
        device=np.tile(np.arange(devices, dtype=np.int32), steps),
        at_s=START_S + STEP_S * np.repeat(np.arange(start, start + steps), devices),
        values=values.reshape(-1, metrics).astype(np.float32),
        regime=np.zeros(steps * devices, np.int32),
        learn=np.ones(steps * devices, np.bool_),
    )


def told(values: NDArray[np.float64]) -> Told:
    model = FleetModel()
    return Told(model, model.step(samples(values)))


@pytest.fixture(scope="module")
def lower() -> Told:
    return told(worn(-1.0))


def test_a_metric_that_moved_slowly_is_named_alone_with_its_way_and_about_how_far(lower: Told) -> None:
    lasting = lower.model.lasting(0)

    assert lasting.z.shape == lasting.shift.shape == (METRICS,)
    assert np.flatnonzero(np.abs(lasting.z) >= 5.0).tolist() == [WORN_METRIC]
    assert np.abs(np.delete(lasting.z, WORN_METRIC)).max() < 2.0
    assert lasting.z[WORN_METRIC] < 0
    # Its level has followed a part of the way by then.
    assert -SHIFT < lasting.shift[WORN_METRIC] < -0.5 * SHIFT


def test_what_moved_up_is_above(lower: Told) -> None:
    higher = told(worn(+1.0)).model.lasting(0)

    assert higher.z[WORN_METRIC] >= 5.0
    assert higher.shift[WORN_METRIC] > 0.5 * SHIFT
    assert lower.model.lasting(0).z[WORN_METRIC] < 0


def test_one_metric_of_twelve_is_a_drift_by_itself_and_explains_it(lower: Told) -> None:
    drifting = (lower.scores.drift >= 1.0) & (np.maximum(lower.scores.onset, lower.scores.state) < 2.0)
    because = lower.scores.because[drifting]

    assert lower.drift[: 5 * STEPS_A_DAY, 0].max() < 0.5
    assert lower.drift[-STEPS_A_DAY // 4 :, 0].min() >= 1.0
    assert len(because) > STEPS_A_DAY // 4
    assert (np.abs(because).argmax(axis=1) == WORN_METRIC).all()
    assert (because[:, WORN_METRIC] < -0.5).all()
    assert np.abs(because).sum(axis=1) == pytest.approx(1.0, abs=1e-3)


def test_the_others_of_the_fleet_do_not_wear_for_it(lower: Told) -> None:
    assert lower.drift[:, 1:].max() < 0.5
    assert all(np.abs(lower.model.lasting(device).z).max() < 3.0 for device in range(1, DEVICES))


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_an_ordinary_fleet_never_reaches_the_threshold(seed: int) -> None:
    fleet = told(ordinary(9.0, seed))

    assert fleet.drift.max() < 1.0
    assert all(np.abs(fleet.model.lasting(device).z).max() < 5.0 for device in range(DEVICES))


def test_a_fleet_that_hardly_wanders_makes_nothing_of_what_is_beneath_notice() -> None:
    values = np.empty((12 * STEPS_A_DAY, DEVICES, METRICS))
    values[:] = 50.0 + SPREAD * np.where(np.arange(len(values)) % 2, 1.0, -1.0)[:, None, None]
    values[11 * STEPS_A_DAY :, 0, WORN_METRIC] += 0.5 * SPREAD

    fleet = told(values)

    assert 2.0 < fleet.model.lasting(0).z[WORN_METRIC] < 5.0
    assert np.abs(fleet.model.lasting(1).z).max() < 0.1
    assert fleet.drift.max() < 1.0


def test_nothing_is_lasting_before_two_days() -> None:
    young, old = told(worn(1.0, days=1.9)).model, told(worn(1.0, days=2.1)).model

    assert len(young.lasting(0).z) == 0
    assert len(old.lasting(0).z) == METRICS
    assert len(old.lasting(DEVICES).z) == 0


def test_a_metric_that_was_only_just_measured_first_has_nothing_lasting() -> None:
    model = told(ordinary(3.0)).model
    more = np.full((3, DEVICES, METRICS + 1), 50.0)

    model.step(samples(more, start=3 * STEPS_A_DAY))

    lasting = model.lasting(0)
    assert len(lasting.z) == METRICS + 1
    assert lasting.z[METRICS] == lasting.shift[METRICS] == 0.0


def test_what_is_begun_anew_is_nothing_and_that_outlives_a_snapshot() -> None:
    model = told(worn(-1.0)).model
    other = model.lasting(1).z

    model.begin_anew(0)
    again = FleetModel.restore(model.snapshot())

    for one in (model, again):
        assert np.array_equal(one.lasting(0).z, np.zeros(METRICS))
        assert np.array_equal(one.lasting(0).shift, np.zeros(METRICS))
        assert np.array_equal(one.lasting(1).z, other)
    assert again.snapshot() == model.snapshot()


def test_a_drift_that_was_begun_anew_is_no_drift_until_it_goes_on_for_hours() -> None:
    values = worn(-1.0, days=9.0)
    cut = 7 * STEPS_A_DAY
    model = told(values[:cut]).model

    model.begin_anew(0)
    after = model.step(samples(values[cut:], start=cut)).drift.reshape(-1, DEVICES)[:, 0]

    assert after[: STEPS_A_DAY // 12].max() < 0.5


def test_beginning_anew_with_a_device_there_is_no_room_for_changes_nothing() -> None:
    model = told(ordinary(0.1)).model
    before = model.snapshot()

    model.begin_anew(DEVICES)

    assert model.snapshot() == before


@pytest.fixture(scope="module")
def river() -> bytes:
    """Five days of a device; its third metric ended them a standard deviation and a half below, which is 15."""
    life = healthy(3, days=5)
    life.values[4 * DAY :, 2] -= 1.5
    life.values[:, 2] *= 10.0
    return model_of(life)[0].snapshot()


def test_the_other_kind_of_model_names_what_lasts_too(river: bytes) -> None:
    lasting = RiverModel.restore(river).lasting(0)

    assert int(np.nanargmax(np.abs(lasting.z))) == 2
    assert lasting.z[2] < -1.0
    assert -15.0 <= lasting.shift[2] < -5.0


def test_the_other_kind_begins_anew_and_that_outlives_a_snapshot(river: bytes) -> None:
    model = RiverModel.restore(river)

    model.begin_anew(0)

    for one in (model, RiverModel.restore(model.snapshot())):
        assert np.nanmax(np.abs(one.lasting(0).z)) == 0.0


def test_the_other_kind_says_nothing_of_young_devices() -> None:
    model, _ = model_of(healthy(3, days=1))

    assert len(model.lasting(0).z) == 0


def test_both_kinds_say_what_lasts_of_as_many_metrics_as_the_device_has() -> None:
    life = healthy(5, days=3)
    kinds: list[Model] = [FleetModel(), RiverModel()]

    for model in kinds:
        model.grow(1)
        live(model, life)

    assert [len(model.lasting(0).z) for model in kinds] == [life.values.shape[1]] * 2
