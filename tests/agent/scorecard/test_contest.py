"""The whole command, with worlds in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.scorecard.contest import Name
from agent.scorecard.figures import Figures


def _run(*words: str, chance: str = "0") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "agent", "scorecard", "--json", *words],
        env={**os.environ, "PYTHONHASHSEED": chance},
        capture_output=True,
        check=True,
        timeout=300,
    )


def _scorecard(*words: str, chance: str = "0") -> dict[str, Any]:
    card: dict[str, Any] = json.loads(_run(*words, chance=chance).stdout)
    for name in ("agent", "none", "thresholds"):
        assert card[name].pop("speedup") > 0
    return card


@pytest.mark.slow
def test_the_same_seed_gives_the_same_json_twice_whatever_the_order_of_sets(tmp_path: Path) -> None:
    words = ("--devices", "8", "--days", "2", "--every", "3", "--seed", "5", "--html", str(tmp_path / "page.html"))

    first, second = _scorecard(*words, chance="1"), _scorecard(*words, chance="2")

    assert first == second
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_each_contender_has_the_keys_that_others_read() -> None:
    card = _scorecard("--devices", "1", "--days", "0.1")

    promised = set(Figures.__struct_fields__) - {"speedup"}
    assert all(set(card[name]) == promised for name in ("agent", "none", "thresholds"))


@pytest.mark.slow
def test_a_log_hears_of_every_day_that_was_lived() -> None:
    told = _run("--devices", "1", "--days", "1").stderr.decode().splitlines()

    assert told == [f"{name}: day 1 of 1" for name in Name]


@pytest.mark.slow
def test_an_unknown_kind_of_model_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agent", "scorecard", "--model", "oracle"], capture_output=True, check=False, timeout=60
    )

    assert done.returncode == 2
    assert b"oracle" in done.stderr
