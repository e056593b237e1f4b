"""Recorded telemetry published as devices over real MQTT (shell)."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

from broker.address import Address
from device_sim.logins import Login
from device_sim.recorded import Pace, Played, Recorded
from device_sim.recorded_device import RecordedDevice
from device_sim.recording import Recording
from device_sim.replay_link import ReplayLink

_YIELD_EVERY: Final = 64  # rows; acknowledgements are read in between
_CONNECT_EVERY_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Replay:
    """All that a replay needs. ``batch`` is how many samples of a device go into one message, 1 to 1,000."""

    recording: Recording
    devices: tuple[Recorded, ...]
    address: Address
    logins: Mapping[str, Login]
    pace: Pace
    batch: int = 1
    chance: Random = field(default_factory=Random)

    async def play(self, seen: Callable[[int], None]) -> Played:
        """Publish everything and return when the broker has acknowledged it; ``seen`` hears the count of rows so far.

        Raises:
            ReplayError: the broker cannot be reached, refused something, or went away.
            RecordingError: the file cannot be read to its end.
        """
        born_at = datetime.now(UTC)
        async with AsyncExitStack() as stack:
            speakers: dict[str, tuple[RecordedDevice, ReplayLink]] = {}
            for recorded in self.devices:
                device = RecordedDevice(recorded, self.recording.metrics, self.recording.context, self.chance, born_at)
                login = self.logins[recorded.device_id]
                link = await stack.enter_async_context(
                    ReplayLink(recorded.device_id, self.address, login, device.goodbye)
                )
                for publish in device.greeting:
                    await link.publish(publish)
                speakers[recorded.device_id] = (device, link)
                await asyncio.sleep(_CONNECT_EVERY_S)
            return await self._speak(speakers, seen)

    async def _speak(
        self, speakers: Mapping[str, tuple[RecordedDevice, ReplayLink]], seen: Callable[[int], None]
    ) -> Played:
        began_s = time.monotonic()
        samples = messages = 0
        for row in self.recording.rows():
            wait_s = began_s + self.pace.due_s(row.ts_ms) - time.monotonic() if self.pace.speed else 0.0
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            device, link = speakers[row.device_id]
            device.take(row.ts_ms + self.pace.shift_ms, row.values)
            samples += 1
            if device.waiting >= self.batch:
                await link.publish(device.flush())
                messages += 1
            if samples % _YIELD_EVERY == 0:
                seen(samples)
                await asyncio.sleep(0)
        for device, link in speakers.values():
            if device.waiting:
                await link.publish(device.flush())
                messages += 1
        for _, link in speakers.values():
            await link.settled()
        seconds = time.monotonic() - began_s
        for device, link in speakers.values():
            await link.publish(device.goodbye)
        seen(samples)
        return Played(len(speakers), samples, messages, seconds)
