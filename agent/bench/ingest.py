"""How quick the hot path is beside a C client that merely counts (shell: starts a broker and processes).

In the same run and by turns, a load goes through the same mosquitto to ``mosquitto_sub``, which throws every message
away, and to the agent, which decodes, journals, acknowledges, numbers and scores it. A turn lasts from the first byte
sent to the last message counted, or scored. The broker runs with the settings we ship; sender, broker and reader share
the machine.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec

from agent.bench import ingest_child, ingest_load
from agent.bench.errors import BenchBrokenError, StandstillError
from agent.bench.ingest_packets import Load
from agent.bench.ingest_probes import Probed, probed
from agent.store.journal import Journal
from broker.mosquitto import Mosquitto
from broker.topics import ROOT, Channel, filter_of

_T = TypeVar("_T")
_PATIENCE_S: Final = 600.0
_STANDSTILL_S: Final = 120.0
_PROBES_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.1
_LINE_BYTES: Final = 2**24
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent through how many connections; ``receive_max`` is the most each leaves unacknowledged.

    ``steady`` is the rate at which latency is measured, in messages a second; ``many`` are the devices of the larger
    measurement of memory.
    """

    devices: int = 10_000
    metrics: int = 5
    messages: int = 300_000
    connections: int = 8
    receive_max: int = 200
    steady: int = 20_000
    many: int = 100_000


@dataclass(frozen=True, slots=True)
class Turn:
    """One load taken. Seconds of processor time are of each process; ``load`` is the machine's before it began.

    ``late_s`` is how far the sender was behind its rate at worst; 0 where it had none.
    """

    rate: float
    sender_cpu_s: float
    broker_cpu_s: float
    reader_cpu_s: float
    load: float
    late_s: float = 0.0


class Broker:
    """A mosquitto of our own, and the processes that speak to it."""

    def __init__(self, mosquitto: Mosquitto, folder: Path) -> None:
        self.mosquitto = mosquitto
        self._folder = folder

    async def counted(self, load: Load, plan: Plan, name: str) -> Turn:
        """Have ``mosquitto_sub`` count a load."""
        command = self._mosquitto_sub(load.root, name)
        env = os.environ | {"XDG_CONFIG_HOME": str(self._folder)}
        await _ended(subprocess.Popen([*command, "-E"], env=env, stdout=subprocess.DEVNULL))  # noqa: S603, ASYNC220 - ours
        sender = await _Process.start(ingest_load.__name__, self._sender_orders(load, plan))
        counting = subprocess.Popen([*command, "-C", str(load.messages)], env=env, stdout=subprocess.DEVNULL)  # noqa: S603, ASYNC220 - ours
        try:
            await sender.line()
            await asyncio.sleep(0.2)
            before, busy = self._cpu_s(), os.getloadavg()[0]
            sender.tell("go")
            cpu_s = await _ended(counting)
            ended_s = time.monotonic()
            sent = await sender.answer(ingest_load.Sent)
        finally:
            await sender.end()
            counting.kill()
        return Turn(load.messages / (ended_s - sent.began_s), sent.cpu_s, self._cpu_s() - before, cpu_s, busy)

    async def sent(self, load: Load, plan: Plan, agent: "Agent", rate: float = 0.0) -> Turn:
        """Have the agent take a load, at a rate in messages a second; 0: as fast as it goes."""
        turn, _ = await self._taken(load, plan, agent, rate)
        return turn

    async def probed(self, load: Load, plan: Plan, agent: "Agent", rate: float) -> tuple[Turn, Probed]:
        """Have the agent take a load at a rate, and wait up to half a minute for the last of its probes."""
        turn, said_s = await self._taken(load, plan, agent, rate)
        await agent.tell_all(said_s)
        return turn, probed(said_s, agent.now.told_s)

    async def _taken(self, load: Load, plan: Plan, agent: "Agent", rate: float) -> tuple[Turn, dict[str, float]]:
        sender = await _Process.start(ingest_load.__name__, self._sender_orders(load, plan, rate))
        try:
            await sender.line()
            await asyncio.sleep(0.2)
            before, agent_before, busy = self._cpu_s(), agent.now.cpu_s, os.getloadavg()[0]
            sender.tell("go")
            await agent.reach(agent.sent + load.messages * load.samples)
            sent = await sender.answer(ingest_load.Sent)
        finally:
            await sender.end()
        took_s = agent.now.reached_s - sent.began_s
        spent_s = agent.now.cpu_s - agent_before
        turn = Turn(load.messages / took_s, sent.cpu_s, self._cpu_s() - before, spent_s, busy, sent.late_s)
        return turn, sent.said_s

    @asynccontextmanager
    async def agent(self, root: str, folder: Path, say: Callable[[str], None]) -> AsyncIterator["Agent"]:
        """Run the hot path on a folder, listening below ``root``."""
        address = self.mosquitto.agent_address
        orders = ingest_child.Orders(
            address.host, address.port, address.user or "", address.password or "", root, str(folder)
        )
        process = await _Process.start(ingest_child.__name__, orders)
        try:
            await process.line()
            agent = Agent(process, say)
            await agent.reach(0)
            yield agent
        finally:
            await process.end("")

    def _sender_orders(self, load: Load, plan: Plan, rate: float = 0.0) -> ingest_load.Orders:
        address = self.mosquitto.agent_address
        return ingest_load.Orders(
            host=address.host,
            port=address.port,
            user=address.user or "",
            password=address.password or "",
            load=load,
            connections=plan.connections,
            receive_max=plan.receive_max,
            rate=rate,
        )

    def _mosquitto_sub(self, root: str, name: str) -> list[str]:
        address = self.mosquitto.agent_address
        options = self._folder / "mosquitto_sub"  # a password has no place among the arguments
        options.touch(mode=0o600)
        options.write_text(f"-u {address.user}\n-P {address.password}\n", encoding="utf-8")
        where = ["-h", address.host, "-p", str(address.port), "-V", "5"]
        return ["mosquitto_sub", *where, "-i", name, "-c", "-q", "1", "-t", filter_of(Channel.TELEMETRY, root)]

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self.mosquitto.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


