"""Owners who pick up the telephone (state): something is wrong with a device, and they have felt it for long enough.

What an owner can put right by hand they put right without asking anybody.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from device_sim.device import Device
from device_sim.faults import FaultKind
from device_sim.fleet import Fleet

_CALLS_AFTER_H: Final = (1.0, 20.0)
_CALLS_AGAIN: Final = timedelta(hours=24)
_OPEN_H: Final = (8.0, 20.0)  # local hours in which people make calls
_HOUR_S: Final = 3600.0


class Callers:
    """The owners of a fleet, and who of them has called or means to."""

    def __init__(self, fleet: Fleet, chance: Random) -> None:
        self._devices = fleet.devices
        self._chance = chance
        self._calls_at_s: dict[str, tuple[float, float]] = {}  # the beginning of a trouble, and the next call about it

    def due(self, now: datetime) -> list[str]:
        """Return the devices whose owners call now; they call again a day later if nothing is better."""
        now_s = now.timestamp()
        return [
            device.identity.device_id
            for device in self._devices
            if device.ailments.fault is not None and self._calls(device, now_s)
        ]

    def _calls(self, device: Device, now_s: float) -> bool:
        lived = device.ailments.latest
        if lived is None or lived.noticed_s is None or lived.kind is FaultKind.BENIGN:
            return False
        if lived.kind is FaultKind.OWNER:
            if now_s >= lived.noticed_s + device.owner.chore_after_s:
                device.ailments.put_right(now_s)
            return False
        device_id = device.identity.device_id
        began_s, at_s = self._calls_at_s.get(device_id, (0.0, 0.0))
        if began_s != lived.began_s:
            began_s, at_s = lived.began_s, now_s + self._chance.uniform(*_CALLS_AFTER_H) * _HOUR_S
            self._calls_at_s[device_id] = began_s, at_s
        hour = (now_s / _HOUR_S + device.owner.offset_h) % 24.0
        if now_s < at_s or not _OPEN_H[0] <= hour < _OPEN_H[1]:
            return False
        self._calls_at_s[device_id] = began_s, now_s + _CALLS_AGAIN.total_seconds()
        return True
