from datetime import UTC, datetime

import numpy as np
import pytest

from agent.health.errors import SnapshotError
from agent.health.fleet import Fleet
from agent.health.fleet_snapshot import fill_fleet, pack_fleet
from agent.health.gathering import Source
from agent.health.layout import MOST_COLUMNS, MOST_REGIMES, Layout
from agent.health.marks import Mark
from broker.messages import Birth, ContextColumn, MetricSpec, Telemetry

AT = datetime(2026, 9, 21, 12, tzinfo=UTC)


def birth(product: str = "frost-200", context: tuple[str, ...] = ("mode",)) -> Birth:
    return Birth(boot="b", product=product, metrics={"temp_c": MetricSpec(unit="degC")}, context=context)


def one(seq: int, mode: str = "eco", **metrics: float) -> Telemetry:
    return Telemetry(
        boot=("b",),
        seq=(seq,),
        ts_ms=(None,),
        metrics=tuple(metrics),
        flat=tuple(metrics.values()),
        context=(ContextColumn("mode", (mode,)),),
    )


def feed(fleet: Fleet, device_id: str, seq: int, mode: str = "eco", **metrics: float) -> None:
    at_s = AT.timestamp() + seq * 60.0
    fleet.sample(device_id, one(seq, mode, **metrics), [at_s], Source(seq, at_s))
    fleet.score()


def test_a_device_nobody_heard_of_has_no_view_and_nothing_recent() -> None:
    fleet = Fleet()

    assert fleet.view("ghost") is None
    assert len(fleet.recent("ghost").at_s) == 0


def test_a_device_that_only_was_born_is_warming_and_not_normal() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())

    view = fleet.view("d1")

    assert view is not None
    assert (view.warming, view.normal_since, view.sample_at, view.now) == (True, None, None, ())


def test_the_view_holds_the_newest_values() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    feed(fleet, "d1", 0, temp_c=-18.0)
    feed(fleet, "d1", 1, temp_c=-17.5)

    view = fleet.view("d1")

    assert view is not None
    assert [(why.metric, why.value) for why in view.now] == [("temp_c", -17.5)]
    assert view.sample_at == datetime.fromtimestamp(AT.timestamp() + 60, UTC)


def test_recent_gives_the_metrics_asked_for_and_nan_for_what_the_device_does_not_have() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    for minute in range(5):
        feed(fleet, "d1", minute, temp_c=float(minute), fan_rpm=1200.0)

    recent = fleet.recent("d1", ["fan_rpm", "ghost"], datetime.fromtimestamp(AT.timestamp() + 120, UTC))

    assert recent.metrics == ("fan_rpm", "ghost")
    assert recent.values[:, 0].tolist() == [1200.0] * 3
    assert np.isnan(recent.values[:, 1]).all()


def test_only_so_many_rows_are_kept() -> None:
    fleet = Fleet(recent_rows=60)
    for minute in range(100):
        feed(fleet, "d1", minute, temp_c=1.0)

    assert len(fleet.recent("d1").at_s) == 60


def test_each_mode_is_a_regime_of_its_product() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    for minute, mode in enumerate(["eco", "normal", "eco"]):
        feed(fleet, "d1", minute, mode, temp_c=1.0)

    assert fleet.products["frost-200"].layout.regimes == {("eco",): 0, ("normal",): 1}


def test_a_device_that_becomes_another_product_starts_anew() -> None:
    fleet = Fleet()
    feed(fleet, "d1", 0, temp_c=1.0)
    fleet.born("d1", birth("bean-9"))
    feed(fleet, "d1", 1, brew_temp_c=92.0)

    recent = fleet.recent("d1")

    assert recent.metrics == ("temp_c", "brew_temp_c")
    assert len(recent.at_s) == 1


def test_what_is_asked_for_is_handed_out_once() -> None:
    fleet = Fleet()
    fleet.ask("d1", Mark.QUIET)
    fleet.ask("d2", Mark.TEACH)

    assert fleet.take_asked() == [("d1", Mark.QUIET), ("d2", Mark.TEACH)]
    assert fleet.take_asked() == []


def test_a_packed_fleet_is_the_same_fleet() -> None:
    fleet = Fleet()
    fleet.born("d1", birth())
    for minute in range(30):
        feed(fleet, "d1", minute, temp_c=float(minute % 3))
        feed(fleet, "d2", minute, other=1.0)
    fleet.born("d2", birth("bean-9"))
    again = Fleet()

    fill_fleet(again, pack_fleet(fleet))

    assert pack_fleet(again) == pack_fleet(fleet)
    assert again.view("d1") == fleet.view("d1")


def test_a_fleet_is_not_touched_by_what_cannot_be_restored() -> None:
    fleet = Fleet()
    feed(fleet, "d1", 0, temp_c=1.0)
    packed = bytearray(pack_fleet(fleet))
    packed[-1] ^= 1
    empty = Fleet()

    with pytest.raises(SnapshotError):
        fill_fleet(empty, bytes(packed))

    assert empty.view("d1") is None


def test_a_device_that_makes_up_metrics_and_modes_cannot_fill_the_memory() -> None:
    layout = Layout()
    columns = {layout.column(f"m{number}") for number in range(MOST_COLUMNS + 10)}
    regimes = {layout.regime((f"mode {number}",)) for number in range(100)}

    assert columns == {None, *range(MOST_COLUMNS)}
    assert regimes == set(range(MOST_REGIMES))


def test_a_setting_that_jitters_is_one_regime() -> None:
    layout = Layout()

    assert {layout.regime((20.1,)), layout.regime((19.9,)), layout.regime((20.0,))} == {0}
    assert layout.regime((30.0,)) == 1
