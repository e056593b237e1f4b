"""The usual alternative (state): a fixed band a metric, always a restart first, then a visit.

The band is four standard deviations around the mean of the healthy first days. A metric beyond it for ten samples in a
row restarts the device; if something is still beyond an hour later, or again within a day, a technician is sent. An
error code of the device's own sends one at once. After a visit a device is left alone for three days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.scorecard.hotline import Hotline
from agent.scorecard.ledger import Ledger
from agent.scorecard.office_hours import next_open
from agent.scorecard.world import Said, World
from broker.codec import decode, encode
from broker.ids import new_id
from broker.messages import Command, Event, Level, Telemetry
from broker.topics import Channel, parse_topic, topic_of

_SIGMAS: Final = 4.0
_IN_A_ROW: Final = 10  # samples
_RESTART_HELPS_WITHIN: Final = timedelta(hours=1)
_SOON_AGAIN: Final = timedelta(hours=24)
_COMES_AFTER: Final = timedelta(hours=4)
_REST: Final = timedelta(days=3)

Row = NDArray[np.float64]


@dataclass(slots=True)
class _Band:
    """One device's metrics: first their sums, then their limits, and how many samples in a row each is beyond."""

    count: int = 0
    total: Row = field(default_factory=lambda: np.zeros(1))
    squares: Row = field(default_factory=lambda: np.zeros(1))
    low: Row = field(default_factory=lambda: np.zeros(1))
    high: Row = field(default_factory=lambda: np.zeros(1))
    beyond: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    restarted_at: datetime | None = None
    look_at: datetime | None = None
    rests_until: datetime | None = None

    def learn(self, rows: Row) -> None:
        self.count += len(rows)
        self.total = self.total + rows.sum(axis=0)
        self.squares = self.squares + (rows * rows).sum(axis=0)

    def fix(self) -> None:
        mean = self.total / max(self.count, 1)
        spread = np.sqrt(np.maximum(self.squares / max(self.count, 1) - mean * mean, 1e-9))
        self.low, self.high = mean - _SIGMAS * spread, mean + _SIGMAS * spread
        self.beyond = np.zeros(len(mean), np.int64)

    def take(self, rows: Row) -> bool:
        """Take samples and tell whether some metric has been beyond its band for long enough."""
        alarm = False
        for out in (rows < self.low) | (rows > self.high):
            self.beyond = (self.beyond + 1) * out
            alarm = alarm or bool((self.beyond >= _IN_A_ROW).any())
        return alarm


@dataclass(slots=True)
class Thresholds:
    """Fixed thresholds at work in a world."""

    world: World
    ledger: Ledger
    hotline: Hotline
    bands: dict[str, _Band] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World) -> "Thresholds":
        """Return them, not begun yet."""
        ledger = Ledger()
        return cls(world, ledger, Hotline(world, ledger))

    def begin(self) -> None:
        """Learn the bands from the healthy days."""
        self.bands = {device_id: _Band() for device_id in self.world.devices}
        for said in self.world.history():
            for device_id, telemetry in _telemetry(said):
                self.bands[device_id].learn(_rows(telemetry))
        for band in self.bands.values():
            band.fix()

    def minute(self, now: datetime) -> None:
        """Compare, restart, send technicians."""
        told = self.world.live(now)
        for device_id, telemetry in _telemetry(told.said):
            if self.bands[device_id].take(_rows(telemetry)):
                self._alarm(device_id, now)
        for device_id, event in _events(told.said):
            if event.level is Level.ERROR:
                self._send(device_id, now)
        self._look_after_restarts(now)
        for device_id in told.called:
            if device_id not in self.hotline.coming:
                self.ledger.tickets += 1
                self.ledger.touched.add(f"call {self.ledger.tickets}")
                self.hotline.take_call(device_id, now)
        for device_id in self.hotline.work(now):
            self.bands[device_id].rests_until = now + _REST

    def close(self) -> None:
        """Nothing is open."""

    def _alarm(self, device_id: str, now: datetime) -> None:
        band = self.bands[device_id]
        if device_id in self.hotline.coming or band.look_at is not None or _is_before(now, band.rests_until):
            return
        self.ledger.noticed.append((device_id, now.timestamp()))
        self.ledger.tickets += 1
        if band.restarted_at is not None and now - band.restarted_at < _SOON_AGAIN:
            self._send(device_id, now)
            return
        band.restarted_at, band.look_at = now, now + _RESTART_HELPS_WITHIN
        late = now + _RESTART_HELPS_WITHIN
        command = Command(id=new_id(now), verb="restart", not_after=int(late.timestamp() * 1000), ticket="T-0")
        self.world.hear(topic_of(device_id, Channel.COMMAND), encode(command))

    def _look_after_restarts(self, now: datetime) -> None:
        for device_id, band in self.bands.items():
            if band.look_at is not None and now >= band.look_at:
                band.look_at = None
                if (band.beyond >= _IN_A_ROW).any():
                    self._send(device_id, now)

    def _send(self, device_id: str, now: datetime) -> None:
        if device_id in self.hotline.coming or _is_before(now, self.bands[device_id].rests_until):
            return
        self.ledger.noticed.append((device_id, now.timestamp()))
        self.ledger.booked.append((device_id, now.timestamp()))
        self.hotline.arrange(device_id, next_open(now + _COMES_AFTER))


def _is_before(now: datetime, until: datetime | None) -> bool:
    return until is not None and now < until


def _rows(telemetry: Telemetry) -> Row:
    return np.array(telemetry.flat, np.float64).reshape(len(telemetry), len(telemetry.metrics))


def _telemetry(said: Sequence[Said]) -> list[tuple[str, Telemetry]]:
    found = []
    for one in said:
        topic = parse_topic(one.topic)
        if topic.channel is Channel.TELEMETRY:
            message = decode(one.topic, one.payload)
            assert isinstance(message, Telemetry)
            found.append((topic.device_id, message))
    return found


def _events(said: Sequence[Said]) -> list[tuple[str, Event]]:
    found = []
    for one in said:
        topic = parse_topic(one.topic)
        if topic.channel is Channel.EVENT:
            message = decode(one.topic, one.payload)
            assert isinstance(message, Event)
            found.append((topic.device_id, message))
    return found
