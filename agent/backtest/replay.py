"""The causal pass (state): recorded rows in, scores and alarms out; a score never depends on a later row.

One model a product, fed in the order of the file. A product's metrics are the columns that have had a value for it: a
column joins at the row that first has one, so that a file cut short gives the same scores.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from agent.backtest.alarm import Alarm
from agent.backtest.alarm_book import AlarmBook, Flags, Judged
from agent.backtest.rows import RowProblemError, Rows
from agent.backtest.silences import Silences
from agent.health.interface import Model, Samples
from agent.health.layout import Layout
from agent.health.models import Choice, ModelKind

Places: TypeAlias = NDArray[np.intp]
Column: TypeAlias = NDArray[np.float32]
_EVER: Final = -(2**62)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a batch, an entry a row in the order of the file."""

    onset: Column
    state: Column
    drift: Column
    alarm: Flags


@dataclass(frozen=True, slots=True)
class Pass:
    """What the replay is made of: the file's metrics, which model each product gets, and from when alarms count.

    ``quiet_until_us`` keeps alarms of all devices, or of those it names, quiet before an instant; ``None``: of none.
    """

    metrics: tuple[str, ...]
    choice: Choice
    kinds: Mapping[str, ModelKind]
    quiet_until_us: Mapping[str, int] | int | None = None

    def quiet_until(self, device_id: str) -> int:
        """Return from when a device may alarm, in Unix µs."""
        quiet = self.quiet_until_us
        if quiet is None or isinstance(quiet, int):
            return _EVER if quiet is None else quiet
        return quiet.get(device_id, _EVER)


@dataclass(slots=True)
class Recorded:
    """One device of the recording. Instants are Unix µs; ``place`` is its row in its product's model."""

    device_id: str
    product: str
    place: int
    quiet_until_us: int
    first_us: int
    last_us: int
    rows: int = 0

    @property
    def judged_us(self) -> int:
        """Return for how long it was judged."""
        return max(self.last_us - max(self.first_us, self.quiet_until_us), 0)


