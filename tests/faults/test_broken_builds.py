"""Deliberately broken builds: each is caught by a test of its own, so nobody can break it and see everything green."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COPIED = ("agent", "broker", "device_sim", "tests", "playbooks", "pyproject.toml", "mosquitto.conf")


@dataclass(frozen=True)
class Broken:
    """One build that must not pass: what is replaced in a file, and the test that has to see it."""

    file: str
    whole: str
    broken: str
    caught_by: str


BUILDS = {
    "a guard removed": Broken(
        "agent/decide/guards.py",
        "switched_off, offline, busy, stale)",
        "switched_off, offline, stale)",
        "tests/agent/decide/test_guards.py::test_each_guard_speaks_when_it_should_and_only_then",
    ),
    "verified by acknowledgement": Broken(
        "agent/act/verify.py",
        "    since = normal_since(view, policy, now, of=check.telling)\n",
        "    since = check.done_at\n",
        "tests/agent/desk/test_loop.py::test_an_ok_from_the_device_is_not_healed",
    ),
    "saved after it was sent": Broken(
        "agent/act/departures.py",
        "        save_command(session, command)\n        until =",
        "        until =",
        "tests/agent/desk/test_orders.py::test_a_command_that_left_is_not_claimed_again",
    ),
    "breaker ignored": Broken(
        "agent/decide/guards.py",
        "(consent, taken_out, breaker)",
        "(consent, taken_out)",
        "tests/agent/decide/test_histories.py",
    ),
    "canary ignored": Broken(
        "agent/decide/guards.py",
        "trial, canary, fleet, hourly)",
        "trial, fleet, hourly)",
        "tests/agent/decide/test_histories.py",
    ),
    "halt asked only when claimed": Broken(
        "agent/act/departures.py",
        '    if is_halted(session):\n        return "Every',
        '    if False:\n        return "Every',
        "tests/agent/desk/test_orders.py::test_a_command_claimed_before_the_halt_is_held_back_at_the_last_moment",
    ),
    "old evidence sent": Broken(
        "agent/act/command.py",
        "self.not_after if self.leave_by is None else min(self.not_after, self.leave_by)",
        "self.not_after",
        "tests/agent/act/test_command.py::test_a_command_does_not_leave_once_its_evidence_is_old",
    ),
    "one cause everywhere ignored": Broken(
        "agent/decide/guards.py",
        "    return Refusal(Guard.FROZEN, text, now + policy.frozen_look)",
        "    return None",
        "tests/agent/desk/test_same_cause.py::test_three_at_once_have_one_parent_and_nothing_is_sent",
    ),
}


@pytest.mark.fault("BUILDS", "builds broken on purpose, each run against the test that must see it")
@pytest.mark.parametrize("name", BUILDS)
def test_a_build_that_is_broken_on_purpose_is_caught(name: str, tmp_path: Path, verdict: Verdict) -> None:
    build = BUILDS[name]
    for part in COPIED:
        _copy(ROOT / part, tmp_path / part)
    file = tmp_path / build.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(build.whole) == 1, f"{build.file} has changed: break it anew"

    file.write_text(whole.replace(build.whole, build.broken), encoding="utf-8")
    run = _run(tmp_path, build.caught_by)

    verdict.note(name)
    verdict.measure("caught", run.returncode == 1, least=1)
    assert " failed" in run.stdout, run.stdout[-2000:]


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        shutil.copy(source, target)
    else:
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))


def _run(folder: Path, test: str) -> "subprocess.CompletedProcess[str]":
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "-rf", "--rootdir", str(folder), test)
    where = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, **where},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
