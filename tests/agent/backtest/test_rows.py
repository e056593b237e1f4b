from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pytest

from agent.backtest.columns import ColumnProblemError, instants, numbers, plan_columns
from agent.backtest.rows import RowProblemError
from tests.agent.backtest.recordings import NOON, NOON_US, rows, table


@pytest.mark.parametrize(
    "column",
    [
        pa.array([NOON]),
        pa.array([NOON.replace(tzinfo=None)]),
        pa.array([NOON.astimezone(timezone(timedelta(hours=2)))], pa.timestamp("ns", "+02:00")),
        pa.array([NOON], pa.timestamp("s", "UTC")),
        pa.array(["2026-09-21T12:00:00Z"]),
        pa.array(["2026-09-21 12:00:00"]),
        pa.array(["2026-09-21T14:00+02:00"]),
        pa.array([" 2026-09-21T12:00:00.000 "]),
        pa.array(["2026-09-21T12:00:00Z"]).dictionary_encode(),
    ],
    ids=str,
)
def test_a_time_is_the_same_instant_however_it_is_written(column: pa.Array) -> None:
    assert instants(column).cast(pa.int64()).to_pylist() == [NOON_US]


def test_times_with_and_without_a_zone_may_stand_side_by_side() -> None:
    mixed = pa.array(["2026-09-21T12:00:00", "2026-09-21T14:00:00+02:00", "2026-09-22"])

    assert instants(mixed).to_pylist() == [NOON, NOON, datetime(2026, 9, 22, tzinfo=UTC)]


@pytest.mark.parametrize("column", [pa.array([1_790_000_000]), pa.array(["noon"]), pa.array([1.5])], ids=str)
def test_what_is_no_time_is_refused(column: pa.Array) -> None:
    with pytest.raises(ColumnProblemError):
        instants(column)


def test_empty_infinite_and_missing_readings_are_not_measured() -> None:
    column = pa.array([1.0, None, float("nan"), float("inf"), 1e300])

    assert np.isnan(numbers(column, "flow")).tolist() == [False, True, True, True, True]


def test_booleans_whole_numbers_and_decimals_are_numbers() -> None:
    assert numbers(pa.array([True, False]), "on").tolist() == [1.0, 0.0]
    assert numbers(pa.array([3, None], pa.int16()), "count")[0] == 3.0
    assert numbers(pa.array(["1.5"]).cast(pa.decimal128(4, 2)), "price").tolist() == [1.5]


def test_a_text_column_that_is_no_context_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(ColumnProblemError, match="--context"):
        plan_columns({"device_id": pa.string(), "ts": pa.string(), "mode": pa.string()}, ())


@pytest.mark.parametrize("missing", ["device_id", "ts", "mode"])
def test_a_missing_column_is_named(missing: str) -> None:
    types = {name: None for name in ("device_id", "ts", "mode", "flow") if name != missing}

    with pytest.raises(ColumnProblemError, match="is missing") as caught:
        plan_columns(types, ("mode",))

    assert caught.value.column == missing


@pytest.mark.parametrize("nobody", [None, ""])
def test_a_row_without_a_device_is_refused(nobody: str | None) -> None:
    with pytest.raises(RowProblemError, match="no device_id") as caught:
        rows(table(device_id=["a", nobody], flow=[1.0, 2.0]))

    assert caught.value.place == 1


def test_a_row_without_a_time_is_refused() -> None:
    with pytest.raises(RowProblemError, match="no ts"):
        rows(table(ts=[NOON, None], flow=[1.0, 2.0]))


def test_context_means_the_same_as_text_and_as_number() -> None:
    as_text = rows(table(setting=["1.0", "", "41.9"], mode=["eco", None, "eco"], flow=[1.0] * 3), ("setting", "mode"))
    as_number = rows(table(setting=[1.02, None, 42.1], mode=["eco", "", "eco"], flow=[1.0] * 3), ("setting", "mode"))

    assert as_text.contexts == as_number.contexts == ((1.0, "eco"), (None, None), (42.0, "eco"))
    assert as_text.context.tolist() == as_number.context.tolist() == [0, 1, 2]