@dataclass(slots=True)
class Product:
    """One product's model; ``columns`` has the layout's column of each of the file's metrics, −1 while unseen."""

    model: Model
    columns: Places
    layout: Layout = field(default_factory=Layout)
    devices: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with each row's device, its row in its product's model, and from when it may alarm."""

    rows: Rows
    device: Places
    place: NDArray[np.int32]
    from_us: NDArray[np.int64]


class Replay:
    """The recording as far as it was fed."""

    def __init__(self, way: Pass) -> None:
        self._pass = way
        self._products: dict[str, Product] = {}
        self._known: dict[tuple[str, str], int] = {}
        self._silences = Silences()
        self._book = AlarmBook()
        self.devices: list[Recorded] = []

    def take(self, rows: Rows) -> Scored:
        """Score the next rows, then learn from them.

        Raises:
            RowProblemError: a row is older than the one before it of its device.
        """
        batch = self._batch(rows)
        self._follow(batch)
        onset, state, drift = (np.zeros(len(rows), np.float32) for _ in range(3))
        scored = Scored(onset, state, drift, np.zeros(len(rows), np.bool_))
        for code, name in enumerate(rows.products):
            product = self._product(name)
            for part in self._parts(product, rows, np.flatnonzero(rows.product == code)):
                self._score(product, batch, part, scored)
        return scored

    def alarms(self) -> list[Alarm]:
        """Return all alarms by device and time, those of silence among them."""
        silences = self._silences.alarms(
            [device.first_us for device in self.devices], [device.last_us for device in self.devices]
        )
        heard = [alarm for alarm in silences if alarm.at_us >= self.devices[alarm.device].quiet_until_us]
        return sorted([*self._book.alarms, *heard], key=lambda alarm: (alarm.device, alarm.at_us))

    def _score(self, product: Product, batch: Batch, part: Places, scored: Scored) -> None:
        """Step the product's model over some rows and write down what it says."""
        rows = batch.rows
        of_file = np.flatnonzero(product.columns >= 0)
        values = np.empty((len(part), len(of_file)), np.float32)
        values[:, product.columns[of_file]] = rows.values[np.ix_(part, of_file)]
        scores = product.model.step(
            Samples(
                device=batch.place[part],
                at_s=rows.at_us[part] / 1e6,
                values=values,
                regime=_regimes(product.layout, rows, part),
                learn=np.ones(len(part), np.bool_),
            )
        )
        judged = Judged(batch.device[part], rows.at_us[part], batch.from_us[part], scores, product.layout.metrics)
        scored.onset[part], scored.state[part], scored.drift[part] = scores.onset, scores.state, scores.drift
        scored.alarm[part] = self._book.take(judged)

    def _parts(self, product: Product, rows: Rows, members: Places) -> Iterator[Places]:
        """Yield a product's rows in parts, so that a metric joins the model just before its first value."""
        unseen = np.flatnonzero(product.columns < 0)
        has = np.isfinite(rows.values[np.ix_(members, unseen)])
        first = np.where(has.any(axis=0), has.argmax(axis=0), len(members))
        done = 0
        for place in np.argsort(first, kind="stable").tolist():
            row = int(first[place])
            if row == len(members):
                break
            if row > done:
                yield members[done:row]
                done = row
            column = product.layout.column(self._pass.metrics[unseen[place]])
            if column is not None:
                product.columns[unseen[place]] = column
        if done < len(members):
            yield members[done:]

    def _follow(self, batch: Batch) -> None:
        """Keep up when each device spoke; refuse a row that goes back in time."""
        rows, device = batch.rows, batch.device
        order = np.argsort(device, kind="stable")
        bounds = np.concatenate([[0], np.flatnonzero(np.diff(device[order])) + 1, [len(rows)]]).tolist()
        self._silences.note(rows.at_us)
        wrong: list[tuple[int, int, int]] = []
        for start, end in pairwise(bounds):
            run = order[start:end]
            place, at_us = int(device[run[0]]), rows.at_us[run]
            recorded = self.devices[place]
            before = np.concatenate([[recorded.last_us], at_us[:-1]])
            back = np.flatnonzero(at_us < before)
            if len(back):
                wrong.append((int(run[back[0]]), place, int(before[back[0]])))
                continue
            recorded.last_us = int(at_us[-1])
            recorded.rows += len(run)
            self._silences.hear(place, at_us)
        if wrong:
            row, place, before_us = min(wrong)
            problem = f"device {self.devices[place].device_id!r} goes back in time, from "
            problem += f"{_instant(before_us)} to {_instant(int(rows.at_us[row]))}"
            raise RowProblemError(row, problem)

    def _batch(self, rows: Rows) -> Batch:
        """Return whose row each is; a device whose product changes is another device from there on."""
        combined = rows.product.astype(np.int64) * len(rows.devices) + rows.device
        codes, first, back = np.unique(combined, return_index=True, return_inverse=True)
        place = np.empty(len(codes), np.intp)
        for code in np.argsort(first, kind="stable").tolist():
            row = first[code]
            device_id, product = rows.devices[rows.device[row]], rows.products[rows.product[row]]
            place[code] = self._device(device_id, product, int(rows.at_us[row]))
        known = [self.devices[device] for device in place.tolist()]
        back = back.ravel()
        return Batch(
            rows=rows,
            device=place[back],
            place=np.array([device.place for device in known], np.int32)[back],
            from_us=np.array([device.quiet_until_us for device in known], np.int64)[back],
        )

    def _device(self, device_id: str, product: str, at_us: int) -> int:
        known = self._known.get((device_id, product))
        if known is not None:
            return known
        part = self._product(product)
        self._known[device_id, product] = len(self.devices)
        quiet_until_us = self._pass.quiet_until(device_id)
        self.devices.append(Recorded(device_id, product, part.devices, quiet_until_us, at_us, at_us))
        part.devices += 1
        part.model.grow(part.devices)
        return len(self.devices) - 1

    def _product(self, name: str) -> Product:
        product = self._products.get(name)
        if product is None:
            model = self._pass.kinds[self._pass.choice(name)].make()
            product = self._products[name] = Product(model, np.full(len(self._pass.metrics), -1, np.intp))
        return product


def _regimes(layout: Layout, rows: Rows, part: Places) -> NDArray[np.int32]:
    """Return the rows' regimes; new ones are given out in the order of their first row."""
    codes, first, back = np.unique(rows.context[part], return_index=True, return_inverse=True)
    regime = np.empty(len(codes), np.int32)
    for code in np.argsort(first, kind="stable").tolist():
        regime[code] = layout.regime(rows.contexts[codes[code]])
    return regime[back.ravel()]


def _instant(at_us: int) -> str:
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat()