class Agent:
    """A running hot path, and how far it was at the last look. ``sent`` is how many samples it was sent by then."""

    def __init__(self, process: "_Process", say: Callable[[str], None]) -> None:
        self._process = process
        self._say = say
        self.now = ingest_child.Progress(0.0, 0.0, 0.0, 0, 0, 0, 0, 0, {}, 0.0, 0, 0.0)
        self.sent = 0

    async def reach(self, samples: int) -> None:
        """Return when it has scored so many samples in all, however long that takes; ``now`` is then how it stands.

        Raises:
            StandstillError: it comes no further.
        """
        began, moved_s = self.now.samples, time.monotonic()
        while True:
            before = self.now.samples
            self._process.tell(str(samples))
            self.now = await self._process.answer(ingest_child.Progress)
            if self.now.samples >= samples:
                break
            self._say(f"  {self.now.samples - began:,} of {samples - began:,} samples scored")
            if self.now.samples > before:
                moved_s = time.monotonic()
            elif time.monotonic() - moved_s > _STANDSTILL_S:
                raise StandstillError(self.now.samples - began, samples - began, _STANDSTILL_S)
        self.sent = samples

    async def tell_all(self, codes: Collection[str]) -> None:
        """Return when it told those probes, or half a minute later; ``now.told_s`` holds those it told."""
        until_s = time.monotonic() + _PROBES_WITHIN_S
        while not self.now.told_s.keys() >= set(codes) and time.monotonic() < until_s:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self.reach(self.sent)


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Broker]:
    """Run a mosquitto with the shipped settings in a folder."""
    mosquitto = Mosquitto(folder / "broker")
    await mosquitto.start()
    try:
        yield Broker(mosquitto, folder)
    finally:
        await mosquitto.stop()


def root_for(name: str) -> str:
    """Return a root of its own, below ours, for one of those who listen."""
    return f"{ROOT}/{name}"


def journaled(folder: Path) -> tuple[int, int]:
    """Return how many telemetry messages a journal holds, and how many different ones."""
    journal = Journal.open(folder / "journal")
    came, different = 0, set()
    for batch in journal.read(0):
        for entry in batch:
            if not entry.topic.startswith("$"):
                came += 1
                different.add(hash((entry.topic, entry.payload)))
    journal.close()
    return came, len(different)


class _Process:
    """A Python module of ours as a process: orders in, lines out."""

    def __init__(self, process: asyncio.subprocess.Process, name: str) -> None:
        self._process = process
        self._name = name

    @classmethod
    async def start(cls, module: str, orders: ingest_load.Orders | ingest_child.Orders) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
        )
        started = cls(process, module)
        started.tell(msgspec.json.encode(asdict(orders)).decode())
        return started

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def line(self) -> bytes:
        assert self._process.stdout is not None
        async with asyncio.timeout(_PATIENCE_S):
            line = await self._process.stdout.readline()
        if not line:
            raise BenchBrokenError(self._name)
        return line

    async def answer(self, kind: type[_T]) -> _T:
        return msgspec.json.decode(await self.line(), type=kind)

    async def end(self, last_line: str | None = None) -> None:
        if last_line is not None and self._process.returncode is None:
            self.tell(last_line)
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        elif self._process.returncode is None:
            try:
                async with asyncio.timeout(1.0):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
        await self._process.wait()


async def _ended(process: "subprocess.Popen[bytes]") -> float:
    """Wait for a process; return the processor time it took."""
    _, status, used = await asyncio.to_thread(os.wait4, process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchBrokenError(str(process.args))
    return used.ru_utime + used.ru_stime
