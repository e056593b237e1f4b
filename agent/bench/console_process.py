"""The console as a process that is measured (shell): started, looked at from outside, ended."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx

from agent.errors import AgentError
from agent.house import House

_START_S: Final = 60.0


class ConsoleSilentError(AgentError):
    """The console that is measured does not answer. Start ``amends console`` by hand and read what it says."""

    def __init__(self, status: int | None) -> None:
        how = "does not answer" if status is None else f"ended with status {status}"
        super().__init__(f"the console that was started to be measured {how}")
        self.status = status


@asynccontextmanager
async def running_console(house: House) -> AsyncIterator[tuple[Process, str]]:
    """Start a console on a house and give it with its address; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "console", "--data", house.data, "--port", str(port)),
        env={name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")},
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _START_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def answering(client: httpx.AsyncClient, process: Process) -> None:
    """Return when the console answers.

    Raises:
        ConsoleSilentError: it ended, or took too long.
    """
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s and process.returncode is None:
        with contextlib.suppress(httpx.TransportError):
            (await client.get("/livez")).raise_for_status()
            return
        await asyncio.sleep(0.1)
    raise ConsoleSilentError(process.returncode)


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used."""
    used = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def busy_s() -> float:
    """Return the processor time everything on this machine has used since it started."""
    user, nice, system, _, _, irq, softirq, steal = Path("/proc/stat").read_text(encoding="ascii").split()[1:9]
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """Return what a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
