"""A million samples to replay: simulated days of forty devices with all their faults, or a recording from a file."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from broker.topics import Channel, parse_topic
from device_sim.recorded import Pace
from device_sim.recorded_device import RecordedDevice
from device_sim.recording import Recording
from device_sim.scenarios import scenario_named
from device_sim.voice import Publish
from device_sim.world import World

_SCENARIO: Final = "every"
_MINUTE: Final = timedelta(minutes=1)
_HEALTHY: Final = 4  # of that many parts one is from before the faults, at most
_SPARE: Final = 2  # devices that are off say less, so it takes longer to that many samples
_BATCH: Final = 50  # samples of a recording in one message


def simulated_days(samples: int, seed: int) -> Mapping[str, list[Publish]]:
    """Return what each device of a simulated fleet says, in order, until so many samples were said in all.

    All of it lies in the past, or its clocks would not be believed. Nobody answers and no command comes, so what is
    said is the same in every run.
    """
    scenario = scenario_named(_SCENARIO)
    lived = timedelta(minutes=samples / scenario.devices)
    scenario = replace(scenario, backfill=min(scenario.backfill, lived / _HEALTHY))
    begins_at = datetime.now(UTC) - lived * _SPARE + scenario.backfill
    return _first(_said(World(scenario, seed, scenario.devices, begins_at), begins_at), samples)


def recording(path: Path, samples: int, seed: int) -> Mapping[str, list[Publish]]:
    """Return what the devices of a recording say, in order, until so many samples were said in all."""
    with closing(Recording(path)) as file:
        chance, now = Random(seed), datetime.now(UTC)
        found = file.devices()
        pace = Pace.ending_now(found, round(now.timestamp() * 1000), None)
        devices = {one.device_id: RecordedDevice(one, file.metrics, file.context, chance, now) for one in found}
        said = {device_id: list(device.greeting) for device_id, device in devices.items()}
        for count, row in enumerate(file.rows()):
            if count >= samples:
                break
            device = devices[row.device_id]
            device.take(row.ts_ms + pace.shift_ms, row.values)
            if device.waiting >= _BATCH:
                said[row.device_id].append(device.flush())
        for device_id, device in devices.items():
            if device.waiting:
                said[device_id].append(device.flush())
        return said


def samples_in(message: Publish) -> int:
    """Return how many samples a message holds; 0: it is no telemetry."""
    if parse_topic(message.topic).channel is not Channel.TELEMETRY:
        return 0
    body = json.loads(message.payload)
    if isinstance(body, list):
        return len(body)
    return len(body["ts"]) if isinstance(body["ts"], list) else 1


def _said(world: World, begins_at: datetime) -> Iterator[Publish]:
    for together in world.history():
        yield from together
    now = begins_at
    while True:
        now += _MINUTE
        yield from world.live(now).said


def _first(messages: Iterator[Publish], samples: int) -> Mapping[str, list[Publish]]:
    said: dict[str, list[Publish]] = defaultdict(list)
    count = 0
    for message in messages:
        said[parse_topic(message.topic).device_id].append(message)
        count += samples_in(message)
        if count >= samples:
            break
    return said
