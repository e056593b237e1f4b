"""``amends bench ingest``: its packets, its figures, and a small run of it against a real broker."""

import json
from collections import Counter

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.bench.commands import app
from agent.bench.ingest_packets import Load, lines_of, publish
from broker.messages import Telemetry
from broker.telemetry import decode_telemetry
from broker.topics import parse_topic


def packets(data: bytes) -> list[mqtt5.PublishPacket]:
    found = []
    while data:
        packet, length = mqtt5.read(memoryview(data))
        assert isinstance(packet, mqtt5.PublishPacket)
        found.append(packet)
        data = data[length:]
    return found


def said(load: Load, connections: int) -> list[tuple[str, Telemetry]]:
    return [
        (parse_topic(packet.topic).device_id, decode_telemetry(packet.payload))
        for line in lines_of(load, connections)
        for packet in packets(line.data)
    ]


@given(st.binary(max_size=300), st.integers(1, 65_535))
def test_a_packet_is_what_any_client_would_send(payload: bytes, packet_id: int) -> None:
    expected = mqtt5.PublishPacket("a/b", payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id)

    assert publish(b"a/b", payload, packet_id) == expected.write()


@pytest.mark.parametrize("samples", [1, 10])
def test_every_device_speaks_equally_often_and_numbers_its_samples_without_a_gap(samples: int) -> None:
    load = Load("amends/v1", 7, 3, 7 * 5, 3, samples, begins_ms=1_790_000_000_000, step_ms=2.0)

    numbers = Counter((device, seq) for device, telemetry in said(load, 3) for seq in telemetry.seq)

    assert set(numbers.values()) == {1}
    assert set(numbers) == {(f"bench-{device:06d}", seq) for device in range(7) for seq in range(3, 3 + 5 * samples)}


def test_the_instants_of_a_device_rise() -> None:
    load = Load("amends/v1", 2, 1, 20, 0, 10, begins_ms=1_790_000_000_000, step_ms=50.0)

    instants = [ts or 0 for device, telemetry in said(load, 1) if device == "bench-000000" for ts in telemetry.ts_ms]

    assert instants == sorted(set(instants))


def test_only_the_chosen_devices_are_off_and_only_from_then_on() -> None:
    load = Load("amends/v1", 4, 1, 40, off_from=20, off_each=2)

    high = Counter(device for device, telemetry in said(load, 1) if telemetry.flat[0] > 45)

    assert high == {"bench-000000": 5, "bench-000002": 5}


@pytest.mark.slow
def test_latency_and_memory_end_with_a_figure_or_say_why_not() -> None:
    asked = ["ingest", "--devices", "50", "--messages", "1000", "--rounds", "1", "--steady", "500", "--many", "500"]

    result = CliRunner().invoke(app, [*asked, "--only", "latency", "--only", "memory", "--json"])

    figures = json.loads(result.stdout)
    assert (figures["lost"], figures["duplicated"]) == (0, 0)
    assert set(figures["memory_mib"]) == {"50", "500"}
    assert figures["findings"] > 0 or "latency" in figures["not_measured"]
    assert ("p99_ms" in figures) is ("latency" not in figures.get("not_measured", {}))


@pytest.mark.slow
def test_a_small_load_is_taken_whole_and_measured_beside_a_counting_client() -> None:
    asked = ["ingest", "--devices", "50", "--messages", "2000", "--rounds", "1", "--only", "ratio", "--only", "columns"]

    result = CliRunner().invoke(app, [*asked, "--json"])

    figures = json.loads(result.stdout)
    assert (figures["lost"], figures["duplicated"]) == (0, 0)
    assert figures["ratio"] > 0
    assert figures["column_samples_per_s"] > figures["rate"] > 0
    assert set(figures["cpu_s_per_million"]) >= {"agent", "mosquitto_sub", "broker", "sender"}
