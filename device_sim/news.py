"""How a fleet is doing, in a line (pure), and what happened since the last look (state)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from device_sim.ailments import Lived
from device_sim.device import SAMPLE, Device
from device_sim.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands. ``ratings`` ``None``: the owners read no mail."""

    at: datetime
    devices: int
    connected: int
    sent: int
    waiting: int
    ailing: int
    ratings: int | None

    def __str__(self) -> str:
        """Return one line for a person."""
        rated = "" if self.ratings is None else f" · {self.ratings} ratings"
        return (
            f"{self.at:%Y-%m-%d %H:%M} UTC · {self.connected} of {self.devices} connected · {self.sent:,} messages · "
            f"{self.waiting:,} waiting · {self.ailing} in trouble{rated}"
        )


class News:
    """What befell the devices, each turn told once."""

    def __init__(self) -> None:
        self._known: dict[str, Lived] = {}

    def since(self, devices: Sequence[Device]) -> Iterator[str]:
        """Yield a line for every trouble that began, was felt or ended since the last call."""
        for device in devices:
            lived = device.ailments.latest
            device_id = device.identity.device_id
            if lived is None or self._known.get(device_id) == lived:
                continue
            self._known[device_id] = lived
            state = lived.how or ("begins" if lived.noticed_s is None else "noticed")
            yield f"trouble device={device_id} fault={lived.fault} state={state}"


def history_begin(scenario: Scenario, live_from: datetime, lived_until: datetime | None) -> datetime:
    """Return from when the past is sent: the scenario's backfill, or what is missing since an earlier run ended.

    ``lived_until`` ``None``: there was no earlier run.
    """
    begin = live_from - scenario.backfill
    if lived_until is None or lived_until < begin:
        return begin
    return min(lived_until + SAMPLE, live_from)


def phase(index: int) -> timedelta:
    """Return when in the minute the device of this number samples, so that a fleet does not speak in chorus."""
    return timedelta(seconds=(index * 37) % 60)
