"""The health of one product's devices (state): their model, and what becomes of its scores."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.health.device import OUTLIVED_S, DeviceHealth, instant
from agent.health.findings import Finding, FindingKind, HealthView
from agent.health.gathering import Rows
from agent.health.hot import Hot
from agent.health.interface import Model, Samples, Scores
from agent.health.layout import Layout
from agent.health.raising import DRIFT_FROM, ODD_FROM
from agent.health.recent import Fresh, Ring
from agent.health.settle import Calm, settle
from agent.health.stay_log import StayLog
from agent.health.verdict import ILL_FROM

_FIRST: Final = 64
_CALM: Final = Calm(
    odd_from=ODD_FROM,
    ill_from=ILL_FROM,
    drift_from=DRIFT_FROM,
    bar_a_day=0.125,
    longest_s=86_400.0,
    outlived_s=OUTLIVED_S,
)


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding and the journal offset of the record that raised it."""

    offset: int
    finding: Finding


@dataclass(slots=True)
class Newest:
    """The newest row of every device, by its place: values, deviations, usual levels and shares, side by side.

    ``width`` is how many columns the product had by then, 0: nothing was scored yet.
    """

    rows: NDArray[np.float32] = field(default_factory=lambda: np.zeros((_FIRST, 4, 0), np.float32))
    width: NDArray[np.int16] = field(default_factory=lambda: np.zeros(_FIRST, np.int16))

    def take(self, place: NDArray[np.int32], samples: Samples, scores: Scores) -> None:
        """Take a batch; of several rows of a device the last stays."""
        width = samples.values.shape[1]
        self.make_room(int(place.max()) + 1, width)
        for part, values in enumerate((samples.values, scores.z, scores.usual, scores.because)):
            self.rows[place, part, :width] = values
        self.width[place] = width

    def make_room(self, devices: int, width: int) -> None:
        """Have room for so many devices and columns."""
        known, _, columns = self.rows.shape
        if devices > known or width > columns:
            room = known if devices <= known else max(2 * known, devices)
            rows, widths = np.zeros((room, 4, max(width, columns)), np.float32), np.zeros(room, np.int16)
            rows[:known, :, :columns], widths[:known] = self.rows, self.width
            self.rows, self.width = rows, widths

    def tell(self, device: DeviceHealth) -> None:
        """Bring the newest row into a device; one without any keeps none."""
        if device.place < len(self.width):
            width = self.width[device.place]
            parts = self.rows[device.place, :, :width].copy()
            device.values, device.z, device.usual, device.because = parts

    def keep(self, device: DeviceHealth) -> None:
        """Take the newest row from a device."""
        width = len(device.values)
        self.make_room(device.place + 1, width)
        self.rows[device.place] = 0.0
        self.rows[device.place, :, :width] = (device.values, device.z, device.usual, device.because)
        self.width[device.place] = width


@dataclass(slots=True)
class ProductHealth:
    """One product's layout, model and devices; a device's place in the list is its row in the model.

    ``number`` is the product's in the hot columns; ``fresh`` holds what is not in the devices' rings yet.
    """

    kind: str
    number: int
    model: Model
    layout: Layout = field(default_factory=Layout)
    devices: list[DeviceHealth] = field(default_factory=list)
    newest: Newest = field(default_factory=Newest)
    fresh: Fresh = field(default_factory=Fresh)
    stays: StayLog = field(default_factory=StayLog)

    def forget(self, device_id: str, recent_rows: int) -> list[DeviceHealth]:
        """Put blanks in the places of a device, which keep their rows; return them."""
        self.pour()
        blanks = [
            DeviceHealth("", device.product, device.place, Ring(recent_rows), device.slot)
            for device in self.devices
            if device.device_id == device_id
        ]
        for blank in blanks:
            self.devices[blank.place] = blank
            self.newest.keep(blank)
            self.model.forget(blank.place)
            self.stays.forget(blank.place)
        return blanks

    def view(self, device: DeviceHealth) -> HealthView:
        """Return what is known now of a device that is up to date, as others read it."""
        metrics = self.layout.metrics
        lately = self.fresh.lately(device.place, device.ring, len(metrics))
        stays = self.stays.told(device.place, tuple(self.layout.regimes)) if device.context else ()
        return device.view(metrics, self.model.lasting(device.place), lately, stays)

    def pour(self) -> None:
        """Bring what is fresh into the devices' rings."""
        self.fresh.pour([device.ring for device in self.devices])

    def publish(self, hot: Hot, rows: Rows, order: NDArray[np.intp], samples: Samples, scores: Scores) -> list[Raised]:
        """Hand the scores of rows ``order`` to their devices; return the findings."""
        asks = np.empty(len(order), np.bool_)
        settle(hot.columns, rows, order, scores.state, scores.drift, scores.warming, _CALM, asks)
        raised = self._ask(hot, rows, order, samples, scores, np.flatnonzero(asks)) if asks.any() else []
        self.newest.take(samples.device, samples, scores)
        self.stays.take(samples.device, samples.at_s, samples.regime)
        state = np.where(scores.warming, np.float32(np.nan), scores.state)
        self.fresh.add(samples.device, samples.at_s, samples.values, state)
        if self.fresh.is_full:
            self.pour()
        return raised

    def _ask(  # noqa: PLR0913, PLR0917 - what a batch is made of
        self, hot: Hot, rows: Rows, order: NDArray[np.intp], samples: Samples, scores: Scores, asking: NDArray[np.intp]
    ) -> list[Raised]:
        """Let the rules decide about some samples, in order."""
        raised: list[Raised] = []
        asked: dict[int, DeviceHealth] = {}
        for place in asking.tolist():
            row = order[place]
            slot = int(rows.slot[row])
            device = asked.get(slot)
            if device is None:
                device = asked[slot] = hot.pull(self.devices[samples.device[place]])
            at_s, arrived_s = float(samples.at_s[place]), float(rows.arrived_s[row])
            if rows.after_gap[row]:
                device.gap(arrived_s)
            state, drift = float(scores.state[place]), float(scores.drift[place])
            device.scored(state=state, drift=drift, warming=bool(scores.warming[place]), at_s=at_s, arrived_s=arrived_s)
            kind = device.raising.take(state=state, drift=drift, verdict=device.verdict, at_s=at_s)
            if kind is not None:
                device.values, device.z = samples.values[place].copy(), scores.z[place].copy()
                device.usual, device.because = scores.usual[place].copy(), scores.because[place].copy()
                if kind is FindingKind.DRIFT:
                    device.z = np.full_like(device.z, np.nan)  # the short run says nothing of what is slow
                score = drift if kind is FindingKind.DRIFT else max(state, float(scores.onset[place]))
                because = device.reasons(self.layout.metrics, every=False)
                finding = Finding(device.device_id, instant(at_s), kind, score, because)
                raised.append(Raised(int(rows.offset[row]), finding))
        for device in asked.values():
            hot.push(device)
        return raised
