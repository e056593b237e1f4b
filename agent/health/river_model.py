"""The first per-device model (state), built on river's running statistics, behind ``interface.Model``.

Plain Python a sample: some tens of µs, and 100 kB a device of 19 metrics. Slow wear is measured against how far
devices of this product usually wander, so one that wanders as all do is not worn.
"""

from dataclasses import dataclass, field
from math import isnan, sqrt
from typing import Final, Self

import msgspec
import numpy as np

from agent.health.errors import SnapshotError
from agent.health.interface import NOTHING_LASTS, Lasting, Samples, Scores
from agent.health.long_mean import LongMean
from agent.health.river_device import DeviceModel
from agent.health.river_snapshot import PackedDevice, Pairs, fill_means, pack_device, pack_means, unpack_device
from agent.health.seal import seal, unseal

KIND: Final = "river"
_VERSION: Final = 1
_WANDER: Final = 0.0625  # squared, in standard deviations: a quarter, until the fleet has shown its own
_WANDER_WEIGHT: Final = 5_000.0
_DRIFT_AT: Final = 4.0  # so many times what is usual in the fleet is drift 1
_DRIFT_AFTER_S: Final = 86_400.0  # of being judged: the first days' rhythm is no wear


_BODY: Final = msgspec.msgpack.Decoder(tuple[tuple[float, int], Pairs, list[PackedDevice]])


@dataclass(frozen=True, slots=True)
class Patience:
    """How much must be seen of a device before it is judged; a day holds every hour's habits once."""

    span_s: float = 86_400.0
    samples: int = 100


@dataclass(slots=True)
class RiverModel:
    """One model a device, as a list; ``wander`` is each metric's usual squared slow deviation in the fleet."""

    patience: Patience = field(default_factory=Patience)
    devices: list[DeviceModel] = field(default_factory=list)
    wander: list[LongMean] = field(default_factory=list)

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from those marked ``learn``; more columns than before are new metrics."""
        count, width = samples.values.shape
        while len(self.wander) < width:
            self.wander.append(LongMean())
        onset, state, drift = (np.zeros(count, np.float32) for _ in range(3))
        alarm, warming = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        because, z, usual = (np.zeros((count, width), np.float32) for _ in range(3))
        rows = zip(
            samples.device.tolist(),
            samples.values.tolist(),
            samples.at_s.tolist(),
            samples.regime.tolist(),
            samples.learn.tolist(),
            strict=True,
        )
        for row, (place, values, at_s, regime, learn) in enumerate(rows):
            device = self.devices[place]
            scores = device.take(values, at_s, regime, learn=learn)
            onset[row], state[row], alarm[row] = scores.onset, scores.state, scores.alarm
            warming[row] = scores.warming
            drift[row] = self._drift(device, at_s, learn=learn)
            because[row], z[row], usual[row] = scores.because, scores.z, scores.usual
        return Scores(
            onset=onset, state=state, drift=drift, alarm=alarm, warming=warming, because=because, z=z, usual=usual
        )

    def grow(self, devices: int) -> None:
        """Make room for at least ``devices`` device rows; what is known stays."""
        while len(self.devices) < devices:
            self.devices.append(DeviceModel(self.patience.span_s, self.patience.samples))

    def forget(self, device: int) -> None:
        """Let a device row be as it was before its first sample; the fleet's averages stay."""
        self.devices[device] = DeviceModel(self.patience.span_s, self.patience.samples)

    def lasting(self, device: int) -> Lasting:
        """Return what has been lasting of a device."""
        known = self.devices[device]
        if not known.last_s - known.first_s >= known.warm_s + _DRIFT_AFTER_S:
            return NOTHING_LASTS
        wander = np.array([sqrt(one.with_prior(_WANDER, _WANDER_WEIGHT)) for one in self.wander], np.float32)
        slow = np.array([metric.slow for metric in known.metrics], np.float32)
        spread = np.array([metric.spread() for metric in known.metrics], np.float32)
        return Lasting(slow / wander[: len(slow)], slow * spread)

    def begin_anew(self, device: int) -> None:
        """Let what has been lasting of a device count from nothing."""
        for metric in self.devices[device].metrics:
            metric.slow = 0.0

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        body = msgspec.msgpack.encode(
            (
                (self.patience.span_s, self.patience.samples),
                pack_means(self.wander),
                [pack_device(device) for device in self.devices],
            )
        )
        return seal(KIND, _VERSION, body)

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """Return the model a snapshot describes.

        Raises:
            SnapshotError: the bytes are damaged, or of another kind or version.
        """
        body = unseal(KIND, _VERSION, data)
        try:
            patience, wander, devices = _BODY.decode(body)
            model = cls(Patience(*patience), wander=[LongMean() for _ in wander])
            fill_means(model.wander, wander)
            model.grow(len(devices))
            for device, packed in zip(model.devices, devices, strict=True):
                unpack_device(packed, device)
        except (msgspec.DecodeError, ValueError) as error:
            raise SnapshotError(KIND, str(error)) from error
        return model

    def _drift(self, device: DeviceModel, at_s: float, *, learn: bool) -> float:
        if at_s - device.first_s < device.warm_s + _DRIFT_AFTER_S:
            return 0.0
        learn = learn and isnan(device.trouble_s)
        worst = 0.0
        for metric, wander in zip(device.metrics, self.wander, strict=False):
            squared = metric.slow * metric.slow
            worst = max(worst, squared / wander.with_prior(_WANDER, _WANDER_WEIGHT))
            if learn:
                wander.update(squared)
        return sqrt(worst) / _DRIFT_AT
