"""The whole program killed while a remedy is at work: it goes on where it was, and nothing is done twice."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import AMENDS, free_port, say, wait_ready

pytestmark = pytest.mark.slow

PATIENCE_S = 150.0


class Program:
    """`amends up --demo` on one freezer that runs out of memory; may be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port, self.broker_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        demo = ["up", "--demo", "--scenario", "one:frost-200:memory_leak", "--devices", "1", "--speed", "60"]
        places = ["--port", str(self.port), "--broker-port", str(self.broker_port), "--data", str(self.data)]
        log = self.data / "amends.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen([*AMENDS, *demo, *places], stdout=output, stderr=output)
        wait_ready(f"http://127.0.0.1:{self.port}", self.process, log)

    def end(self, kind: signal.Signals) -> int:
        assert self.process is not None
        os.kill(self.process.pid, kind)
        return self.process.wait(30)

    def ticket(self, token: str) -> Any:
        """Return the newest ticket with its story; ``None``: there is none."""
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=20
        ) as api:
            found = [line for line in api.get("/tickets").json()["items"] if line["fault"] == "memory_leak"]
            return api.get(f"/tickets/{found[0]['number']}").json() if found else None

    def wait(self, token: str, until: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        ticket = None
        while time.monotonic() < deadline:
            ticket = self.ticket(token)
            if ticket is not None and until(ticket):
                return ticket
            time.sleep(0.1)
        pytest.fail(f"{ticket}\n{(self.data / 'amends.log').read_text()[-2000:]}")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    program.start()
    yield program
    if program.process is not None and program.process.poll() is None:
        program.end(signal.SIGTERM)


def test_a_kill_while_a_remedy_is_at_work_repeats_nothing_and_the_ticket_goes_on(program: Program) -> None:
    token = say("staff", "token", "admin", data=program.data)["token"]
    program.wait(token, lambda ticket: any(command["sent_at"] for command in ticket["commands"]))

    program.end(signal.SIGKILL)
    program.start()

    # On a slow machine the command's time passes meanwhile, and the matter is a person's; it never goes out anew.
    ticket = program.wait(token, lambda ticket: ticket["state"] in {"healed", "with_person"})
    assert len(ticket["commands"]) == 1
    done = [entry for entry in ticket["story"] if entry["text"] == "The device says it is done."]
    assert len(done) <= 1


def test_a_stop_and_a_start_lose_nothing(program: Program) -> None:
    token = say("staff", "token", "admin", data=program.data)["token"]
    before = program.wait(token, lambda ticket: ticket["commands"])

    assert program.end(signal.SIGTERM) == 0
    program.start()

    after = program.ticket(token)
    assert after["story"][: len(before["story"])] == before["story"]
    assert [command["id"] for command in after["commands"]] == [command["id"] for command in before["commands"]]
