"""What simulated devices send, as ready MQTT 5 packets (pure): made before the clock runs, so that sending is cheap.

Message ``n`` of a load comes from device ``n`` modulo the devices, so that every device speaks equally often. Values
are a level of each device and metric with a little noise, written with three decimals as firmware would.
"""

import struct
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

from agent.bench.ingest_probes import Probe, probes_of
from broker.codec import encode
from broker.messages import Event, Level
from broker.topics import Channel, topic_of

_PUBLISH_QOS_1: Final = b"\x32"
_MOST_IDS: Final = 65_535
_VARINT: Final = 128
_NOISES: Final = 4_096
_SPREAD: Final = 0.5


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be sent.

    Attributes:
        root: of the topics.
        devices: how many devices speak in turn.
        metrics: in each sample.
        messages: of telemetry, in all.
        first_seq: number of every device's first sample.
        samples: in each message; above 1 they are sent as columns.
        begins_ms: instant of message 0 in Unix milliseconds; ``step_ms``: from one message to the next.
        probes: events that lie evenly among the messages, beside them.
    """

    root: str
    devices: int
    metrics: int
    messages: int
    first_seq: int = 0
    samples: int = 1
    begins_ms: int = 0
    step_ms: float = 0.0
    probes: int = 0
    seed: int = 7

    @property
    def ends_ms(self) -> int:
        """Return an instant after that of the last sample."""
        return self.begins_ms + int(self.messages * self.step_ms) + 1


@dataclass(slots=True)
class Line:
    """What one connection sends: packets one after the other.

    ``ends`` says where each stops, ``at`` with which number of the load it is due; ``probes`` the places and codes of
    those packets that are probes.
    """

    data: bytes
    ends: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    probes: list[tuple[int, str]] = field(default_factory=list)


def device_name(number: int) -> str:
    """Return the id of a device."""
    return f"bench-{number:06d}"


def lines_of(load: Load, connections: int) -> list[Line]:
    """Return what each connection sends; a device's messages all go through one, so that they stay in order."""
    chance = Random(load.seed)  # noqa: S311 - noise, no secret
    noise = [chance.gauss(0.0, _SPREAD) for _ in range(_NOISES)]
    names = [f"m{metric}" for metric in range(load.metrics)]
    parts: list[list[bytes]] = [[] for _ in range(connections)]
    lines = [Line(b"") for _ in range(connections)]
    sizes = [0] * connections

    def add(device: int, channel: Channel, payload: bytes, number: int) -> Line:
        place = device % connections
        packet_id = len(parts[place]) % _MOST_IDS + 1
        packet = publish(topic_of(device_name(device), channel, load.root).encode(), payload, packet_id)
        parts[place].append(packet)
        sizes[place] += len(packet)
        lines[place].ends.append(sizes[place])
        lines[place].at.append(number)
        return lines[place]

    probes = deque(probes_of(load.probes, load.messages, load.devices, load.seed))
    for number in range(load.messages):
        add(number % load.devices, Channel.TELEMETRY, _payload(load, number, names, noise), number)
        while probes and probes[0].after == number:
            probe = probes.popleft()
            line = add(probe.device, Channel.EVENT, _event(load, probe), number)
            line.probes.append((len(line.ends) - 1, probe.code))
    for line, packets in zip(lines, parts, strict=True):
        line.data = b"".join(packets)
    return lines


def publish(topic: bytes, payload: bytes, packet_id: int) -> bytes:
    """Return a PUBLISH at QoS 1 without properties."""
    body = struct.pack(">H", len(topic)) + topic + struct.pack(">HB", packet_id, 0) + payload
    return _PUBLISH_QOS_1 + _varint(len(body)) + body


def _event(load: Load, probe: Probe) -> bytes:
    ts = _due_ms(load, probe.after)
    return encode(Event(boot="b1", seq=probe.seq, code=probe.code, level=Level.INFO, ts=ts))


def _due_ms(load: Load, number: int) -> int:
    return load.begins_ms + round(number * load.step_ms)


def _payload(load: Load, number: int, names: list[str], noise: list[float]) -> bytes:
    device, turn = number % load.devices, number // load.devices
    ts = _due_ms(load, number)
    head = f'{{"v":1,"boot":"b1","seq":{load.first_seq + turn * load.samples},"ts":'
    if load.samples == 1:
        said = ",".join(f'"{name}":{_value(device, place, number, noise):.3f}' for place, name in enumerate(names))
        return f'{head}{ts},"m":{{{said}}}}}'.encode()
    # Columns: the samples lie evenly between this message and the next of the device.
    apart = load.step_ms * load.devices / load.samples
    times = ",".join([str(ts + round(row * apart)) for row in range(load.samples)])
    columns = [
        [f"{_value(device, place, number + 7 * row, noise):.3f}" for row in range(load.samples)]
        for place in range(len(names))
    ]
    said = ",".join(f'"{name}":[{",".join(column)}]' for name, column in zip(names, columns, strict=True))
    return f'{head}[{times}],"m":{{{said}}}}}'.encode()


def _value(device: int, metric: int, number: int, noise: list[float]) -> float:
    return 20.0 + device % 10 + 5 * metric + noise[(31 * number + 1_009 * metric) % _NOISES]


def _varint(length: int) -> bytes:
    packed = bytearray()
    while length >= _VARINT:
        length, low = divmod(length, _VARINT)
        packed.append(low | _VARINT)
    packed.append(length)
    return bytes(packed)
