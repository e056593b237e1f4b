"""What ``amends bench ingest`` does, one part after the other (shell)."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from agent.bench.errors import BenchBrokenError, StandstillError
from agent.bench.ingest import Agent, Broker, Plan, Turn, journaled, root_for, started
from agent.bench.ingest_figures import Figures, Part, Round
from agent.bench.ingest_packets import Load

_AGENT: Final = "a"
_APART_MS: Final = 200.0  # from one sample of a device to the next, as their instants say
_COLUMNS: Final = 100  # samples in a message
_PAST_LOADS: Final = 4
_PAST_STEP_MS: Final = 300_000  # between samples: more than a day in all
_STEADY_FOR_S: Final = 15
_PROBES_PER_S: Final = 10
_PREPARE_S: Final = 5.0
_PREPARE_EACH_S: Final = 40e-6  # to make a message's packet: 7 µs, on a machine with far more work than cores

Say = Callable[[str], None]


async def measure(plan: Plan, rounds: int, parts: frozenset[Part], say: Say) -> Figures:
    """Measure what is asked for; takes minutes. ``say`` is told what is under way."""
    figures = Figures(plan)
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as name:
        folder = Path(name)
        async with started(folder) as broker:
            await _main(broker, plan, rounds, parts, figures, say, folder)
            if Part.MEMORY in parts:
                say(f"memory at {plan.many:,} devices")
                async with _measured(Part.MEMORY, figures, say):
                    await _many(broker, plan, figures, folder / "many", say)
    return figures


async def _main(  # noqa: PLR0913, PLR0917 - what a run is made of
    broker: Broker, plan: Plan, rounds: int, parts: frozenset[Part], figures: Figures, say: Say, folder: Path
) -> None:
    course = _Course(plan)
    async with broker.agent(root_for(_AGENT), folder, say) as agent:
        # Compiles, and lets every device be known and judged: what happens once in a device's life is no rate.
        for number in range(_PAST_LOADS):
            say(f"warming up, {number + 1} of {_PAST_LOADS}")
            await broker.sent(course.past(), plan, agent)
        if Part.RATIO in parts:
            async with _measured(Part.RATIO, figures, say):
                await _ratio(broker, course, plan, agent, figures, rounds, say)
        if Part.COLUMNS in parts:
            async with _measured(Part.COLUMNS, figures, say):
                for number in range(1 + rounds):
                    say(f"samples as columns, {number} of {rounds}" if number else "samples as columns, not counted")
                    turn = await _columns(broker, course, plan, agent)
                    figures.columns += [turn] if number else []
        if Part.LATENCY in parts:
            say(f"a steady {plan.steady:,} messages and {_PROBES_PER_S} probes a second for {_STEADY_FOR_S} s")
            async with _measured(Part.LATENCY, figures, say):
                await _steady(broker, course, plan, agent, figures)
        if Part.MEMORY in parts:
            figures.memory.append((plan.devices, agent.now.samples // plan.devices, agent.now.resident_mib))
        figures.counted_samples(agent.sent, agent.now)
    came, different = await asyncio.to_thread(journaled, folder)
    figures.counted_messages(course.sent, came, different)


@asynccontextmanager
async def _measured(part: Part, figures: Figures, say: Say) -> AsyncIterator[None]:
    """Let a part that cannot be measured here say why, and the others go on."""
    try:
        yield
    except (StandstillError, BenchBrokenError) as error:
        figures.not_measured[part] = str(error)
    if part in figures.not_measured:
        say(f"{part}: not measured, {figures.not_measured[part]}")


async def _ratio(  # noqa: PLR0913, PLR0917 - what a turn is made of
    broker: Broker, course: "_Course", plan: Plan, agent: Agent, figures: Figures, rounds: int, say: Say
) -> None:
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        counted = await broker.counted(course.load(f"c{number}"), plan, f"amends-count-{number}")
        taken = await broker.sent(course.load(_AGENT), plan, agent)
        figures.rounds.append(Round(counted, taken))


class _Course:
    """Loads one after the other: each goes on where the one before ended, in its devices' numbering and in time."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._next_seq: dict[str, int] = {}
        self._ends_ms = 0
        self.sent = 0

    def past(self) -> Load:
        """Return the next of the loads that tell every device's last days, so that it is judged by now."""
        begins_ms = self._ends_ms or int(time.time() * 1000) - _PAST_LOADS * _COLUMNS * _PAST_STEP_MS
        devices = self._plan.devices
        step_ms = _COLUMNS * _PAST_STEP_MS / devices
        return self._next(_AGENT, devices, _COLUMNS, step_ms, begins_ms)

    def load(self, name: str, *, messages: int = 0, samples: int = 1, step_ms: float = 0.0, in_s: float = 0.0) -> Load:
        """Return the next load; 0 messages: the plan's, 0 ms a step: so that each device speaks five times a second."""
        begins_ms = max(int((time.time() + in_s) * 1000), self._ends_ms)
        step_ms = step_ms or _APART_MS / self._plan.devices
        return self._next(name, messages or self._plan.messages, samples, step_ms, begins_ms)

    def _next(self, name: str, messages: int, samples: int, step_ms: float, begins_ms: int) -> Load:
        devices = self._plan.devices
        turns = -(-messages // devices)  # whole ones, so that every device says equally much
        load = Load(
            root_for(name),
            devices,
            self._plan.metrics,
            turns * devices,
            self._next_seq.get(name, 0),
            samples,
            begins_ms,
            step_ms,
        )
        self._ends_ms = load.ends_ms
        self._next_seq[name] = self._next_seq.get(name, 0) + turns * samples
        self.sent += load.messages if name == _AGENT else 0
        return load


async def _columns(broker: Broker, course: _Course, plan: Plan, agent: Agent) -> Turn:
    load = course.load(_AGENT, messages=plan.devices, samples=_COLUMNS)
    turn = await broker.sent(load, plan, agent)
    return replace(turn, rate=turn.rate * _COLUMNS)


async def _steady(broker: Broker, course: _Course, plan: Plan, agent: Agent, figures: Figures) -> None:
    # Not counted: a device's first sample by itself, after columns, is read the general way, as once in its life.
    await broker.sent(course.load(_AGENT, messages=plan.devices), plan, agent)
    messages = plan.steady * _STEADY_FOR_S
    prepare_s = _PREPARE_S + messages * _PREPARE_EACH_S
    load = course.load(_AGENT, messages=messages, step_ms=1000 / plan.steady, in_s=prepare_s)
    load = replace(load, probes=_PROBES_PER_S * _STEADY_FOR_S)
    course.sent += load.probes
    figures.steady, figures.probed = await broker.probed(load, plan, agent, plan.steady)
    if not figures.probed.waited_s:
        figures.not_measured[Part.LATENCY] = f"none of {figures.probed.said:,} probes came"


async def _many(broker: Broker, plan: Plan, figures: Figures, folder: Path, say: Say) -> None:
    name, devices = "many", plan.many
    async with broker.agent(root_for(name), folder, say) as agent:
        load = Load(
            root_for(name),
            devices,
            plan.metrics,
            3 * devices,
            begins_ms=int(time.time() * 1000),
            step_ms=_APART_MS / devices,
        )
        await broker.sent(load, plan, agent)
        figures.memory.append((devices, 3, agent.now.resident_mib))
