"""From messages to one batch a product (state): rows are collected as they come and become arrays at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from agent.health.interface import Samples
from agent.health.layout import Context, Layout
from broker.messages import Telemetry

_MOST_PLANS: Final = 4_096  # a device that makes up names must not fill the memory


@dataclass(frozen=True, slots=True)
class Source:
    """Where samples came from: their record's offset and arrival in Unix seconds.

    ``after_gap``: messages are missing before it.
    """

    offset: int
    arrived_s: float
    after_gap: bool = False


class Sample(NamedTuple):
    """One sample without its values: the device's place, its time in Unix seconds, whether it teaches."""

    device: int
    at_s: float
    learn: bool
    source: Source
    after_gap: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How telemetry with these metrics fits a layout.

    ``keep`` are the places of readings that have a column and ``columns`` those columns; ``context`` has an entry a
    context metric: its place among the readings (``None``: not among them, look for words).
    """

    keep: list[int]
    columns: list[int]
    context: tuple[tuple[str, int | None], ...]


@dataclass(slots=True)
class Gathering:
    """The samples of one product that wait to be scored, in the order they came."""

    layout: Layout
    plans: dict[tuple[tuple[str, ...], tuple[str, ...]], Plan] = field(default_factory=dict)
    collected: list[Sample] = field(default_factory=list)
    regimes: list[int] = field(default_factory=list)
    _blocks: dict[int, tuple[Plan, list[int], list[tuple[float, ...]]]] = field(default_factory=dict)

    def plan(self, metrics: tuple[str, ...], context: tuple[str, ...]) -> Plan:
        """Return how these metrics fit; made once for each set of names."""
        key = (metrics, context)
        plan = self.plans.get(key)
        if plan is None:
            found = {place: self.layout.column(name) for place, name in enumerate(metrics) if name not in context}
            columns = {place: column for place, column in found.items() if column is not None}
            where = tuple((name, metrics.index(name) if name in metrics else None) for name in context)
            if len(self.plans) >= _MOST_PLANS:
                self.plans.clear()
            plan = self.plans[key] = Plan(list(columns), list(columns.values()), where)
        return plan

    def add(self, telemetry: Telemetry, plan: Plan, row: int, sample: Sample) -> None:
        """Collect one sample, the ``row``-th of a message."""
        width = len(telemetry.metrics)
        readings = telemetry.flat if len(telemetry) == 1 else telemetry.flat[row * width : (row + 1) * width]
        _, places, rows = self._blocks.setdefault(id(plan), (plan, [], []))
        places.append(len(self.collected))
        rows.append(readings)
        self.collected.append(sample)
        self.regimes.append(self.layout.regime(_context(telemetry, plan, row, readings)) if plan.context else 0)

    def samples(self) -> Samples:
        """Return what was collected as arrays."""
        values = np.full((len(self.collected), len(self.layout.columns)), np.nan, np.float32)
        for plan, places, rows in self._blocks.values():
            if plan.keep:
                readings = np.array(rows, np.float32)
                values[np.ix_(places, plan.columns)] = readings[:, plan.keep]
        return Samples(
            device=np.array([sample.device for sample in self.collected], np.int32),
            at_s=np.array([sample.at_s for sample in self.collected], np.float64),
            values=values,
            regime=np.array(self.regimes, np.int32),
            learn=np.array([sample.learn for sample in self.collected], np.bool_),
        )

    def clear(self) -> None:
        """Forget what was collected; the plans stay."""
        self._blocks.clear()
        self.collected.clear()
        self.regimes.clear()


def _context(telemetry: Telemetry, plan: Plan, row: int, readings: Sequence[float]) -> Context:
    words = {column.metric: column.values[row] for column in telemetry.context}
    context: list[str | float | None] = []
    for name, place in plan.context:
        value: str | float | None = words.get(name)
        if value is None and place is not None:
            number = readings[place]
            value = None if number != number else float(number)  # noqa: PLR0124 - the quickest test for NaN
        context.append(value)
    return tuple(context)
