"""Every device's health (state): fed in journal order, read from any thread.

What changes it comes from the journal alone, clock ticks and quiet marks included, so that the same journal gives
the same fleet. ``quiet`` and ``teach`` only ask: what they ask for is journaled and then takes effect.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.health.device import DeviceHealth, instant
from agent.health.findings import Finding, FindingKind, HealthView
from agent.health.gathering import Gathering, Sample, Source
from agent.health.interface import Model, Scores
from agent.health.layout import Layout
from agent.health.models import KINDS, Choice, ModelKind, usual_kind
from agent.health.recent import NOTHING, Recent, Ring
from broker.messages import Birth, Telemetry

RECENT_ROWS: Final = 1_440
"""Samples a device kept in memory: a day at one a minute."""
_TICKS_MISSED_S: Final = 300.0  # no tick for so long: we were not listening
_MINUTE_S: Final = 60.0


@dataclass(slots=True)
class ProductHealth:
    """One product's layout, model and devices; a device's place in the list is its row in the model."""

    kind: str
    model: Model
    gathering: Gathering
    devices: list[DeviceHealth] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding and the journal offset of the record that raised it."""

    offset: int
    finding: Finding


class Fleet:
    """The health of all devices. One thread feeds it; ``view``, ``recent``, ``quiet`` and ``teach`` are for any."""

    def __init__(
        self, *, choice: Choice = usual_kind, kinds: Mapping[str, ModelKind] = KINDS, recent_rows: int = RECENT_ROWS
    ) -> None:
        self.choice = choice
        self._kinds = kinds
        self.recent_rows = recent_rows
        self.begun_anew: tuple[str, ...] = ()
        self._lock = threading.Lock()
        self._asked: dict[str, bool | None] = {}
        self._forgotten: set[str] = set()
        self.products: dict[str, ProductHealth] = {}
        self.devices: dict[str, DeviceHealth] = {}
        self.listening_since_s = float("inf")
        self.ticked_s = float("-inf")

    # Read from any thread.

    def view(self, device_id: str) -> HealthView | None:
        """Return what is known about a device's health; ``None``: nothing was ever heard of it."""
        with self._lock:
            device = self.devices.get(device_id)
            return None if device is None else device.view(self._metrics(device))

    def recent(self, device_id: str, metrics: Sequence[str] | None = None, since: datetime | None = None) -> Recent:
        """Return the newest samples in memory, oldest first; empty for an unknown device.

        ``metrics`` chooses columns (``None``: all; one the device does not have is all NaN), ``since`` the oldest
        instant (``None``: all there is).
        """
        with self._lock:
            device = self.devices.get(device_id)
            if device is None:
                return NOTHING
            at_s, values, state = device.ring.read(None if since is None else since.timestamp())
            known = self._metrics(device)
        names = known if metrics is None else tuple(metrics)
        chosen = np.full((len(at_s), len(names)), np.nan, np.float32)
        for place, name in enumerate(names):
            if name in known and known.index(name) < values.shape[1]:
                chosen[:, place] = values[:, known.index(name)]
        return Recent(at_s, names, chosen, state)

    def quiet(self, device_id: str) -> None:
        """Ask that the device's samples teach nothing from now on: a remedy is at work."""
        with self._lock:
            self._asked[device_id] = False

    def teach(self, device_id: str) -> None:
        """Ask that the device's samples teach again."""
        with self._lock:
            self._asked[device_id] = True

    def forget(self, device_id: str) -> None:
        """Ask that everything known about the device be forgotten; what it says afterwards starts it anew."""
        with self._lock:
            self._asked[device_id] = None

    def quieted_devices(self) -> frozenset[str]:
        """Return the devices whose samples teach nothing, unless it was asked that they do again."""
        with self._lock:
            return frozenset(
                device.device_id
                for device in self.devices.values()
                if self._asked.get(device.device_id, device.learn) is False
            )

    def take_asked(self) -> dict[str, bool | None]:
        """Return what was asked since the last call, to be journaled: False quiets, True teaches, ``None`` forgets."""
        with self._lock:
            asked, self._asked = self._asked, {}
            return asked

    def take_forgotten(self) -> frozenset[str]:
        """Return the devices that were forgotten since the last call."""
        with self._lock:
            forgotten, self._forgotten = self._forgotten, set()
            return frozenset(forgotten)

    # Fed by one thread, in journal order.

    def born(self, device_id: str, birth: Birth) -> None:
        """Take what a device says it is; another product than before starts it anew."""
        with self._lock:
            device = self._device(device_id, birth.product)
            device.context = birth.context
            device.habit.off_on_purpose = False
            for metric in birth.metrics:
                if metric not in birth.context:
                    self.products[device.product].gathering.layout.column(metric)

    def let_learn(self, device_id: str, *, learn: bool) -> None:
        """Let a device's samples teach from here on, or not."""
        with self._lock:
            if device_id in self.devices:
                self.devices[device_id].learn = learn

    def forgotten(self, device_id: str) -> None:
        """Forget all there is about a device; its rows stay, for they are numbered, and say nothing any more."""
        with self._lock:
            self.devices.pop(device_id, None)
            self._forgotten.add(device_id)
            for product in self.products.values():
                for place, device in enumerate(product.devices):
                    if device.device_id == device_id:
                        product.devices[place] = DeviceHealth("", device.product, place, Ring(self.recent_rows))
                        product.model.forget(place)

    def said(self, device_id: str, code: str) -> None:
        """Take note of an event's code."""
        with self._lock:
            if device_id in self.devices:
                self.devices[device_id].habit.said(code)

    def gap(self, device_id: str, arrived_s: float) -> None:
        """Take note that messages of a device are missing."""
        with self._lock:
            self._device(device_id, None).gap(arrived_s)

    def sample(self, device_id: str, telemetry: Telemetry, at_s: Sequence[float], source: Source) -> None:
        """Collect the samples of one message for ``score``; ``at_s`` has an entry a sample, NaN: leave that one out.

        Samples not newer than the newest of their device are kept from the model.
        """
        device = self.devices.get(device_id) or self._device(device_id, None)
        gathering = self.products[device.product].gathering
        plan = gathering.plan(telemetry.metrics, device.context)
        after_gap = source.after_gap
        for row, moment in enumerate(at_s):
            if moment > device.newest_s:
                device.newest_s = moment
                gathering.add(telemetry, plan, row, Sample(device.place, moment, device.learn, source, after_gap))
                after_gap = False
        with self._lock:
            device.habit.heard(source.arrived_s)
            if after_gap:
                device.gap(source.arrived_s)

    def score(self) -> list[Raised]:
        """Score what was collected, learn from it, and return what it raised."""
        raised: list[Raised] = []
        for product in self.products.values():
            gathered = product.gathering
            if not gathered.collected:
                continue
            samples = gathered.samples()
            scores = product.model.step(samples)
            with self._lock:
                raised += _published(product, samples.values, scores)
            gathered.clear()
        return raised

    def tick(self, now_s: float) -> list[Finding]:
        """Take note of the time; return who fell silent.

        Nobody is silent for what was sent while we did not listen: after a pause between ticks it counts anew.
        """
        if now_s - self.ticked_s > _TICKS_MISSED_S:
            self.listening_since_s = now_s
        self.ticked_s = now_s
        with self._lock:
            return [
                Finding(
                    device.device_id,
                    instant(now_s),
                    FindingKind.SILENCE,
                    (now_s - (device.habit.since_s or now_s)) / _MINUTE_S,
                )
                for device in self.devices.values()
                if device.habit.falls_silent(now_s, self.listening_since_s)
            ]

    def product(self, name: str) -> ProductHealth:
        """Return a product's part, made when it is new."""
        product = self.products.get(name)
        if product is None:
            kind = self.choice(name)
            product = ProductHealth(kind, self.kind(kind).make(), Gathering(Layout()))
            self.products[name] = product
        return product

    def kind(self, name: str) -> ModelKind:
        """Return a kind of model by its name; ``KeyError``: there is none."""
        return self._kinds[name]

    def _device(self, device_id: str, product: str | None) -> DeviceHealth:
        """Return a device, made when it is new; ``product`` ``None``: whatever it is, or not known yet."""
        known = self.devices.get(device_id)
        if known is not None and product in {None, known.product}:
            return known
        name = product or ""
        part = self.product(name)
        device = DeviceHealth(device_id, name, len(part.devices), Ring(self.recent_rows))
        if known is not None:
            device.habit, device.learn = known.habit, known.learn
        part.devices.append(device)
        part.model.grow(len(part.devices))
        self.devices[device_id] = device
        return device

    def _metrics(self, device: DeviceHealth) -> tuple[str, ...]:
        return self.products[device.product].gathering.layout.metrics


