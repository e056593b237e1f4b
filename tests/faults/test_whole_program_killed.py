"""DEL-3 and DEL-1 with the whole program: nothing is done twice."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.failpoint import Failpoint
from tests.faults.left_behind import heard
from tests.faults.verdict import Verdict
from tests.faults.whole_program import HASTY, Program

pytestmark = pytest.mark.slow


SLOW_S = 12.0
AFTERWARDS_S = 15.0
"""A quarter of an hour there: what is done twice has been by then."""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    program.start()
    yield program
    program.end(signal.SIGTERM)


@pytest.mark.fault("DEL-3", "the whole program killed with -9 while a remedy is at work")
def test_a_kill_while_a_remedy_is_at_work_repeats_nothing_and_the_ticket_goes_on(
    program: Program, verdict: Verdict
) -> None:
    program.wait(lambda ticket: any(command["sent_at"] for command in ticket["commands"]))

    program.end(signal.SIGKILL)
    program.start()

    # On a slow machine the command's time passes meanwhile: then somebody else has it, and it never goes anew. On a
    # fast one it is judged, for up to four hours there: the freezer begins anew too, and with it what it suffers from.
    program.wait(lambda ticket: ticket["state"] in {"verifying", "with_person", "visit_booked"})
    time.sleep(AFTERWARDS_S)
    ticket = program.ticket()
    done = [entry for entry in ticket["story"] if entry["text"] == "The device says it is done."]
    verdict.measure("commands", len(ticket["commands"]), least=1, most=1)
    verdict.measure("times done", len(done), most=1)


@pytest.mark.fault("DEL-3", "the whole program stopped and started")
def test_a_stop_and_a_start_lose_nothing(program: Program, verdict: Verdict) -> None:
    before = program.wait(lambda ticket: ticket["commands"])

    assert program.end(signal.SIGTERM) == 0
    program.start()

    after = program.ticket()
    assert after["story"][: len(before["story"])] == before["story"]
    told = {command["id"] for command in after["commands"]} ^ {command["id"] for command in before["commands"]}
    verdict.measure("commands more or less", len(told), most=0)


@pytest.mark.fault("DEL-1", "a first start that is slow, while the demo's devices have days to tell")
def test_a_slow_start_hears_all_that_the_demo_says(tmp_path: Path, verdict: Verdict) -> None:
    program = Program(tmp_path, {**HASTY, "AMENDS_FAILPOINT": f"{Failpoint.INTAKE_WARMING}:sleep={SLOW_S:g}"})
    program.start()
    try:
        program.wait(lambda _ticket: True)
    finally:
        program.end(signal.SIGTERM)

    first = min(sample.seq for sample in heard(tmp_path))
    verdict.measure("samples before the first that was heard", first, most=0)
