import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.failpoint import Failpoint
from agent.store.segment import Record
from tests.agent.history.house import START, CrashError, HistoryHouse
from tests.agent.listen.messages import MINUTE_MS, START_MS, birth, record, sample

DAY = timedelta(days=1)
POINTS = [Failpoint.HISTORY_PARTS_WRITTEN, Failpoint.HISTORY_COMMITTED, Failpoint.HISTORY_MERGED]

numbers = st.integers(0, 60)
chapters = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(["a", "b"]), numbers), max_size=12),  # what is said, in any order, twice too
        st.one_of(st.none(), st.tuples(st.sampled_from(POINTS), st.integers(0, 2))),  # where it crashes
        st.integers(0, 3),  # days after which it is tidied
    ),
    min_size=1,
    max_size=6,
)


def at_ms(seq: int) -> int:
    return START_MS + seq * 47 * MINUTE_MS  # sixty of them are two days


@settings(max_examples=8, deadline=None)
@given(chapters)
def test_every_sample_is_in_history_once_whatever_comes_twice_or_late_and_wherever_it_crashes(
    told: list[tuple[list[tuple[str, int]], tuple[Failpoint, int] | None, int]],
) -> None:
    with TemporaryDirectory() as place:
        house = HistoryHouse(Path(place))
        house.say(*(sample(device, 0, at_ms(0), temp_c=0.0) for device in "ab"))  # what precedes the first is unknown
        for said, crash, days in told:
            house.crash_at = {} if crash is None else dict([crash])
            house.say(*(sample(device, seq, at_ms(seq), temp_c=float(seq)) for device, seq in said))
            try:
                house.write()
                house.tidy(START + days * DAY)
            except CrashError:
                house.crash_at = {}
                house.open()
        house.crash_at = {}
        house.write()
        house.tidy(START + 40 * DAY)

        expected = {(device, seq) for said, _, _ in told for device, seq in said} | {("a", 0), ("b", 0)}
        assert house.samples() == sorted((device, at_ms(seq), float(seq)) for device, seq in expected)
        read = house.history.read_range("a", ["temp_c"], START, START + 3 * DAY, 10_000, product="")
        assert read.values[:, 0].tolist() == [float(seq) for device, seq in sorted(expected) if device == "a"]


def test_a_device_without_a_clock_has_its_arrivals_times(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(record("a", "telemetry", {"v": 1, "boot": "b1", "seq": 1, "ts": 7, "m": {"temp_c": 1.5}}, START_MS + 250))

    house.write()

    assert house.samples() == [("a", START_MS + 250, 1.5)]


def test_samples_lie_by_utc_day_and_product_whatever_the_zone_of_the_machine(tmp_path: Path) -> None:
    midnight = START_MS - START_MS % 86_400_000
    house = HistoryHouse(tmp_path)
    house.say(birth("a"), sample("a", 1, midnight - 1), sample("a", 2, midnight), sample("b", 1, midnight))

    house.write()

    folders = sorted(str(path.parent.relative_to(tmp_path)) for path in tmp_path.glob("samples/*/*/*"))
    assert folders == [
        "samples/day=2026-09-20/product=frost-200",
        "samples/day=2026-09-21/product=__HIVE_DEFAULT_PARTITION__",
        "samples/day=2026-09-21/product=frost-200",
    ]


def test_words_have_columns_when_the_birth_says_they_are_context(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(birth("a"), sample("a", 1, temp_c=4.0, mode="eco", note="odd"), sample("a", 2, temp_c=5.0, mode=3))

    house.write()

    [path] = tmp_path.glob("samples/*/*/*")
    assert pq.read_table(path).drop(["ts"]).to_pylist() == [
        {"device_id": "a", "temp_c": 4.0, "mode": "eco"},
        {"device_id": "a", "temp_c": 5.0, "mode": "3"},
    ]


def test_metrics_that_are_called_like_our_columns_do_not_hide_them(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(sample("a", 1, ts=9.0, device_id=8.0))

    house.write()

    [path] = tmp_path.glob("samples/*/*/*")
    assert sorted(pq.read_schema(path).names) == ["device_id", "metric.device_id", "metric.ts", "ts"]


def test_a_lost_cursor_is_made_again_from_files_and_journal(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*(sample("a", seq) for seq in range(5)))
    house.write()
    (tmp_path / "cursor").write_bytes(b"damaged")

    house.open()
    house.say(sample("a", 3), sample("a", 5))
    house.write()

    assert [at for _, at, _ in house.samples()] == [START_MS + seq * MINUTE_MS for seq in range(6)]


def test_a_first_commit_that_ended_half_way_is_done_again(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(*(sample(device, seq, START_MS + seq * 86_400_000) for device in "ab" for seq in range(3)))
    house.crash_at = {Failpoint.HISTORY_PARTS_WRITTEN: 0}
    with pytest.raises(CrashError):
        house.write()
    max(tmp_path.glob("samples/*/*/*")).unlink()  # the last day had not been written yet

    house.crash_at = {}
    house.open()
    house.write()

    assert house.samples() == [(device, START_MS + seq * 86_400_000, 4.0) for device in "ab" for seq in range(3)]


def test_a_cursor_lost_with_a_commit_half_way_costs_nothing(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(sample("a", 0), sample("a", 1))
    house.write()
    house.say(sample("a", 2), sample("a", 3, START_MS + 86_400_000))
    house.crash_at = {Failpoint.HISTORY_PARTS_WRITTEN: 0}
    with pytest.raises(CrashError):
        house.write()
    max(tmp_path.glob("samples/*/*/*")).unlink()
    (tmp_path / "cursor").unlink()

    house.crash_at = {}
    house.open()
    house.write()

    assert [at for _, at, _ in house.samples()] == [
        *(START_MS + seq * MINUTE_MS for seq in range(3)),
        START_MS + 86_400_000,
    ]


def test_columns_of_many_samples_are_rows(tmp_path: Path) -> None:
    ts = [START_MS, START_MS + MINUTE_MS, START_MS + 2 * MINUTE_MS]
    payload = {"v": 1, "boot": "b1", "seq": 4, "ts": ts, "m": {"temp_c": [1.0, None, 3.0], "fan_rpm": [1, 2, 3]}}
    house = HistoryHouse(tmp_path)
    house.say(Record(START_MS, "amends/v1/a/telemetry", json.dumps(payload).encode()))

    house.write()

    assert [row[2] for row in house.samples("temp_c")] == [1.0, None, 3.0]
    assert [row[2] for row in house.samples("fan_rpm")] == [1.0, 2.0, 3.0]


def test_parts_of_a_day_that_goes_on_stay_few(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    for seq in range(30):
        house.say(sample("a", seq, START_MS + seq * 1000))
        house.write()
        house.tidy(START)

    assert len(list(tmp_path.glob("samples/*/*/*"))) == 3 + 6  # three of eight, and six that wait for more
    assert len(house.samples()) == 30


def test_days_past_their_age_go(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path, keep=3 * DAY)
    for day in range(6):
        house.say(sample("a", day, START_MS + day * 86_400_000))
    house.write()

    house.tidy(START + 6 * DAY)

    assert sorted(path.name for path in tmp_path.glob("samples/*")) == [
        "day=2026-09-24",
        "day=2026-09-25",
        "day=2026-09-26",
    ]