def _published(product: ProductHealth, values: NDArray[np.float32], scores: Scores) -> list[Raised]:
    """Hand every sample's scores to its device; return the findings."""
    gathered = product.gathering
    metrics = gathered.layout.metrics
    raised: list[Raised] = []
    state, drift = scores.state.tolist(), scores.drift.tolist()
    alarm, warming = scores.alarm.tolist(), scores.warming.tolist()
    for row, sample in enumerate(gathered.collected):
        device, at_s, source = product.devices[sample.device], sample.at_s, sample.source
        if sample.after_gap:
            device.gap(source.arrived_s)
        device.values, device.z, device.usual = values[row], scores.z[row], scores.usual[row]
        device.because = scores.because[row]
        device.scored(state=state[row], drift=drift[row], warming=warming[row], at_s=at_s, arrived_s=source.arrived_s)
        device.ring.add(at_s, values[row], np.nan if warming[row] else state[row])
        kind = device.raising.take(
            alarm=alarm[row], state=state[row], drift=drift[row], verdict=device.verdict, at_s=at_s
        )
        if kind is not None:
            score = drift[row] if kind is FindingKind.DRIFT else max(state[row], float(scores.onset[row]))
            because = device.reasons(metrics, every=False)
            raised.append(Raised(source.offset, Finding(device.device_id, instant(at_s), kind, score, because)))
    for place in {sample.device for sample in gathered.collected}:
        product.devices[place].keep_own()
    return raised
