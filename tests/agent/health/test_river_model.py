import numpy as np
import pytest

from agent.health.errors import SnapshotError
from agent.health.river_model import RiverModel
from agent.health.verdict import Verdict
from tests.agent.health.devices import DAY, Life, healthy, live, model_of


def verdicts(life: Life, state: np.ndarray, warming: np.ndarray) -> list[bool]:
    """Whether the device counts as normal, a judged sample."""
    verdict = Verdict()
    normal = []
    for at_s, value, warm in zip(life.at_s.tolist(), state.tolist(), warming.tolist(), strict=True):
        if not warm:
            verdict.take(value, at_s)
            normal.append(not verdict.ill)
    return normal


@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_device_is_normal_nearly_always_and_seldom_alarms(seed: int) -> None:
    life = healthy(seed, days=7)

    _, scores = model_of(life)

    normal = verdicts(life, scores.state, scores.warming)
    assert np.mean(normal) >= 0.99
    assert scores.alarm.sum() <= 6
    assert scores.drift.max() < 1.5


@pytest.fixture(scope="module")
def grown_up() -> tuple[bytes, Life, Life]:
    """A model of four healthy days, those days, and the hours that follow."""
    life = healthy(3, days=5)
    past = life.cut(0, 4 * DAY)
    model, _ = model_of(past)
    return model.snapshot(), past, life.cut(4 * DAY, 4 * DAY + 360)


@pytest.mark.parametrize("metric", [1, 2, 3, 5, 6])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_four_sigma_on_one_of_nine_metrics_is_abnormal_in_five_samples_and_for_six_hours(
    grown_up: tuple[bytes, Life, Life], metric: int, sign: float
) -> None:
    snapshot, past, then = grown_up
    model = RiverModel.restore(snapshot)
    ill = then.cut(0, 360)
    ill.values[:, metric] += sign * 4.0 * past.values[:, metric].std()

    scores = live(model, ill)

    normal = verdicts(ill, scores.state, scores.warming)
    assert not any(normal[5:])
    assert scores.alarm.any()
    assert np.abs(scores.because[5:]).argmax(axis=1).tolist() == [metric] * 355
    assert (np.sign(scores.because[5:, metric]) == sign).all()


def test_a_device_that_was_mended_is_normal_again_within_half_an_hour(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, past, then = grown_up
    model = RiverModel.restore(snapshot)
    ill = then.cut(0, 200)
    ill.values[:, 2] += 6.0 * past.values[:, 2].std()
    live(model, ill)

    scores = live(model, then.cut(200, 230))

    assert (scores.state[-5:] < 2.0).all()


def test_a_single_wild_reading_raises_nothing(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, _, then = grown_up
    model = RiverModel.restore(snapshot)
    spiked = then.cut(0, 30)
    spiked.values[10, 2] += 500.0

    scores = live(model, spiked)

    assert not scores.alarm[10:].any()
    assert all(verdicts(spiked, scores.state, scores.warming))


def test_a_slow_fault_is_found_before_it_becomes_the_new_normal(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, past, then = grown_up
    model = RiverModel.restore(snapshot)
    ill = then.cut(0, 360)
    ill.values[:, 2] += (np.linspace(0.0, 6.0, 360) * past.values[:, 2].std()).astype(np.float32)

    scores = live(model, ill)

    assert not any(verdicts(ill, scores.state, scores.warming)[240:])


def test_too_little_seen_is_warming_and_never_a_score() -> None:
    _, scores = model_of(healthy(1, days=1))

    assert scores.warming.all()
    assert not scores.state.any()
    assert not scores.alarm.any()


def test_what_is_not_measured_is_skipped(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, _, then = grown_up
    model = RiverModel.restore(snapshot)
    partly = then.cut(0, 60)
    partly.values[:, 4] = np.nan
    partly.values[30, :] = np.nan

    scores = live(model, partly)

    assert np.isfinite(scores.state).all()
    assert np.isnan(scores.z[:, 4]).all()
    assert (scores.because[:, 4] == 0).all()
    assert all(verdicts(partly, scores.state, scores.warming))


def test_samples_that_may_not_teach_leave_the_normal_as_it_was(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, past, then = grown_up
    ill = then.cut(0, 300)
    ill.values[:, 2] += 2.0 * past.values[:, 2].std()
    taught, untaught = RiverModel.restore(snapshot), RiverModel.restore(snapshot)
    before = live(RiverModel.restore(snapshot), then.cut(300, 301), learn=False).usual

    live(taught, ill)
    live(untaught, ill, learn=False)

    last = then.cut(300, 301)
    assert live(untaught, last, learn=False).usual.tolist() == before.tolist()
    assert live(taught, last, learn=False).usual.tolist() != before.tolist()


def test_a_metric_that_appears_later_gets_its_own_column(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, _, then = grown_up
    model = RiverModel.restore(snapshot)
    wider = Life(then.at_s, np.hstack([then.values, then.values[:, :1]]), then.regime)

    scores = live(model, wider)

    assert scores.z.shape == (360, 10)
    assert np.isfinite(scores.z[-1]).all()


def test_devices_do_not_learn_from_each_other(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, _, then = grown_up
    alone, together = RiverModel.restore(snapshot), RiverModel.restore(snapshot)
    together.grow(2)
    live(together, healthy(9, days=2), device=1)

    assert live(alone, then).state.tolist() == live(together, then).state.tolist()


def test_a_restored_model_goes_on_to_the_same_bytes(grown_up: tuple[bytes, Life, Life]) -> None:
    snapshot, past, then = grown_up
    whole, _ = model_of(past)

    live(whole, then)
    restored = RiverModel.restore(snapshot)
    live(restored, then)

    assert restored.snapshot() == whole.snapshot()


@pytest.mark.parametrize("damage", [b"", b"nonsense" * 20])
def test_what_is_no_snapshot_is_refused(damage: bytes) -> None:
    with pytest.raises(SnapshotError):
        RiverModel.restore(damage)


def test_every_flipped_or_missing_byte_of_a_snapshot_is_noticed() -> None:
    model, _ = model_of(healthy(1, days=1).cut(0, 5))
    snapshot = model.snapshot()

    for place in range(0, len(snapshot), 97):
        damaged = bytearray(snapshot)
        damaged[place] ^= 1
        with pytest.raises(SnapshotError):
            RiverModel.restore(bytes(damaged))
        with pytest.raises(SnapshotError):
            RiverModel.restore(snapshot[:place])
