"""What ``amends bench ingest`` found, as figures and as a table (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any, Final

from rich.table import Table

from agent.bench.ingest import Plan, Turn
from agent.bench.ingest_child import Progress
from agent.bench.ingest_probes import Probed

_MILLION: Final = 1e6
_P99: Final = 0.99
_ON_TIME_S: Final = 0.1
"""How far the sender may be behind its rate at worst and still have kept it."""


class Part(StrEnum):
    """A part of the measurement that may be asked for alone."""

    RATIO = "ratio"
    COLUMNS = "columns"
    LATENCY = "latency"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Round:
    """The same load twice: merely counted, and taken by the agent."""

    counted: Turn
    taken: Turn

    @property
    def ratio(self) -> float:
        """Return the agent's rate as a share of the counting client's."""
        return self.taken.rate / self.counted.rate


@dataclass(slots=True)
class Figures:
    """All of it, filled as it comes. ``steady``, ``probed`` and the counts are ``None`` until they were measured.

    ``not_measured`` says of a part that gave no figure why. ``lost`` counts samples that were sent and never scored,
    ``duplicated`` messages that stand twice in the journal; ``memory`` holds devices, samples of each and MiB.
    """

    plan: Plan
    rounds: list[Round] = field(default_factory=list)
    columns: list[Turn] = field(default_factory=list)
    steady: Turn | None = None
    probed: Probed | None = None
    memory: list[tuple[int, int, float]] = field(default_factory=list)
    not_measured: dict[Part, str] = field(default_factory=dict)
    lost: int | None = None
    duplicated: int | None = None

    def counted_samples(self, sent: int, now: Progress) -> None:
        """Take what the agent says it scored."""
        self.lost = sent - now.samples + now.missed + now.quarantined

    def counted_messages(self, sent: int, came: int, different: int) -> None:
        """Take what the journal holds."""
        self.lost = max(self.lost or 0, sent - different)
        self.duplicated = came - different

    def as_json(self) -> dict[str, Any]:
        """Return everything; of a part that gave no figure ``not_measured`` says why."""
        said: dict[str, Any] = {"plan": asdict(self.plan), "lost": self.lost, "duplicated": self.duplicated}
        if self.rounds:
            said |= {
                "ratio": median(one.ratio for one in self.rounds),
                "rate": median(one.taken.rate for one in self.rounds),
                "counted_rate": median(one.counted.rate for one in self.rounds),
                "cpu_s_per_million": self._cpu(),
                "rounds": [asdict(one) for one in self.rounds],
            }
        if self.columns:
            said["column_samples_per_s"] = median(one.rate for one in self.columns)
        if self.steady is not None:
            late_s = self.steady.late_s
            said |= {"steady_rate": self.steady.rate, "steady_load": self.steady.load}
            said |= {"sender_late_s": late_s, "sender_kept_pace": late_s <= _ON_TIME_S}
        if self.probed is not None:
            said |= {"probes": self.probed.said, "probes_never_came": self.probed.never_came}
            if waited_s := self.probed.waited_s:
                said |= {"p50_ms": 1000 * median(waited_s), "p99_ms": 1000 * _at(waited_s, _P99)}
        if self.memory:
            said["memory_mib"] = {str(devices): mib for devices, _, mib in self.memory}
        if self.not_measured:
            said["not_measured"] = {part.value: why for part, why in self.not_measured.items()}
        return said

    def table(self) -> Table:
        """Return it as people read it."""
        table = Table("", "agent", "mosquitto_sub", title="Ingest", title_justify="left")
        for row in self._rows():
            table.add_row(*row)
        return table

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        said = self.as_json()
        if self.rounds:
            yield "messages a second", f"{said['rate']:,.0f}", f"{said['counted_rate']:,.0f}"
            yield "share of the counting client", f"{said['ratio']:.0%}", ""
            cpu = said["cpu_s_per_million"]
            yield "CPU seconds per million messages", f"{cpu['agent']:.1f}", f"{cpu['mosquitto_sub']:.1f}"
            yield "… of the broker meanwhile", f"{cpu['broker']:.1f}", f"{cpu['broker_counting']:.1f}"
            yield "… of the sender meanwhile", f"{cpu['sender']:.1f}", f"{cpu['sender_counting']:.1f}"
            loads = [turn.load for one in self.rounds for turn in (one.counted, one.taken)]
            yield "machine's load before each turn", f"{min(loads):.1f} to {max(loads):.1f}", ""
        if self.columns:
            yield "samples a second as columns", f"{said['column_samples_per_s']:,.0f}", ""
        if self.steady is not None:
            yield from self._steady(self.steady, said)
        for devices, samples, mib in self.memory:
            yield f"memory at {devices:,} devices, {samples} samples each", f"{mib:,.0f} MiB", ""
        for part, why in self.not_measured.items():
            yield part.value, f"not measured: {why}", ""
        yield "lost", f"{self.lost}", ""
        yield "duplicated", f"{self.duplicated}", ""

    def _steady(self, turn: Turn, said: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
        yield "messages a second, steady", f"{turn.rate:,.0f} of {self.plan.steady:,}", ""
        pace = "kept" if said["sender_kept_pace"] else "not kept: the rate asked for was not measured"
        yield "… the sender's pace", f"{pace}, {1000 * turn.late_s:.0f} ms behind at worst", ""
        yield "… the machine's load before", f"{turn.load:.1f}", ""
        if self.probed is not None:
            yield "probes said, never came", f"{self.probed.said:,}, {self.probed.never_came:,}", ""
            if self.probed.waited_s:
                yield "publish to finding, p50", f"{said['p50_ms']:.0f} ms", ""
                yield "publish to finding, p99", f"{said['p99_ms']:.0f} ms", ""

    def _cpu(self) -> dict[str, float]:
        per = _MILLION / self.plan.messages
        return {
            "agent": per * median(one.taken.reader_cpu_s for one in self.rounds),
            "mosquitto_sub": per * median(one.counted.reader_cpu_s for one in self.rounds),
            "broker": per * median(one.taken.broker_cpu_s for one in self.rounds),
            "broker_counting": per * median(one.counted.broker_cpu_s for one in self.rounds),
            "sender": per * median(one.taken.sender_cpu_s for one in self.rounds),
            "sender_counting": per * median(one.counted.sender_cpu_s for one in self.rounds),
        }


def _at(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]
