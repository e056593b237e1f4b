import gzip
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from agent.__main__ import app
from tests.agent.backtest.recordings import NOON, SERVER_LABELS, SERVERS, table

LABELLED = ("--labels", str(SERVER_LABELS), "--learn-only-until", "2024-01-28")


def backtest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["backtest", *map(str, arguments)])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backtest") / "out"
    assert backtest(SERVERS, *LABELLED, "--out", folder, "--plots").exit_code == 0
    return folder


def recording(folder: Path, text: str) -> Path:
    path = folder / "recording.csv"
    path.write_text(text)
    return path


def test_scores_have_a_row_for_each_row_in_its_order(out: Path) -> None:
    given = pyarrow.csv.read_csv(SERVERS)

    scores = pq.read_table(out / "scores.parquet")

    assert scores.column_names == ["device_id", "ts", "onset", "state", "drift", "alarm"]
    assert scores["device_id"].to_pylist() == given["device_id"].to_pylist()
    assert scores["ts"].cast(pa.int64()).to_pylist() == [at.timestamp() * 1e6 for at in given["ts"].to_pylist()]


def test_alarms_say_what_and_why(out: Path) -> None:
    alarms = pq.read_table(out / "alarms.parquet").to_pylist()

    assert set(alarms[0]) == {"device_id", "ts", "kind", "score", "metrics"}
    assert {alarm["kind"] for alarm in alarms} <= {"onset", "drift", "silence"}
    assert all(alarm["metrics"] for alarm in alarms if alarm["kind"] == "onset")


def test_the_report_has_what_the_labels_allow(out: Path) -> None:
    report = json.loads((out / "report.json").read_text())

    assert (report["devices"], report["samples"], report["events"]) == (2, 4896, 7)
    assert report["events_found"] >= 4
    assert report["false_alarms_per_device_month"] == pytest.approx(
        30 * report["false_alarms_per_device_day"], rel=1e-3
    )
    assert "failures" not in report


def test_pictures_are_well_formed_and_linked_from_one_page(out: Path) -> None:
    pictures = sorted((out / "plots").glob("*.svg"))
    page = (out / "index.html").read_text()

    assert len(pictures) == 2
    for picture in pictures:
        assert ET.fromstring(picture.read_text()).tag.endswith("svg")
        assert f"plots/{picture.name}" in page


def test_json_is_the_report() -> None:
    printed = json.loads(backtest(SERVERS, "--json").stdout)

    assert printed["samples"] == 4896
    assert "events" not in printed
    assert "false_alarms" not in printed


def test_csv_gzip_and_parquet_say_the_same(tmp_path: Path, out: Path) -> None:
    given = pyarrow.csv.read_csv(SERVERS)
    pq.write_table(given, tmp_path / "servers.parquet", row_group_size=1_000)
    (tmp_path / "servers.parquet.gz").write_bytes(gzip.compress((tmp_path / "servers.parquet").read_bytes()))
    (tmp_path / "servers.csv").write_bytes(gzip.decompress(SERVERS.read_bytes()))

    for name in ("servers.parquet", "servers.parquet.gz", "servers.csv"):
        assert backtest(tmp_path / name, *LABELLED, "--out", tmp_path / "again").exit_code == 0
        again = pq.read_table(tmp_path / "again" / "scores.parquet")
        assert again == pq.read_table(out / "scores.parquet")


def test_failures_are_foreseen_or_not(tmp_path: Path) -> None:
    failures = tmp_path / "failures.csv"
    failures.write_text("device_id,failed_at,component\nomi-12,2024-01-30,disk\nomi-2,2024-02-04,fan\n")

    report = json.loads(backtest(SERVERS, "--failures", failures, "--json").stdout)

    assert report["failures"] == 2
    assert set(report["lead_time_hours"]) == {"p10", "p50", "p90"}
    assert 0 <= report["failures_found_in_time"] <= 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("device_id,ts\na,2026-09-21\n", "a metric"),
        ("device_id,flow\na,1\n", "'ts' is missing"),
        ("device_id,ts,flow\n", "has no rows"),
        ("", "has no rows"),
        ("device_id,ts,flow\na,noon,1\n", "'ts' holds what is no time"),
        ("device_id,ts,flow\na,2026-09-21,1\n,2026-09-22,1\n", "row 2: there is no device_id"),
        ("device_id,ts,flow\na,2026-09-21,much\n", "cannot be read: In CSV column"),
        ("device_id,ts,flow\na,2026-09-22,1\na,2026-09-21,1\n", "row 2: device 'a' goes back in time"),
        ("PK\0\1\n", "neither Parquet nor CSV"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_sentence(tmp_path: Path, text: str, problem: str) -> None:
    result = backtest(recording(tmp_path, text))

    assert result.exit_code == 1
    assert problem in result.stderr
    assert result.stderr.startswith("amends: ")
    assert result.stderr.count("\n") == 1


def test_an_error_half_way_leaves_no_scores_behind(tmp_path: Path) -> None:
    broken = recording(tmp_path, "device_id,ts,flow\na,2026-09-22,1\na,2026-09-21,1\n")

    assert backtest(broken, "--out", tmp_path / "out").exit_code == 1
    assert list((tmp_path / "out").iterdir()) == []


def test_labels_of_devices_that_were_not_recorded_are_refused(tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("device_id,start,end\nomi-99,2024-01-30,2024-01-31\n")

    result = backtest(SERVERS, "--labels", labels)

    assert result.exit_code == 1
    assert "names devices that are not in the telemetry: 'omi-99'" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--plots",),
        ("--learn-only-until", "noon"),
        ("--labels", "nowhere.csv"),
        ("--in-time", "-1"),
        ("--model", "oracle"),
    ],
)
def test_wrong_usage_is_said_as_such(arguments: tuple[str, ...]) -> None:
    assert backtest(SERVERS, *arguments).exit_code == 2


def test_a_damaged_parquet_file_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "recording.parquet"
    pq.write_table(table(ts=[NOON], flow=[1.0]), path)
    path.write_bytes(path.read_bytes()[:-20])

    result = backtest(path)

    assert result.exit_code == 1
    assert "cannot be read" in result.stderr
