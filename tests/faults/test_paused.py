"""SYS-1: an agent that was paused hears an hour of old news at once, and does not act on it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Effort
from tests.faults.left_behind import records
from tests.faults.verdict import Verdict
from tests.faults.whole_program import Program

pytestmark = [pytest.mark.slow, pytest.mark.full]

QUIET_S = (
    12.0  # real seconds in which the device says nothing more; twelve minutes of the demo's clock, staleness is five
)
WATCHED_S = 15.0


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    program.start()
    yield program
    program.signal(signal.SIGCONT)
    program.end(signal.SIGTERM)


@pytest.mark.fault("SYS-1", "the agent paused (SIGSTOP) for a minute while its device falls ill, then falls silent")
def test_a_paused_agent_sends_no_command_on_what_it_hears_late(
    program: Program, verdict: Verdict, effort: Effort
) -> None:
    pause_s = effort.of(quick=45, full=60)
    program.signal(signal.SIGSTOP)
    paused, fleet = time.monotonic(), program.fleet()
    try:
        assert records(program.data, "SELECT id FROM command") == [], "too slow a machine: it acted before the pause"
        time.sleep(paused + pause_s - QUIET_S - time.monotonic())
        os.kill(fleet, signal.SIGSTOP)
        time.sleep(QUIET_S)
        program.signal(signal.SIGCONT)
        time.sleep(WATCHED_S)
        on_old_news = len(program.commands())
        seen = len(program.get("/tickets")["items"])
    finally:
        program.signal(signal.SIGCONT)
        os.kill(fleet, signal.SIGCONT)
    fresh = program.wait(lambda ticket: ticket["commands"])

    verdict.measure("paused", pause_s, "s")
    verdict.measure("tickets opened on what was heard late", seen)
    verdict.measure("commands on stale evidence", on_old_news, most=0)
    verdict.measure("commands once the device speaks again", len(fresh["commands"]), least=1)
