"""What the slow path and the console ask of the per-device models (pure: only the shapes)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agent.health.findings import HealthView
from agent.health.marks import Mark


class Readings(Protocol):
    """Samples of one device, oldest first; ``n`` may be 0."""

    @property
    def at_s(self) -> NDArray[np.float64]:
        """Unix seconds, ``(n,)``."""
        ...

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the columns of ``values``."""
        ...

    @property
    def values(self) -> NDArray[np.floating[Any]]:
        """``(n, metrics)``, each in the metric's own unit; NaN: not measured."""
        ...

    @property
    def state(self) -> NDArray[np.float32]:
        """``(n,)``, −log10 of the tail probability of being normal."""
        ...


class HealthReader(Protocol):
    """What the models know right now; safe to ask from any thread."""

    def view(self, device_id: str) -> HealthView | None:
        """Return what is known about a device's health; ``None``: nothing was ever heard."""
        ...

    def recent(self, device_id: str, metrics: Sequence[str] | None, since: datetime | None) -> Readings:
        """Return what is still in memory of some metrics (``None``: all); empty for an unknown device."""
        ...

    def ask(self, device_id: str, mark: Mark) -> None:
        """Ask for a mark on a device, such as that its samples teach nothing: a remedy is at work."""
        ...

    def quieted_devices(self) -> frozenset[str]:
        """Return the devices whose samples teach nothing."""
        ...
