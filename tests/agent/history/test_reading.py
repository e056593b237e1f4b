import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from agent.failpoint import Failpoint
from agent.health.recent import Recent
from agent.history.buckets import Grain
from agent.history.erase import erase_devices
from agent.history.export import NothingToExportError, UnknownFormatError, Wanted, export
from agent.history.folder import Folder
from agent.history.reading import History
from agent.store.segment import Record
from tests.agent.history.house import START, CrashError, HistoryHouse
from tests.agent.listen.messages import START_MS, birth, sample

DAY = timedelta(days=1)
SECOND_MS = 1_000


def sampled(device: str, count: int, step_ms: int, *, seed: int = 1) -> list[Record]:
    chance = Random(f"{device}/{seed}")
    records = [birth(device)]
    for seq in range(count):
        metrics: dict[str, Any] = {"temp_c": round(chance.gauss(4, 1), 2), "fan_rpm": chance.randint(1000, 1200)}
        if seq % 7 == 0:
            del metrics["fan_rpm"]
        records.append(sample(device, seq, START_MS + seq * step_ms, **metrics))
    return records


def remembering(at_ms: Sequence[int], values: Sequence[float]) -> Recent:
    column = np.array(values, np.float32).reshape(-1, 1)
    return Recent(np.array(at_ms) / 1000, ("temp_c",), column, np.zeros(len(at_ms), np.float32))


@pytest.mark.parametrize(("kind", "every_ms"), [("minutes", 60_000), ("hours", 3_600_000)])
def test_roll_ups_are_what_a_direct_computation_gives(tmp_path: Path, kind: str, every_ms: int) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*sampled("a", 400, 20 * SECOND_MS), *sampled("b", 300, 20 * SECOND_MS))
    house.write()

    house.tidy(START + 2 * DAY)

    with duckdb.connect() as connection:
        rolled = connection.execute(
            "SELECT device_id, epoch_ms(ts), samples, epoch_ms(last_at), temp_c_min, temp_c_max, temp_c_mean,"
            f" temp_c_last, fan_rpm_mean, fan_rpm_last FROM '{tmp_path}/{kind}/*/*/*.parquet' ORDER BY 1, 2"
        ).fetchall()
    spans: dict[tuple[str, int], list[tuple[int, float, float | None]]] = {}
    for (device, at, temp), (_, _, fan) in zip(house.samples("temp_c"), house.samples("fan_rpm"), strict=True):
        assert temp is not None
        spans.setdefault((device, at - at % every_ms), []).append((at, temp, fan))
    assert [row[:2] for row in rolled] == sorted(spans)
    for (device, at, samples, last_at, low, high, mean, last, fan_mean, fan_last), (key, rows) in zip(
        rolled, sorted(spans.items()), strict=True
    ):
        temps, fans = [row[1] for row in rows], [row[2] for row in rows if row[2] is not None]
        assert (device, at) == key
        assert (samples, last_at, low, high, last) == (len(rows), rows[-1][0], min(temps), max(temps), temps[-1])
        assert mean == pytest.approx(math.fsum(temps) / len(temps))
        assert fan_mean == pytest.approx(math.fsum(fans) / len(fans))
        assert fan_last == fans[-1]


@pytest.mark.parametrize("tidied_after", [0, 2, 45])
def test_a_range_has_the_same_extremes_from_whatever_it_is_read(tmp_path: Path, tidied_after: int) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*sampled("a", 1200, 300 * SECOND_MS))  # four days
    house.write()
    house.tidy(START + tidied_after * DAY)

    found = house.history.read_range("a", ["temp_c", "fan_rpm"], START, START + 6 * DAY, 20, product="frost-200")

    temps = [temp for _, _, temp in house.samples() if temp is not None]
    assert found.grain is Grain.HOURS
    assert len(found.at_s) <= 21
    assert (np.nanmin(found.low[:, 0]), np.nanmax(found.high[:, 0])) == (min(temps), max(temps))
    assert found.last[-1, 0] == temps[-1]
    assert found.values[:, 0].mean() == pytest.approx(np.mean(temps), abs=0.1)


