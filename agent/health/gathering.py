"""From messages to one batch a product (state): rows are collected as arrays, in the order the messages came."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.layout import Context, Layout
from broker.limits import MAX_METRICS
from broker.messages import Telemetry

_MOST_PLANS: Final = 4_096  # a device that makes up names must not fill the memory
_FIRST_ROWS: Final = 256
UNKNOWN, NEVER = -1, -2
END: Final = -2
"""Of a form whose plan was not made yet, and of one that has none."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where samples came from: their record's offset and arrival in Unix seconds.

    ``after_gap``: messages are missing before it.
    """

    offset: int
    arrived_s: float
    after_gap: bool = False


class Rows(NamedTuple):
    """Samples that wait to be scored, an entry each: the device's entry in the hot columns, Unix seconds, values."""

    slot: NDArray[np.int32]
    at_s: NDArray[np.float64]
    regime: NDArray[np.int32]
    offset: NDArray[np.int64]
    arrived_s: NDArray[np.float64]
    learn: NDArray[np.bool_]
    after_gap: NDArray[np.bool_]
    values: NDArray[np.float32]


class Plans(NamedTuple):
    """How forms of messages fit kinds of devices: ``of[kind, form]`` is a plan, ``UNKNOWN`` or ``NEVER``.

    A plan has the column of each number (−1: it has none) and the regime.
    """

    of: NDArray[np.int32]
    columns: NDArray[np.int16]
    regime: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Plan:
    """How telemetry with these metrics fits a layout.

    ``columns`` has an entry a reading, −1 where it has no column; ``context`` one a context metric: its place among the
    readings (``None``: not among them, look for words).
    """

    columns: NDArray[np.int64]
    context: tuple[tuple[str, int | None], ...]


@dataclass(slots=True)
class Gathering:
    """The samples of all products that wait to be scored, in the order they came."""

    rows: Rows = field(default_factory=lambda: _room(_FIRST_ROWS, 1))
    count: int = 0
    forms: Plans = field(default_factory=lambda: _no_plans(1, 1, 1))
    _planned: int = 0
    _plans: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Plan] = field(default_factory=dict)

    def make_room(self, more: int, width: int) -> Rows:
        """Return the rows with room for ``more`` and for so many columns."""
        rows = self.rows
        if self.count + more > len(rows.slot) or width > rows.values.shape[1]:
            room = len(rows.slot)
            while room < self.count + more:
                room *= 2
            self.rows = _room(room, max(width, rows.values.shape[1]))
            columns: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(self.rows[:-1], rows[:-1], strict=True)
            for column, old in columns:
                column[: self.count] = old[: self.count]
            self.rows.values[: self.count, : rows.values.shape[1]] = rows.values[: self.count]
        return self.rows

    def plan(self, product: str, layout: Layout, metrics: tuple[str, ...], context: tuple[str, ...]) -> Plan:
        """Return how these metrics fit; made once for each set of names."""
        key = (product, metrics, context)
        plan = self._plans.get(key)
        if plan is None:
            found = [None if name in context else layout.column(name) for name in metrics]
            where = tuple((name, metrics.index(name) if name in metrics else None) for name in context)
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            columns = np.array([-1 if column is None else column for column in found], np.int64)
            plan = self._plans[key] = Plan(columns, where)
        return plan

    def add(  # noqa: PLR0913, PLR0917 - one row
        self, telemetry: Telemetry, plan: Plan, row: int, layout: Layout, slot: int, at_s: float, source: Source,
        *, learn: bool, after_gap: bool,
    ) -> None:  # fmt: skip
        """Collect one sample, the ``row``-th of a message."""
        width = len(telemetry.metrics)
        readings = telemetry.flat if len(telemetry) == 1 else telemetry.flat[row * width : (row + 1) * width]
        regime = layout.regime(_context(telemetry, plan, row, readings)) if plan.context else 0
        rows, place = self.make_room(1, len(layout.columns)), self.count
        rows.slot[place], rows.at_s[place], rows.regime[place] = slot, at_s, regime
        rows.offset[place], rows.arrived_s[place] = source.offset, source.arrived_s
        rows.learn[place], rows.after_gap[place] = learn, after_gap
        fits = plan.columns >= 0
        rows.values[place, plan.columns[fits]] = np.array(readings, np.float32)[fits]
        self.count += 1

    def plan_form(self, kind: int, form: int, parts: "Parts | None", layout: Layout, context: tuple[str, ...]) -> None:
        """Note how messages of a form fit devices of a kind; ``None``: none may go by its form."""
        self._room_for_plan(kind, form)
        forms = self.forms
        if forms.of[kind, form] != UNKNOWN:
            return
        if parts is None or any(name in parts.numbers for name in context) or self._planned >= _MOST_PLANS:
            forms.of[kind, form] = NEVER
            return
        said = tuple(parts.words.get(name) for name in context)
        if said and said not in layout.regimes and layout.has_room_for_regime:
            return  # a regime is given out with the first sample in it, not before
        plan = forms.of[kind, form] = self._planned
        self._planned += 1
        columns = [layout.column(name) for name in parts.numbers]
        forms.columns[plan, : len(columns)] = [-1 if column is None else column for column in columns]
        forms.regime[plan] = layout.regime(said)

    def clear(self) -> None:
        """Forget what was collected; the plans stay."""
        self.rows.values[: self.count] = np.nan
        self.count = 0

    def _room_for_plan(self, kind: int, form: int) -> None:
        old = self.forms
        kinds, forms = old.of.shape
        plans = len(old.regime)
        if kind < kinds and form < forms and self._planned < plans:
            return
        larger = _no_plans(max(kinds, 2 * kind), max(forms, 2 * form), max(plans, 2 * self._planned))
        larger.of[:kinds, :forms] = old.of
        larger.columns[:plans], larger.regime[:plans] = old.columns, old.regime
        self.forms = larger


class Parts(NamedTuple):
    """The names of a form's numbers in order, and its words by name."""

    numbers: tuple[str, ...]
    words: Mapping[str, str]


def _room(rows: int, width: int) -> Rows:
    return Rows(
        np.empty(rows, np.int32),
        np.empty(rows, np.float64),
        np.empty(rows, np.int32),
        np.empty(rows, np.int64),
        np.empty(rows, np.float64),
        np.empty(rows, np.bool_),
        np.empty(rows, np.bool_),
        np.full((rows, max(width, 1)), np.nan, np.float32),
    )


def _no_plans(kinds: int, forms: int, plans: int) -> Plans:
    kinds, forms, plans = max(kinds, 1), max(forms, 1), max(plans, 1)
    return Plans(
        np.full((kinds, forms), UNKNOWN, np.int32),
        np.full((plans, MAX_METRICS), END, np.int16),
        np.zeros(plans, np.int32),
    )


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
