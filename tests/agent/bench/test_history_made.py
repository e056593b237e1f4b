import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.__main__ import app
from agent.bench.history_made import LAST_DAY, PRODUCT, Made, is_made, make
from agent.history.buckets import Grain
from agent.history.folder import Folder
from agent.history.reading import History

SMALL = Made(devices=3, days=2, every_s=1800, metrics=2, months=1, seed=5)
END = datetime(LAST_DAY.year, LAST_DAY.month, LAST_DAY.day, 23, 59, 59, tzinfo=UTC)


def test_a_made_history_reads_like_a_written_one_and_is_made_once(tmp_path: Path) -> None:
    said: list[str] = []
    make(tmp_path, SMALL, said.append)
    again: list[str] = []
    make(tmp_path, SMALL, again.append)
    history = History(Folder(tmp_path))

    two_days = history.read_range("device-000001", ["metric_0"], END - timedelta(days=2), END, 5_000, product=PRODUCT)
    hours = history.read_range("device-000001", ["metric_0"], END - timedelta(days=60), END, 1_440, product=PRODUCT)

    assert len(said) == SMALL.steps
    assert again == []
    assert is_made(tmp_path, SMALL)
    assert (len(two_days.at_s), two_days.grain) == (96, Grain.SAMPLES)
    assert hours.grain is Grain.HOURS
    assert len(hours.at_s) >= 48 + 24 * 29


@pytest.mark.slow
def test_the_command_makes_it_and_times_every_chart(tmp_path: Path) -> None:
    small = ["--devices", "3", "--days", "2", "--every", "1800", "--metrics", "1", "--months", "1"]
    few = ["--requests", "2", "--starts", "1"]

    done = CliRunner().invoke(app, ["bench", "history", *small, *few, "--keep", str(tmp_path / "data"), "--json"])

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["samples"] == 3 * 2 * 48
    assert {(one["chart"], one["memory"], one["requests"]) for one in report["charts"]} == {
        (chart, memory, requests)
        for chart in ("30 days", "30 days, 720 points", "a year, 720 points")
        for memory, requests in (("first", 1), ("cold", 2), ("warm", 2))
    }
    assert all(0 < one["p50_ms"] <= one["worst_ms"] for one in report["charts"])
