"""Every device's health (state): fed in journal order, read from any thread.

What moves with every sample lies in columns (``hot``); a device's object is brought up to date before it is read.

What changes it comes from the journal alone, clock ticks and quiet marks included, so that the same journal gives
the same fleet. ``ask`` only asks: what it asks for is journaled and then takes effect.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.health.device import DeviceHealth, instant
from agent.health.findings import Finding, FindingKind, HealthView
from agent.health.gathering import Gathering, Parts, Source
from agent.health.hot import Hot
from agent.health.interface import Samples
from agent.health.marks import Asked, Mark
from agent.health.models import KINDS, Choice, ModelKind, usual_kind
from agent.health.product import ProductHealth, Raised
from agent.health.recent import NOTHING, Recent, Ring
from agent.health.silence import Habit
from broker.messages import Birth, Telemetry

RECENT_ROWS: Final = 1_440
"""Samples a device kept in memory: a day at one a minute."""
_TICKS_MISSED_S: Final = 300.0  # no tick for so long: we were not listening


class Fleet:
    """The health of all devices. One thread feeds it; ``view``, ``recent`` and ``ask`` are for any."""

    def __init__(
        self, *, choice: Choice = usual_kind, kinds: Mapping[str, ModelKind] = KINDS, recent_rows: int = RECENT_ROWS
    ) -> None:
        self.choice = choice
        self._kinds = kinds
        self.recent_rows = recent_rows
        self.begun_anew: tuple[str, ...] = ()
        self.lock = threading.Lock()
        self._asked = Asked()
        self.hot = Hot.empty()
        self.gathering = Gathering()
        self._slots: list[DeviceHealth] = []
        self._kinds_of_device: dict[tuple[str, tuple[str, ...]], int] = {}
        self._forgotten: set[str] = set()
        self.products: dict[str, ProductHealth] = {}
        self.devices: dict[str, DeviceHealth] = {}
        self.listening_since_s = float("inf")
        self.ticked_s = float("-inf")

    # Read from any thread.

    def view(self, device_id: str) -> HealthView | None:
        """Return what is known about a device's health; ``None``: nothing was ever heard of it."""
        with self.lock:
            device = self.devices.get(device_id)
            return None if device is None else self.products[device.product].view(self.current(device))

    def recent(self, device_id: str, metrics: Sequence[str] | None = None, since: datetime | None = None) -> Recent:
        """Return the newest samples in memory, oldest first; empty for an unknown device.

        ``metrics`` chooses columns (``None``: all; one the device does not have is all NaN), ``since`` the oldest
        instant (``None``: all there is).
        """
        with self.lock:
            device = self.devices.get(device_id)
            if device is None:
                return NOTHING
            ring = self.products[device.product].fresh.with_ring(device.place, device.ring)
            at_s, values, state = ring.read(None if since is None else since.timestamp())
            known = self._metrics(device)
        return Recent.of(at_s, known, values, state, known if metrics is None else tuple(metrics))

    def ask(self, device_id: str, mark: Mark) -> None:
        """Ask for a mark on a device; it takes effect once it is journaled."""
        with self.lock:
            self._asked.ask(device_id, mark)

    def quieted_devices(self) -> frozenset[str]:
        """Return the devices whose samples teach nothing, unless it was asked that they do again."""
        with self.lock:
            return frozenset(
                device.device_id
                for device in self.devices.values()
                if self._asked.quiets(device.device_id, learns=device.learn)
            )

    def take_asked(self) -> list[tuple[str, Mark]]:
        """Return what was asked since the last call, to be journaled."""
        with self.lock:
            return self._asked.take()

    def take_forgotten(self) -> frozenset[str]:
        """Return the devices that were forgotten since the last call."""
        with self.lock:
            forgotten, self._forgotten = self._forgotten, set()
            return frozenset(forgotten)

    # Fed by one thread, in journal order.

    def born(self, device_id: str, birth: Birth) -> None:
        """Take what a device says it is; another product than before starts it anew."""
        with self.lock:
            device = self._device(device_id, birth.product)
            device.context = birth.context
            device.habit.off_on_purpose = False
            self._set_kind(device)
            for metric in birth.metrics:
                if metric not in birth.context:
                    self.products[device.product].layout.column(metric)

    def let_learn(self, device_id: str, *, learn: bool) -> None:
        """Let a device's samples teach from here on, or not."""
        with self.lock:
            if (device := self.devices.get(device_id)) is not None:
                device.learn = self.hot.columns.learn[device.slot] = learn

    def begin_anew(self, device_id: str) -> None:
        """Let what has been changing slowly count from nothing."""
        with self.lock:
            if (device := self.devices.get(device_id)) is not None:
                self.products[device.product].model.begin_anew(device.place)
                self.hot.pull(device).raising.end_wear()
                self.hot.push(device)

    def forgotten(self, device_id: str) -> None:
        """Forget all there is about a device; its rows stay, for they are numbered, and say nothing any more."""
        with self.lock:
            self.devices.pop(device_id, None)
            self._forgotten.add(device_id)
            for product in self.products.values():
                for blank in product.forget(device_id, self.recent_rows):
                    self._slots[blank.slot] = blank
                    self.hot.push(blank)

    def said(self, device_id: str, code: str) -> None:
        """Take note of an event's code."""
        with self.lock:
            if device_id in self.devices:
                self.devices[device_id].habit.said(code)

    def gap(self, device_id: str, arrived_s: float) -> None:
        """Take note that messages of a device are missing."""
        with self.lock:
            device = self.hot.pull(self._device(device_id, None))
            device.gap(arrived_s)
            self.hot.push(device)

    def slot(self, device_id: str) -> int:
        """Return a device's entry in the hot columns; it gets one when it is new."""
        device = self.devices.get(device_id)
        return self._device(device_id, None).slot if device is None else device.slot

    def sample(self, device_id: str, telemetry: Telemetry, at_s: Sequence[float], source: Source) -> None:
        """Collect the samples of one message for ``score``; ``at_s`` has an entry a sample, NaN: leave that one out.

        Samples not newer than the newest of their device are kept from the model.
        """
        with self.lock:
            device = self.hot.pull(self._device(device_id, None))
            layout = self.products[device.product].layout
            plan = self.gathering.plan(device.product, layout, telemetry.metrics, device.context)
            after_gap = source.after_gap
            for row, moment in enumerate(at_s):
                if moment > device.newest_s:
                    device.newest_s = moment
                    self.gathering.add(
                        telemetry,
                        plan,
                        row,
                        layout,
                        device.slot,
                        moment,
                        source,
                        learn=device.learn,
                        after_gap=after_gap,
                    )
                    after_gap = False
            device.habit.heard(source.arrived_s)
            if after_gap:
                device.gap(source.arrived_s)
            self.hot.push(device)

    def plan_form(self, slot: int, form: int, parts: Parts | None) -> None:
        """Let samples of a form go by it, for all devices like this one; ``None``: none may."""
        device = self._slots[slot]
        kind = int(self.hot.columns.kind[slot])
        self.gathering.plan_form(kind, form, parts, self.products[device.product].layout, device.context)

    def widest(self) -> int:
        """Return the most columns a product has."""
        return max((len(product.layout.columns) for product in self.products.values()), default=0)

    def score(self) -> list[Raised]:
        """Score what was collected, learn from it, and return what it raised."""
        gathered = self.gathering
        raised: list[Raised] = []
        if gathered.count:
            products = list(self.products.values())
            of_row = self.hot.columns.product[gathered.rows.slot[: gathered.count]]
            for number in np.unique(of_row).tolist():
                raised += self._score(products[number], np.flatnonzero(of_row == number))
        gathered.clear()
        return raised

    def _score(self, product: ProductHealth, order: NDArray[np.intp]) -> list[Raised]:
        """Score and publish the rows of one product."""
        rows, width = self.gathering.rows, len(product.layout.columns)
        samples = Samples(
            device=self.hot.columns.place[rows.slot[order]],
            at_s=rows.at_s[order],
            values=rows.values[order, :width],
            regime=rows.regime[order],
            learn=rows.learn[order],
        )
        scores = product.model.step(samples)
        with self.lock:
            return product.publish(self.hot, rows, order, samples, scores)

    def tick(self, now_s: float) -> list[Finding]:
        """Take note of the time; return who fell silent.

        Nobody is silent for what was sent while we did not listen: after a pause between ticks it counts anew.
        """
        if now_s - self.ticked_s > _TICKS_MISSED_S:
            self.listening_since_s = now_s
        self.ticked_s = now_s
        with self.lock:
            quiet = map(self.hot.pull, self._quiet_for_long(now_s))
            silent = [device for device in quiet if device.habit.falls_silent(now_s, self.listening_since_s)]
            for device in silent:
                self.hot.push(device)
        return [
            Finding(device.device_id, instant(now_s), FindingKind.SILENCE, device.quiet_minutes(now_s))
            for device in sorted(silent, key=lambda one: one.device_id)
        ]

    def _quiet_for_long(self, now_s: float) -> list[DeviceHealth]:
        """Return the devices that may have fallen silent: none does so sooner than the most talkative."""
        slots = self.hot.quiet_since(now_s - Habit().longest_s, self.listening_since_s)
        found = [self._slots[slot] for slot in slots]
        return [device for device in found if self.devices.get(device.device_id) is device]

    def product(self, name: str) -> ProductHealth:
        """Return a product's part, made when it is new."""
        product = self.products.get(name)
        if product is None:
            kind = self.choice(name)
            product = self.products[name] = ProductHealth(kind, len(self.products), self.kind(kind).make())
        return product

    def kind(self, name: str) -> ModelKind:
        """Return a kind of model by its name; ``KeyError``: there is none."""
        return self._kinds[name]

    def settle_in(self, device: DeviceHealth) -> None:
        """Give a device its entry in the hot columns."""
        device.slot = self.hot.add()
        self._slots.append(device)
        columns = self.hot.columns
        columns.product[device.slot], columns.place[device.slot] = self.products[device.product].number, device.place
        self._set_kind(device)
        self.hot.push(device)

    def current(self, device: DeviceHealth) -> DeviceHealth:
        """Bring a device up to date and return it."""
        self.products[device.product].newest.tell(device)
        return self.hot.pull(device)

    def _device(self, device_id: str, product: str | None) -> DeviceHealth:
        """Return a device, made when it is new; ``product`` ``None``: whatever it is, or not known yet."""
        known = self.devices.get(device_id)
        if known is not None and product in {None, known.product}:
            return known
        name = product or ""
        part = self.product(name)
        device = DeviceHealth(device_id, name, len(part.devices), Ring(self.recent_rows))
        if known is not None:
            device.habit, device.learn = replace(self.hot.pull(known).habit), known.learn
        part.devices.append(device)
        part.model.grow(len(part.devices))
        self.devices[device_id] = device
        self.settle_in(device)
        return device

    def _set_kind(self, device: DeviceHealth) -> None:
        """Number the product and context of a device: what decides how its messages fit."""
        kinds = self._kinds_of_device
        self.hot.columns.kind[device.slot] = kinds.setdefault((device.product, device.context), len(kinds))

    def _metrics(self, device: DeviceHealth) -> tuple[str, ...]:
        return self.products[device.product].layout.metrics
