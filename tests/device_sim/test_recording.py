import gzip
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.codec import decode_telemetry
from broker.messages import Birth
from broker.topics import is_device_id
from device_sim.chance import seeded
from device_sim.labels import Label, read_labels
from device_sim.recorded import Pace, Recorded, device_id_of, metric_name, problem_of
from device_sim.recorded_device import RecordedDevice
from device_sim.recording import Recording, RecordingError
from tests.device_sim.examples import NOON, said

SLICE = Path(__file__).parent / "data" / "servers.csv"
SERVER = Recorded("d-1", "", "", rows=3, first_ms=1000, last_ms=3000)


def test_rows_come_in_time_order_across_devices_whatever_the_files_order() -> None:
    with closing(Recording(SLICE)) as recording:
        devices, rows = recording.devices(), list(recording.rows())

    assert len(devices) == 3
    assert sum(device.rows for device in devices) == len(rows) == 180
    assert all(earlier.ts_ms <= later.ts_ms for earlier, later in pairwise(rows))
    assert {row.device_id for row in rows[:3]} == {device.device_id for device in devices}
    assert recording.metrics == ("m00", "m01", "m02", "m03")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_each_kind_of_file_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = (
        "device_id,ts,product,Temp (C),mode\nd 1,2026-01-01 00:00:00,oven,1.5,on\nd 1,2026-01-01T00:01:00Z,oven,,off\n"
    )
    if name.endswith("parquet"):
        table = pa.table(
            {
                "device_id": ["d 1", "d 1"],
                "ts": pa.array([1767225600000, 1767225660000], pa.timestamp("ms", tz="UTC")),
                "product": ["oven", "oven"],
                "Temp (C)": pa.array([1.5, None], pa.float32()),
                "mode": ["on", "off"],
            }
        )
        pq.write_table(table, path)
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)

    with closing(Recording(path, ("mode",))) as recording:
        (device,), rows = recording.devices(), list(recording.rows())

    assert device == Recorded("d-1", "oven", "", 2, 1767225600000, 1767225660000)
    assert [row.values for row in rows] == [(1.5, "on"), (None, "off")]
    assert recording.metrics == ("temp__c_", "mode")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ts,m\n2026-01-01,1\n", "no column device_id"),
        ("device_id,m\nd,1\n", "no column ts"),
        ("device_id,ts\nd,2026-01-01\n", "no column with a metric"),
        ("device_id,ts,m\nd,2026-01-01,warm\n", "holds no numbers"),
        ("device_id,ts,m 1,m-1\nd,2026-01-01,1,2\n", "the same metric name"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)

    with pytest.raises(RecordingError, match=problem):
        Recording(path)


def test_a_missing_file_an_unknown_ending_and_an_unknown_context_are_said(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("")

    for path, context in ((tmp_path / "no.csv", ()), (tmp_path / "t.txt", ()), (SLICE, ("mode",))):
        with pytest.raises(RecordingError):
            Recording(path, context)


@pytest.mark.parametrize(
    ("text", "metrics"),
    [
        ("device_id,start,end\nd 1,2026-01-01,2026-01-02\n", ()),
        ('device_id,start,end,metrics\nd 1,2026-01-01,2026-01-02,"[Temp, m01]"\n', ("temp", "m01")),
        ("device_id,start,end,metrics\nd 1,2026-01-01,2026-01-02,m01;m02\n", ("m01", "m02")),
    ],
)
def test_labels_move_with_the_replay(tmp_path: Path, text: str, metrics: tuple[str, ...]) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text)

    (label,) = read_labels(path, shift_ms=1000)

    assert label == Label("d-1", 1767225601000, 1767312001000, metrics)


def test_labels_without_an_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("device_id,start\nd,2026-01-01\n")

    with pytest.raises(RecordingError):
        read_labels(path, 0)


def test_ids_that_would_become_the_same_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("device_id,ts,m\nd 1,2026-01-01,1\nd-1,2026-01-01,1\n")

    with closing(Recording(path)) as recording, pytest.raises(RecordingError, match="the same"):
        recording.devices()


@given(st.text(max_size=80))
def test_any_text_becomes_an_id_and_a_metric_name_of_the_protocol(text: str) -> None:
    assert is_device_id(device_id_of(text))
    assert problem_of({"device_id": "VARCHAR", "ts": "TIMESTAMP", metric_name(text): "DOUBLE"}, ()) in {
        "",
        "there is no column with a metric",
    }


def test_the_last_row_is_now_at_full_speed_and_at_a_given_one() -> None:
    fast, slow = Pace.ending_now([SERVER], 100_000, None), Pace.ending_now([SERVER], 100_000, 0.5)

    assert SERVER.last_ms + fast.shift_ms == 100_000
    assert fast.due_s(SERVER.last_ms) == 0
    assert SERVER.last_ms + slow.shift_ms == 104_000
    assert slow.due_s(SERVER.last_ms) == 4.0


@given(st.integers(1, 7), st.integers(1, 20))
def test_a_recorded_device_says_every_sample_once_in_order(batch: int, samples: int) -> None:
    device = RecordedDevice(SERVER, ("m00", "mode"), ("mode",), seeded("1"), NOON)
    said_ = []
    for number in range(samples):
        device.take(number, (float(number), "on"))
        if device.waiting >= batch:
            said_.append(decode_telemetry(device.flush().payload))
    if device.waiting:
        said_.append(decode_telemetry(device.flush().payload))

    assert [seq for message in said_ for seq in message.seq] == list(range(samples))
    assert [value for message in said_ for value in message.flat] == [float(number) for number in range(samples)]


def test_a_recorded_device_is_born_with_its_product_or_as_a_replay() -> None:
    birth = said(list(RecordedDevice(SERVER, ("m00", "mode"), ("mode",), seeded("1"), NOON).greeting))[0]

    assert isinstance(birth, Birth)
    assert birth.product == "replay"
    assert set(birth.metrics) == {"m00"}
    assert birth.context == ("mode",)
    assert birth.commands == ()
