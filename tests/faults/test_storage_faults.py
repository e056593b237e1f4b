"""Storage that is slow or full: devices' messages wait at the broker, people see why, and it goes on by itself."""

import asyncio
import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from agent.failpoint import Failpoint
from device_sim.voice import Publish
from tests.conftest import RealBroker
from tests.faults.agent_process import AgentProcess, an_agent
from tests.faults.conftest import Effort
from tests.faults.left_behind import heard, repeated, rows_in_history
from tests.faults.speaker import Speaker
from tests.faults.verdict import Verdict
from tests.journeys.conftest import say

pytestmark = [pytest.mark.slow, pytest.mark.full]

START_MS = int(time.time() * 1000)
SLOW_S = 0.2
PADDING = "x" * 2_000
DISK_BYTES = 32 * 2**20
BLOCK = 2**16
PAGES = ("/livez", "/metrics", "/login", "/api/v1/devices", "/api/v1/tickets", "/api/openapi.json")


def speakers(broker: RealBroker, count: int) -> list[Speaker]:
    return [Speaker(address) for address in broker.devices(*(broker.fresh_id() for _ in range(count)))]


def padded(speaker: Speaker, first: int, count: int) -> list[Publish]:
    """Return samples in messages of about two kilobytes, as a device that says much in one may send."""
    said = []
    for seq in range(first, first + count):
        topic, payload, retain = speaker.telemetry(seq, START_MS + seq, temp_c=seq % 7)
        said.append(Publish(topic, payload[:-1] + f', "firmware_notes": "{PADDING}"}}'.encode(), retain))
    return said


@pytest.mark.fault(
    "DEL-11", "every write of the journal takes 200 ms while devices say far more than that lets through"
)
async def test_slow_storage_holds_back_the_broker_and_not_the_memory(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    devices, each = speakers(own_broker, 5), effort.of(quick=2_000, full=10_000)
    async with an_agent(tmp_path / "data", own_broker.agent_address) as agent:
        await agent.start(failpoint=f"{Failpoint.JOURNAL_WRITING}:sleep={SLOW_S}")
        await asyncio.gather(*(one.say(padded(one, 0, 200)) for one in devices))
        await agent.settle()
        before_mb = most_mb = agent.rss_mb()
        began, waiting = time.monotonic(), 0.0
        await asyncio.gather(*(one.say(padded(one, 200, each)) for one in devices))
        said_s = time.monotonic() - began
        while agent.figures()["messages_total"] < len(devices) * (200 + each):
            most_mb = max(most_mb, agent.rss_mb())
            waiting = max(waiting, agent.figures()["inbox_messages"])
            await asyncio.sleep(0.1)
            assert time.monotonic() - began < 300, "it does not come through"
        took_s = time.monotonic() - began
        await agent.settle()
        assert await agent.stop() == 0

    verdict.measure("said", len(devices) * each)
    verdict.measure("said within", said_s, "s")
    verdict.measure("taken within", took_s, "s")
    verdict.measure("lost", len(devices) * (200 + each) - len(set(heard(tmp_path / "data"))), most=0)
    verdict.measure("most waiting in memory", waiting)
    verdict.measure("memory grew by", most_mb - before_mb, "MB", most=50)
    verdict.note("slowed at the failure point before the journal's write; a slow device cannot be mounted here")


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Give a disk of its own that is soon full. Only root may mount one."""
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "none", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert mounted.returncode == 0, f"SYS-3 needs to mount a tmpfs, as root: {mounted.stderr}"
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=False)


def fill(ballast: Path) -> None:
    """Leave no room at all, not even for a little that is written later."""
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * BLOCK)
    with ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 512)


def readable(agent: AgentProcess, token: str) -> list[str]:
    """Return the pages that cannot be read."""
    answers = {path: agent.page(path, Authorization=f"Bearer {token}") for path in PAGES}
    return [path for path, answer in answers.items() if answer is None or answer.status_code != 200]


@pytest.mark.fault("SYS-3", "a disk of its own filled to the last byte while devices speak, then freed")
async def test_a_full_disk_is_said_pages_stay_readable_and_it_goes_on_by_itself(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, effort: Effort
) -> None:
    devices, each = speakers(own_broker, 5), 600
    with small_disk(tmp_path / "disk") as disk:
        data = disk / "data"
        async with an_agent(data, own_broker.agent_address) as agent:
            await agent.start()
            token = say("staff", "token", "admin", data=data)["token"]
            await asyncio.gather(*(one.say(padded(one, 0, 50)) for one in devices))
            await agent.settle()
            ballast = disk / "ballast"
            fill(ballast)
            await asyncio.gather(*(one.say(padded(one, 50, each)) for one in devices))
            await agent.until(lambda: bool(agent.said("journal.full")))
            fill(ballast)
            await asyncio.sleep(effort.of(quick=3, full=20))
            unreadable, problems = readable(agent, token), agent.problems() or []
            taken = agent.figures()["messages_total"]
            alive = agent.process is not None and agent.process.returncode is None
            ballast.unlink()
            freed = time.monotonic()
            whole = len(devices) * (50 + each)
            await agent.until(lambda: agent.figures()["messages_total"] >= whole)
            resumed_s = time.monotonic() - freed
            ready_s = resumed_s + await agent.until_ready()
            await agent.settle()
            assert await agent.stop() == 0

        in_journal = heard(data)
        with closing(sqlite3.connect(data / "amends.sqlite3")) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = rows_in_history(data)
    verdict.measure("said", whole)
    verdict.measure("taken while full", taken, most=whole - 1)
    verdict.measure("ended by it", int(not alive), most=0)
    verdict.measure("pages not readable", len(unreadable), most=0)
    verdict.measure("says that the disk is full", sum("disk" in problem for problem in problems), least=1)
    verdict.measure("everything taken after", resumed_s, "s", most=10)
    verdict.measure("ready after", ready_s, "s", most=10)
    verdict.measure("lost", whole - len(set(in_journal)), most=0)
    verdict.measure("samples not in history once", whole - len(set(rows)) + repeated(rows), most=0)
    verdict.measure("corrupt", int(not sound), most=0)
    if unreadable or problems:
        verdict.note(f"unreadable: {', '.join(unreadable) or 'nothing'}; it says: {'; '.join(problems) or 'nothing'}")