def test_late_samples_of_a_month_that_is_over_are_in_its_hours_once(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*sampled("a", 20, 3600 * SECOND_MS))
    house.say(sample("a", 30, START_MS + 30 * 3600 * SECOND_MS, temp_c=5.0))
    house.write()
    house.tidy(START + 45 * DAY)
    house.say(sample("a", 25, START_MS + 25 * 3600 * SECOND_MS, temp_c=99.0))
    house.write()

    def counted() -> int:
        found = house.history.read_range("a", ["temp_c"], START - DAY, START + 40 * DAY, 40 * 24, product="frost-200")
        assert found.high.max() == 99.0
        return len(found.at_s)

    before = counted()
    house.crash_at = {Failpoint.HISTORY_MERGED: 1}
    with pytest.raises(CrashError):
        house.tidy(START + 45 * DAY)
    between = counted()
    house.tidy(START + 45 * DAY)

    assert (before, between, counted()) == (22, 22, 22)


def test_memory_goes_on_where_files_end_and_no_sample_is_there_twice(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*(sample("a", seq, temp_c=float(seq)) for seq in range(5)))
    house.write()
    memory = remembering([START_MS + seq * 60_000 for seq in range(3, 9)], [float(seq) for seq in range(3, 9)])

    found = History(Folder(tmp_path), lambda *_: memory).read_range(
        "a", ["temp_c"], START, START + timedelta(minutes=7), product=""
    )

    assert found.values[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]


def test_memory_adds_nothing_to_an_hour_that_was_rolled_up_already(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*sampled("a", 50, 60 * SECOND_MS))
    house.write()
    house.tidy(START + 2 * DAY)
    memory = remembering([START_MS + seq * 60_000 for seq in range(50)], [1000.0] * 50)

    found = History(Folder(tmp_path), lambda *_: memory).read_range(
        "a", ["temp_c"], START - DAY, START + 9 * DAY, 100, product="frost-200"
    )

    assert found.high.max() < 1000


