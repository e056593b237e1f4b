"""The whole program with its demo fleet, as one command starts it: killed, paused, and looked at by its API (shell)."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import AMENDS, free_port, say, wait_ready

PATIENCE_S = 150.0
HASTY = {**os.environ, "AMENDS_GUARD_WEIGH_MOST_MIN": "4"}
"""What would pass by itself need not be told apart here."""


class Program:
    """`amends up --demo` on one freezer that runs out of memory; may be killed and started again."""

    def __init__(self, data: Path, environment: Mapping[str, str] = HASTY) -> None:
        self.data = data
        self._environment = environment
        self.port, self.broker_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._token = ""

    def start(self) -> None:
        demo = ["up", "--demo", "--scenario", "one:frost-200:memory_leak", "--devices", "1", "--speed", "60"]
        places = ["--port", str(self.port), "--broker-port", str(self.broker_port), "--data", str(self.data)]
        log = self.data / "amends.log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*AMENDS, *demo, *places], stdout=output, stderr=output, env=self._environment
            )
        wait_ready(f"http://127.0.0.1:{self.port}", self.process, log)

    def end(self, kind: signal.Signals) -> int:
        """End it, unless it has ended, and return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            os.kill(self.process.pid, kind)
        return self.process.wait(30)

    def signal(self, kind: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, kind)

    def fleet(self) -> int:
        """Return the process id of the simulated devices."""
        assert self.process is not None
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.process.pid and b"device_sim" in words:
                return int(entry.name)
        raise LookupError("no simulated devices run")  # noqa: EM101 - as an assert would say it

    def get(self, path: str) -> Any:
        """Return an answer of the API."""
        self._token = self._token or say("staff", "token", "admin", data=self.data)["token"]
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=20,
        ) as api:
            return api.get(path).json()

    def ticket(self) -> Any:
        """Return the newest ticket with its story; ``None``: there is none."""
        found = [line for line in self.get("/tickets")["items"] if line["fault"] == "memory_leak"]
        return self.get(f"/tickets/{found[0]['number']}") if found else None

    def commands(self) -> list[Any]:
        """Return every command of every ticket."""
        tickets = [self.get(f"/tickets/{line['number']}") for line in self.get("/tickets")["items"]]
        return [command for ticket in tickets for command in ticket["commands"]]

    def wait(self, until: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        ticket = None
        while time.monotonic() < deadline:
            ticket = self.ticket()
            if ticket is not None and until(ticket):
                return ticket
            time.sleep(0.1)
        others = [
            (line["number"], line["fault"], line["state"], line["opened_at"]) for line in self.get("/tickets")["items"]
        ]
        logs = "\n".join((self.data / name).read_text()[-2000:] for name in ("amends.log", "fleet.log"))
        pytest.fail(f"{ticket}\nall tickets: {others}\n{logs}")
