"""A fleet's health as a test draws it: curves with a fault in them, instead of models and hours of samples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from agent.desk.chart import Kept
from agent.health.findings import Because, HealthView
from agent.health.marks import Mark

STEP = timedelta(minutes=1)
KEPT = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Curve:
    """A metric: its usual level, its daily swing, and a shift between two instants that grows over two hours."""

    usual: float
    swing: float
    shift: float = 0.0
    since: datetime | None = None
    until: datetime | None = None

    def at(self, when: datetime, chance: np.random.Generator) -> float:
        angle = 2 * math.pi * (when.hour + when.minute / 60) / 3
        value = self.usual + self.swing * math.sin(angle) * 0.6 + chance.normal(0, self.swing * 0.25)
        if self.since is not None and when >= self.since:
            end = self.until or when
            grown = min(1.0, (min(when, end) - self.since) / timedelta(hours=2))
            healed = math.exp(-((when - end) / timedelta(minutes=25))) if when > end else 1.0
            value += self.shift * grown * healed
        return value


@dataclass(slots=True)
class DrawnHealth:
    """Health as drawn; ``views`` by device, ``curves`` by device and metric."""

    now: datetime
    views: dict[str, HealthView] = field(default_factory=dict)
    curves: dict[str, Mapping[str, Curve]] = field(default_factory=dict)

    def view(self, device_id: str) -> HealthView | None:
        return self.views.get(device_id)

    def recent(self, device_id: str, metrics: Sequence[str] | None, since: datetime | None) -> Kept:
        drawn = self.curves.get(device_id, {})
        names = tuple(name for name in (drawn if metrics is None else metrics) if name in drawn)
        start = max(since or self.now - KEPT, self.now - KEPT)
        times = [start + n * STEP for n in range(int((self.now - start) / STEP) + 1)] if names else []
        chance = np.random.default_rng(7)
        values = [[drawn[name].at(when, chance) for name in names] for when in times]
        return Kept(
            at_s=np.array([when.timestamp() for when in times], dtype=np.float64),
            metrics=names,
            values=np.array(values, dtype=np.float32).reshape(len(times), len(names)),
            state=np.zeros(len(times), dtype=np.float32),
        )

    def ask(self, device_id: str, mark: Mark) -> None: ...

    def quieted_devices(self) -> frozenset[str]:
        return frozenset()


def normal(
    device_id: str, now: datetime, *, since: timedelta = timedelta(hours=20), now_parts: tuple[Because, ...] = ()
) -> HealthView:
    return HealthView(
        device_id=device_id,
        state=0.2,
        drift=0.1,
        warming=False,
        normal_since=now - since,
        sample_at=now,
        silent_since=None,
        incomplete_since=None,
        now=now_parts,
    )
