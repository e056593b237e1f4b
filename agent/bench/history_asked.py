"""Charts asked for over HTTP and timed (shell): a real console, in a process of its own, on a history that was made.

Warm: the machine has the files in memory. Cold: it was told to let go of them before each request. First: cold, and
the console has just been started too.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import httpx

from agent.bench.history_made import PRODUCT, Made
from agent.errors import AgentError
from agent.house import House
from agent.store.devices import record_birth
from agent.store.staff import add_token, set_password
from broker.messages import Birth, MetricSpec

_STAFF: Final = "bench"
_PATIENCE_S: Final = 300.0


class NoConsoleError(AgentError):
    """The console did not start; what it said is in its log."""

    def __init__(self, log: Path) -> None:
        said = log.read_text(encoding="utf-8", errors="replace")[-1000:]
        super().__init__(f"the console did not answer within {_PATIENCE_S:.0f} s; it said: {said}")
        self.log = log


@dataclass(frozen=True, slots=True)
class Question:
    """One chart. ``points`` ``None``: as many as the API gives by itself."""

    name: str
    since: datetime
    until: datetime
    points: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A console that answers: ``ask`` it."""

    client: httpx.Client
    made: Made
    history: Path
    chance: Random

    def ask(self, question: Question, *, cold: bool) -> float:
        """Return the seconds a chart of any device and metric takes, to the last byte of the answer."""
        device = self.made.device(self.chance.randrange(self.made.devices))
        query = {
            "metric": self.chance.choice(self.made.names),
            "from": question.since.isoformat(),
            "to": question.until.isoformat(),
        }
        if question.points is not None:
            query["points"] = str(question.points)
        if cold:
            drop_pages(self.history)
        started_s = time.perf_counter()
        answer = self.client.get(f"/api/v1/devices/{device}/history", params=query)
        took_s = time.perf_counter() - started_s
        answer.raise_for_status()
        if not answer.json()["at"]:
            raise EmptyChartError(device)
        return took_s


class EmptyChartError(AgentError):
    """A chart of a device that has samples came back without any: what was timed is not what was meant."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"the chart of {device_id} is empty")
        self.device_id = device_id


def furnish(house: House, made: Made, now: datetime) -> str:
    """Make every device known, and somebody who may ask; return their token."""
    metrics = {name: MetricSpec(unit="C") for name in made.names}
    with house.database.transaction() as session:
        for number in range(made.devices):
            birth = Birth(boot="b1", product=PRODUCT, metrics=metrics)
            record_birth(session, made.device(number), birth, now=now)
        set_password(session, name=_STAFF, password=os.urandom(16).hex(), now=now, role="viewer")
        return add_token(session, staff=_STAFF, now=now)


@contextmanager
def console(house: House, made: Made, token: str, seed: int) -> Iterator[Asked]:
    """Give a console that has just been started and has answered one request that is no chart."""
    port = _free_port()
    command = [sys.executable, "-m", "agent", "console", "--data", str(house.data), "--port", str(port)]
    log = house.data / "console.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: S603 - ourselves
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}, timeout=_PATIENCE_S
    )
    try:
        _wait(client, process, log)
        client.get(f"/api/v1/devices/{made.device(0)}").raise_for_status()
        yield Asked(client, made, house.history, Random(seed))  # noqa: S311 - chooses devices
    finally:
        client.close()
        process.kill()  # it only read, and its farewell takes a second or two a start
        process.wait()


def questions(until: datetime, *, year: bool) -> tuple[Question, ...]:
    """Return what is asked for: thirty days as the API gives them, with as many points as a page has, and a year."""
    month = until - timedelta(days=30)
    asked = (Question("30 days", month, until, None), Question("30 days, 720 points", month, until, 720))
    return (*asked, Question("a year, 720 points", until - timedelta(days=365), until, 720)) if year else asked


def drop_pages(history: Path) -> None:
    """Ask the machine to forget what it has in memory of every file; only what is on the disk already goes."""
    for path in history.glob("*/*/*/*.parquet"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if client.get("/livez").is_success:
                return
        time.sleep(0.05)
    raise NoConsoleError(log)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
