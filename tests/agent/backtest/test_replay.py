import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.backtest.alarm import AlarmKind
from agent.backtest.replay import Pass, Replay
from agent.backtest.rows import RowProblemError
from agent.backtest.telemetry import Telemetry
from agent.health.models import KINDS
from tests.agent.backtest.recordings import HOUR_US, NOON, NOON_US, SERVERS, replayed, rows, table

FIELDS = ("onset", "state", "drift", "alarm")
readings = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(("", "frost-200")),
        st.sampled_from(("eco", "normal", None)),
        st.one_of(st.none(), st.integers(0, 9).map(float)),
        st.one_of(st.none(), st.integers(0, 9).map(float)),
    ),
    min_size=2,
    max_size=40,
)


def recording_of(drawn: list[tuple[str, str, str | None, float | None, float | None]]) -> pa.Table:
    device, product, mode, first, second = zip(*drawn, strict=True)
    return table(
        device_id=device,
        product=product,
        mode=pa.array(mode, pa.string()),
        first=pa.array(first, pa.float64()),
        second=pa.array(second, pa.float64()),
    )


@given(readings, st.data())
@settings(max_examples=50)
def test_cutting_the_recording_short_never_changes_earlier_scores(
    drawn: list[tuple[str, str, str | None, float | None, float | None]], data: st.DataObject
) -> None:
    recording = recording_of(drawn)
    cut = data.draw(st.integers(1, len(recording)))

    _, whole = replayed(recording, context=("mode",))
    _, short = replayed(recording.slice(0, cut), context=("mode",))

    for name in FIELDS:
        np.testing.assert_array_equal(getattr(whole, name)[:cut], getattr(short, name))


@given(readings, st.integers(1, 40))
@settings(max_examples=50)
def test_how_the_recording_falls_into_batches_changes_nothing(
    drawn: list[tuple[str, str, str | None, float | None, float | None]], batch: int
) -> None:
    recording = recording_of(drawn)

    one, at_once = replayed(recording, context=("mode",))
    other, in_batches = replayed(recording, context=("mode",), batch=batch)

    for name in FIELDS:
        np.testing.assert_array_equal(getattr(at_once, name), getattr(in_batches, name))
    assert one.alarms() == other.alarms()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_of_model_lets_a_later_row_change_a_score(kind: str) -> None:
    with Telemetry(SERVERS) as telemetry:
        recorded = next(iter(telemetry.batches()))
        cut = len(recorded) - 777
        whole = Replay(Pass(telemetry.plan.metrics, lambda _: kind, KINDS)).take(recorded)

    short = rows(pyarrow.csv.read_csv(SERVERS).slice(0, cut))
    scores = Replay(Pass(telemetry.plan.metrics, lambda _: kind, KINDS)).take(short)

    assert whole.onset.max() > 0
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(whole, name)[:cut], getattr(scores, name))


@given(readings)
@settings(max_examples=25)
def test_alarms_in_the_scores_are_the_alarms_that_were_raised(
    drawn: list[tuple[str, str, str | None, float | None, float | None]],
) -> None:
    replay, scored = replayed(recording_of(drawn), context=("mode",))

    raised = [alarm for alarm in replay.alarms() if alarm.kind is not AlarmKind.SILENCE]

    assert len(raised) == scored.alarm.sum()


def test_alarms_stay_quiet_before_the_instant_that_was_asked_for() -> None:
    recording = table(flow=[0.0, 9.0, 0.0, 9.0])

    replay, scored = replayed(recording, quiet=NOON_US + 2 * HOUR_US)

    assert scored.alarm.tolist() == [False, False, True, True]
    assert scored.onset.tolist() == [0.0, 9.0, 9.0, 9.0]
    assert [alarm.at_us for alarm in replay.alarms()] == [NOON_US + 2 * HOUR_US, NOON_US + 3 * HOUR_US]


def test_at_most_one_alarm_an_hour_and_the_metrics_that_explain_it_come_largest_first() -> None:
    minutes = [NOON.replace(minute=minute) for minute in (0, 20, 40)]
    recording = table(ts=minutes, flow=[0.0, 4.0, 0.0], pressure=[0.0, 9.0, 0.0])

    replay, scored = replayed(recording)

    assert scored.alarm.tolist() == [False, True, False]
    assert [alarm.metrics for alarm in replay.alarms()] == [("pressure", "flow")]


def test_a_device_that_goes_back_in_time_is_named_with_its_row() -> None:
    recording = table(device_id=["a", "b", "a"], ts=[NOON, NOON, NOON.replace(hour=11)], flow=[1.0, 2.0, 3.0])

    with pytest.raises(RowProblemError, match="device 'a' goes back in time") as caught:
        replayed(recording)

    assert caught.value.place == 2


def test_rows_of_one_instant_are_in_time_order() -> None:
    recording = table(ts=[NOON, NOON], flow=[1.0, 5.0])

    assert replayed(recording)[1].onset.tolist() == [0.0, 4.0]


def test_each_product_has_its_own_model_and_the_metrics_it_has_shown() -> None:
    recording = table(
        device_id=["a", "b", "a", "b"],
        product=["frost-200", "bean-9", "frost-200", "bean-9"],
        fan_rpm=[900.0, None, 905.0, None],
        flow_ml_s=[None, 3.0, None, 10.0],
    )

    replay, scored = replayed(recording)

    assert scored.onset.tolist() == [0.0, 0.0, 5.0, 7.0]
    assert [device.product for device in replay.devices] == ["frost-200", "bean-9"]
    assert {alarm.metrics for alarm in replay.alarms()} == {("fan_rpm",), ("flow_ml_s",)}


def test_a_numeric_context_is_a_regime_by_its_nearest_whole_number() -> None:
    recording = table(setting=[0.2, -0.3, 41.8, 42.1], flow=[1.0, 1.0, 1.0, 1.0])

    assert replayed(recording, context=("setting",))[1].drift.tolist() == [0.0, 0.0, 1.0, 1.0]