def test_the_hour_that_clocks_repeat_is_two_hours(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)  # summer time; an hour later it is half past two again
    again = first.replace(fold=1)
    moments = [int(at.timestamp() * 1000) for at in (first, again)]
    house = HistoryHouse(tmp_path)
    house.say(*(sample("a", seq, at_ms, temp_c=float(seq)) for seq, at_ms in enumerate(moments)))
    house.write()
    house.tidy(again + 2 * DAY)

    found = house.history.read_range("a", ["temp_c"], first - DAY, again + DAY, 24, product="")

    assert found.at_s.tolist() == [moment // 3_600_000 * 3600 for moment in moments]
    assert found.values[:, 0].tolist() == [0.0, 1.0]


def test_an_erased_device_is_gone_from_every_file_and_does_not_come_back(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*sampled("a", 60, 20 * SECOND_MS), *sampled("b", 60, 20 * SECOND_MS))
    house.write()
    house.tidy(START + 2 * DAY)
    house.say(sample("a", 61), sample("b", 61))

    erased = erase_devices(Folder(tmp_path), frozenset({"a"}), START + 2 * DAY)
    house.write()

    assert erased.files == 3
    assert {device for device, _, _ in house.samples()} == {"b"}
    assert len(house.samples()) == 61
    for kind in ("minutes", "hours"):
        with duckdb.connect() as connection:
            left = connection.execute(f"SELECT DISTINCT device_id FROM '{tmp_path}/{kind}/*/*/*.parquet'").fetchall()
        assert left == [("b",)]


def test_what_an_erased_device_says_later_is_kept_again(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(sample("a", 1))
    house.write()

    erase_devices(Folder(tmp_path), frozenset({"a"}), START + timedelta(minutes=1))
    house.say(sample("a", 2))
    house.write()

    assert [at for _, at, _ in house.samples()] == [START_MS + 120_000]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_an_export_is_a_telemetry_file(tmp_path: Path, ending: str) -> None:
    house = HistoryHouse(tmp_path / "it's [here]")
    house.say(birth("a"), sample("a", 1, temp_c=1.0, mode="eco"), sample("a", 2, temp_c=2.0), sample("b", 1))
    house.write()
    target = tmp_path / f"out{ending}"

    rows = export(Folder(house.root), Wanted(("a",), START, None), target)

    with duckdb.connect() as connection:
        read = connection.execute(f"SELECT device_id, epoch_ms(ts), product, temp_c, mode FROM '{target}'").fetchall()
    assert rows == 2
    assert read == [
        ("a", START_MS + 60_000, "frost-200", 1.0, "eco"),
        ("a", START_MS + 120_000, "frost-200", 2.0, None),
    ]


def test_an_export_of_nothing_or_in_no_known_format_leaves_no_file(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path / "history")
    house.say(sample("a", 1))
    house.write()

    with pytest.raises(NothingToExportError):
        export(Folder(house.root), Wanted(("a",), datetime(2030, 1, 1, tzinfo=UTC), None), tmp_path / "out.csv")
    with pytest.raises(UnknownFormatError):
        export(Folder(house.root), Wanted(("a",), None, None), tmp_path / "out.xlsx")

    assert [path.name for path in tmp_path.iterdir()] == ["history"]


@pytest.mark.parametrize("points", [2, 10, 5_000])
def test_what_is_too_old_for_samples_is_still_drawn_from_its_hours(tmp_path: Path, points: int) -> None:
    house = HistoryHouse(tmp_path, keep=3 * DAY, keep_hours=300 * DAY)
    house.say(*sampled("a", 40 * 48, 30 * 60 * SECOND_MS), *sampled("b", 40 * 48, 30 * 60 * SECOND_MS))
    house.write()
    whole = house.history.read_range("a", ["temp_c"], START, START + 39 * DAY, 30, product="frost-200")

    house.tidy(START + 40 * DAY)

    assert len(list((tmp_path / "samples").iterdir())) <= 4
    drawn = house.history.read_range("a", ["temp_c"], START, START + 39 * DAY, 30, product="frost-200")
    assert abs(len(drawn.at_s) - len(whole.at_s)) <= 1
    assert (drawn.low.min(), drawn.high.max()) == (whole.low.min(), whole.high.max())
    assert drawn.values.mean() == pytest.approx(whole.values.mean(), rel=0.02)
    old = house.history.read_range("a", ["temp_c"], START + DAY, START + 2 * DAY, points, product="frost-200")
    assert len(old.at_s) >= min(points, 24)
    assert len(set(old.at_s.tolist())) == len(old.at_s)


def test_hours_go_a_month_at_a_time_once_they_are_too_old(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path, keep=3 * DAY, keep_hours=30 * DAY)
    house.say(*sampled("a", 10 * 24, 3600 * SECOND_MS))
    house.write()
    house.tidy(START + 15 * DAY)
    before = len(list((tmp_path / "hours").glob("*/*/*.parquet")))

    house.tidy(START + 100 * DAY)

    assert before
    assert not list((tmp_path / "hours").glob("*/*/*.parquet"))


def test_a_sample_that_comes_after_its_day_has_gone_changes_no_hour_of_it(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path, keep=3 * DAY, keep_hours=300 * DAY)
    house.say(sample("a", 0, START_MS, temp_c=4.0), sample("a", 9, START_MS + 30 * 86_400_000, temp_c=5.0))
    house.write()
    house.tidy(START + 30 * DAY)
    house.say(sample("a", 3, START_MS + SECOND_MS, temp_c=99.0))
    house.write()

    house.tidy(START + 30 * DAY)

    drawn = house.history.read_range("a", ["temp_c"], START - DAY, START + 29 * DAY, 30, product="")
    assert drawn.high.max() == 4.0
