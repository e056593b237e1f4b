"""River's detectors as kinds of the per-device model (state): for those who bring their own, and to compare with.

One detector a device, fed sample by sample: some hundred times slower than the compiled model. A river detector has no
notion of slow wear, so ``drift`` is always 0, and it knows no operating regimes. Missing metrics are left out.
"""

from typing import Final, Self

import numpy as np

from agent.health.detector_device import DetectorDevice
from agent.health.detector_snapshot import pack_devices, unpack_devices
from agent.health.interface import NOTHING_LASTS, Lasting, Samples, Scores

WARM: Final = 256
"""Samples learned before the scores are watched, and again so many before a device is judged."""


class DetectorModel:
    """A river detector for each device of one product.

    Args:
        name: of the detector, a key of ``river_detectors.DETECTORS``.
        warm: see ``WARM``; until then a sample is "warming", never "normal".
    """

    def __init__(self, name: str, warm: int = WARM) -> None:
        self.name = name
        self.warm = warm
        self.devices: list[DetectorDevice] = []

    def grow(self, devices: int) -> None:
        """Make room for at least ``devices`` device rows; what is known stays."""
        while len(self.devices) < devices:
            self.devices.append(DetectorDevice.of(self.name))

    def forget(self, device: int) -> None:
        """Let a device row be as it was before its first sample."""
        self.devices[device] = DetectorDevice.of(self.name)

    def lasting(self, device: int) -> Lasting:  # noqa: ARG002 - of any device
        """Return nothing: a detector does not look that far back."""
        return NOTHING_LASTS

    def begin_anew(self, device: int) -> None:
        """Do nothing: a detector does not look that far back."""

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from those marked ``learn``."""
        rows, width = samples.values.shape
        scores = Scores(
            onset=np.zeros(rows, np.float32),
            state=np.zeros(rows, np.float32),
            drift=np.zeros(rows, np.float32),
            alarm=np.zeros(rows, np.bool_),
            warming=np.zeros(rows, np.bool_),
            because=np.zeros((rows, width), np.float32),
            z=np.full((rows, width), np.nan, np.float32),
            usual=np.full((rows, width), np.nan, np.float32),
        )
        if rows:
            self.grow(int(samples.device.max()) + 1)
        values = samples.values.astype(np.float64)
        told = zip(samples.device.tolist(), samples.at_s.tolist(), samples.learn.tolist(), strict=True)
        for row, (place, at_s, learn) in enumerate(told):
            judged = self.devices[place].take(values[row], at_s, learn=learn, warm=self.warm)
            scores.onset[row], scores.state[row] = judged.onset, judged.state
            scores.alarm[row], scores.warming[row] = judged.alarm, judged.warming
            scores.because[row], scores.z[row], scores.usual[row] = judged.because, judged.z, judged.usual
        return scores

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        return pack_devices(self.name, self.warm, self.devices)

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """Return the model a snapshot describes.

        Raises:
            SnapshotError: the bytes are damaged, of another version, or hold what no detector is made of.
        """
        name, warm, devices = unpack_devices(data)
        model = cls(name, warm)
        model.devices = devices
        return model
