"""``amends bench model`` on a small folder, and small fleets that live through the closed loop."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from agent.bench.commands import LIVING, app, lived
from agent.scorecard.figures import Run

MINUTE_US = 60_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "asd").mkdir()
    rows = 2000
    values = np.random.default_rng(1).normal(size=rows)
    values[1800:1810] += 50
    at = pa.array(np.arange(rows) * MINUTE_US, pa.timestamp("us", tz="UTC"))
    pq.write_table(
        pa.table({"device_id": ["a"] * rows, "ts": at, "heat": values, "load": values[::-1]}),
        data / "asd" / "telemetry.parquet",
    )
    pq.write_table(
        pa.table({"device_id": ["a"], "start": at[1800:1801], "end": at[1820:1821], "metrics": [["heat"]]}),
        data / "asd" / "labels.parquet",
    )
    return data


@pytest.mark.slow  # the speed of river's trees takes some seconds
def test_the_model_is_measured_beside_its_baseline(folder: Path) -> None:
    asked = ["model", str(folder), "--only", "amends", "--only", "all-time z", "--no-closed-loop", "--json"]

    result = CliRunner().invoke(app, asked)

    rows = {(row["dataset"], row["contender"]): row["figures"] for row in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert rows["asd", "amends"]["found"] == rows["asd", "all-time z"]["found"] == 1
    assert rows["asd", "amends"]["explained"] == 1.0
    assert rows["speed, 20 metrics", "amends"]["bytes_a_device"] <= 16_000


def test_a_folder_without_a_set_is_said_to_be_the_wrong_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["model", str(tmp_path)])

    assert result.exit_code == 1
    assert "holds no set" in result.stderr


def test_an_unknown_contender_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["model", str(tmp_path), "--only", "oracle"])

    assert result.exit_code == 2
    assert "'all-time z'" in result.stderr


@pytest.mark.slow
def test_fleets_of_a_scenario_are_told_one_by_one_and_then_together() -> None:
    runs = [
        Run(scenario="demo", devices=4, days=0.1, seed=seed, days_between_troubles=None, trust="nobody acts")
        for seed in (1, 2)
    ]

    rows = {(row.contender, row.dataset): row.figures for row in lived(runs)}

    assert len(rows) == len(LIVING) * 3
    for kind in LIVING:
        one, other, both = (rows[kind, f"closed loop, demo, {name}"] for name in ("seed 1", "seed 2", "all"))
        assert both["faults"] == one["faults"] + other["faults"] > 0
        assert both["healthy_days"] == pytest.approx(one["healthy_days"] + other["healthy_days"])
