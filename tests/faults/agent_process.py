"""The agent as a process beside a broker of the test: killed, paused and looked at from outside (shell).

It is started the way a person starts it, ``amends up`` on a data directory, and read only through what everybody sees:
its pages, its log, its exit code and the files it leaves.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx

from broker.address import Address

ROOT: Final = Path(__file__).parents[2]
PATIENCE_S: Final = 180.0
UNREACHABLE: Final = "the broker is not reachable"
READING: Final = "the journal is still being read again"
_LOOK_EVERY_S: Final = 0.05
_BYTES_A_MB: Final = 1e6
_QUIET_S: Final = 1.5
_ANSWER_S: Final = 20.0
_TRIES: Final = 3  # on a busy machine


class AgentEndedError(Exception):
    """The process ended although nobody had asked it to; ``last`` are its last lines."""

    def __init__(self, status: int, last: str) -> None:
        super().__init__(f"the agent ended with status {status}: {last}")
        self.status = status
        self.last = last


@dataclass(slots=True)
class AgentProcess:
    """One agent on one data directory. ``settings`` are ``AMENDS_…`` variables in lower case."""

    data: Path
    broker: Address
    settings: dict[str, object] = field(default_factory=dict)
    port: int = 0
    process: Process | None = None

    @property
    def log_file(self) -> Path:
        return self.data.with_name(f"{self.data.name}.log")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    async def start(self, *, failpoint: str = "", listening: bool = True) -> None:
        """Start it and wait until it listens; ``listening`` False: do not wait."""
        self.port = self.port or free_port()
        given = {
            "data": self.data,
            "broker_url": self.broker.url_with_password(),
            "console_port": self.port,
            "snapshot_every_s": 0.5,
            "history_every_s": 1.0,
        } | self.settings
        environment = {f"AMENDS_{name.upper()}": str(value) for name, value in given.items()}
        if failpoint:
            environment["AMENDS_FAILPOINT"] = failpoint
        with self.log_file.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "agent", "up"),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        if listening:
            await self.until_listening()

    async def until_ready(self, within_s: float = PATIENCE_S) -> float:
        """Return after how many seconds every part works."""
        began = monotonic()
        await self.until(self.is_ready, within_s)
        return monotonic() - began

    async def until_listening(self, within_s: float = PATIENCE_S) -> float:
        """Return after how many seconds it has read its journal and hears the broker, whatever else is not well."""
        began = monotonic()
        await self.until(self.is_listening, within_s)
        return monotonic() - began

    async def until(self, happened: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        """Wait for something the process does; ``AgentEndedError`` when it ends instead."""
        deadline = monotonic() + within_s
        while not await asyncio.to_thread(happened):
            if self.process is None or self.process.returncode is not None:
                raise AgentEndedError(-1 if self.process is None else self.process.returncode or 0, self.last_lines())
            if monotonic() > deadline:
                raise TimeoutError(f"not within {within_s:.0f} s: {self.last_lines()}")  # noqa: EM102 - as an assert would say it
            await asyncio.sleep(_LOOK_EVERY_S)

    async def settle(self, within_s: float = PATIENCE_S) -> None:
        """Wait until it has taken in and told all there is: nothing waits, and nothing has come for a while."""
        since, taken = monotonic(), -1.0

        def quiet() -> bool:
            nonlocal since, taken
            figures = self.figures()
            if figures["messages_total"] != taken or figures["unscored"] or not figures["broker_connected"]:
                since, taken = monotonic(), figures["messages_total"]
            return monotonic() - since > _QUIET_S

        await self.until(quiet, within_s)

    async def kill(self) -> None:
        """End it the way a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to end and return its exit code."""
        return await self._end(signal.SIGTERM)

    async def ended(self, within_s: float = PATIENCE_S) -> int:
        """Wait until it ends by itself and return its exit code."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), within_s)

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def is_ready(self) -> bool:
        """Tell whether every part works; what a broker has dropped is told for minutes after all is well again."""
        problems = self.problems()
        return problems is not None and all(problem.startswith("the broker dropped") for problem in problems)

    def is_listening(self) -> bool:
        problems = self.problems()
        return problems is not None and not {UNREACHABLE, READING} & set(problems)

    def problems(self) -> list[str] | None:
        """Return what it says is not well; ``None``: it does not answer."""
        answer = self.page("/readyz")
        return None if answer is None else list(answer.json()["problems"])

    def page(self, path: str, **headers: str) -> httpx.Response | None:
        """Return a page; ``None``: it does not answer."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=_ANSWER_S)
        except httpx.TransportError:
            return None

    def figures(self) -> dict[str, float]:
        """Return its counters by name, without the product's prefix."""
        answer = None
        for _ in range(_TRIES):
            answer = answer or self.page("/metrics")
        assert answer is not None, f"it does not answer: {self.last_lines()}"
        lines = [line.split() for line in answer.text.splitlines() if line.startswith("amends_")]
        return {name.removeprefix("amends_"): float(value) for name, value in lines}

    def said(self, *events: str) -> list[dict[str, Any]]:
        """Return the lines of its log with these events, over all its lives."""
        lines = [line for line in self.log_file.read_text(errors="replace").splitlines() if line.startswith("{")]
        return [said for line in lines if (said := json.loads(line)).get("event") in events]

    def last_lines(self) -> str:
        return self.log_file.read_text(errors="replace")[-1500:]

    def rss_mb(self) -> float:
        """Return what it holds in memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / _BYTES_A_MB

    def cpu_s(self) -> float:
        """Return how much processor time it has used since it started."""
        used = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")

    async def _end(self, kind: signal.Signals) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            os.kill(self.pid, kind)
        return await self.ended()


@asynccontextmanager
async def an_agent(data: Path, broker: Address, **settings: object) -> AsyncIterator[AgentProcess]:
    """Give an agent that is not started yet; whatever became of it is ended."""
    agent = AgentProcess(data, broker, settings)
    try:
        yield agent
    finally:
        if agent.process is not None and agent.process.returncode is None:
            await agent.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
