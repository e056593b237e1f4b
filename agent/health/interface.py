"""What every per-device model takes and gives (pure): batches of samples in, scores out.

The model never sees a playbook, a customer or a clock, and it never speaks of faults: its scores
become findings in ``findings.py``, and only diagnosis names a cause.
"""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Samples:
    """A batch of ``n`` samples of one product; rows of one device are in time order.

    Attributes:
        device: int32 ``(n,)``, the device's row in the model's arrays.
        at_s: float64 ``(n,)``, Unix seconds.
        values: float32 ``(n, metrics)``, in the metrics' own units; NaN means not measured.
        regime: int32 ``(n,)``, the operating regime; 0 where the product names none.
        learn: bool ``(n,)``; False scores the sample and teaches nothing (a remedy is at work).
    """

    device: NDArray[np.int32]
    at_s: NDArray[np.float64]
    values: NDArray[np.float32]
    regime: NDArray[np.int32]
    learn: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """One entry a sample, in input order.

    Attributes:
        onset: float32 ``(n,)``, −log10 of the tail probability that something just changed.
        state: float32 ``(n,)``, −log10 of the tail probability that the device is normal now.
        drift: float32 ``(n,)``, slow wear in multiples of the fleet's threshold; 1 is at it.
        alarm: bool ``(n,)``, what the per-device alarm budget would have raised.
        warming: bool ``(n,)``, too little seen to judge; the other scores are then 0.
        because: float32 ``(n, metrics)``, each metric's share in the evidence, signed by direction
            (positive: higher than usual); 0 when it adds nothing.
        z: float32 ``(n, metrics)``, the short-run standardised deviation from the device's own
            level, in its standard deviations; NaN when not known.
        usual: float32 ``(n, metrics)``, the device's own level in the metric's unit; NaN when not known.
    """

    onset: NDArray[np.float32]
    state: NDArray[np.float32]
    drift: NDArray[np.float32]
    alarm: NDArray[np.bool_]
    warming: NDArray[np.bool_]
    because: NDArray[np.float32]
    z: NDArray[np.float32]
    usual: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lasting:
    """How far each metric of a device has been from its usual over the last sixteen hours; an entry a metric.

    Attributes:
        z: float32, in what devices of the product stray as a rule over such a time, positive above; NaN: not known.
        shift: float32, in the metric's own unit; NaN: not known.
    """

    z: NDArray[np.float32]
    shift: NDArray[np.float32]


NOTHING_LASTS = Lasting(np.empty(0, np.float32), np.empty(0, np.float32))


class Model(Protocol):
    """One online model a device for all devices of one product; scores a sample, then learns from it."""

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from those marked ``learn``."""
        ...

    def grow(self, devices: int) -> None:
        """Make room for at least ``devices`` device rows; what is known stays."""
        ...

    def forget(self, device: int) -> None:
        """Let a device row be as it was before its first sample; what it taught the fleet as a whole stays."""
        ...

    def lasting(self, device: int) -> Lasting:
        """Return what has been lasting of a device; no entries: the model does not look that far back."""
        ...

    def begin_anew(self, device: int) -> None:
        """Let what has been lasting of a device count from nothing."""
        ...

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        ...

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """Return the model a snapshot describes.

        Raises:
            SnapshotError: the bytes are damaged, or of another kind or version.
        """
        ...
