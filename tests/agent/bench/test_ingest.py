"""``amends bench ingest``: its packets, its figures, and a small run of it against a real broker."""

import itertools
import json
from collections import Counter
from dataclasses import replace

import mqtt5
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.bench.commands import app
from agent.bench.ingest import Plan, Turn
from agent.bench.ingest_figures import Figures
from agent.bench.ingest_packets import Line, Load, lines_of, publish
from agent.bench.ingest_probes import Probed, probed, probes_of
from broker.codec import decode
from broker.messages import Event, Level, Telemetry
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


LOAD = Load("amends/v1", 7, 1, 70, begins_ms=1_790_000_000_000, step_ms=2.0)


def events(line: Line) -> list[tuple[int, str, Event]]:
    """Give place, device and event of those packets of a line that are no telemetry."""
    found = []
    for place, packet in enumerate(packets(line.data)):
        message = decode(packet.topic, packet.payload)
        if isinstance(message, Event):
            found.append((place, parse_topic(packet.topic).device_id, message))
    return found


@given(st.integers(1, 40), st.integers(1, 300), st.integers(1, 12))
def test_probes_lie_evenly_among_the_messages_and_are_spread_over_the_devices(
    count: int, messages: int, devices: int
) -> None:
    probes = probes_of(count, messages, devices, seed=7)

    places = [probe.after for probe in probes]
    apart = [later - sooner for sooner, later in itertools.pairwise(places)]
    turns = Counter(probe.device for probe in probes)
    assert 0 <= places[0] <= places[-1] < messages
    assert max(apart, default=0) - min(apart, default=0) <= 1
    assert len(turns) == min(count, devices)
    assert max(turns.values()) - min(turns.values()) <= 1


def test_a_probe_is_an_event_that_opens_no_ticket_with_the_instant_of_the_message_it_follows() -> None:
    lines = lines_of(replace(LOAD, probes=20), 3)

    for line in lines:
        assert [(place, event.code) for place, _, event in events(line)] == line.probes
        assert {event.level for _, _, event in events(line)} == {Level.INFO}
        assert [event.ts for place, _, event in events(line)] == [
            LOAD.begins_ms + 2 * line.at[place] for place, _ in line.probes
        ]
    assert sum(len(line.probes) for line in lines) == 20


def test_a_device_numbers_its_probes_without_a_gap() -> None:
    numbers: dict[str, list[int]] = {}

    for line in lines_of(replace(LOAD, probes=20), 3):
        for _, device, event in events(line):
            numbers.setdefault(device, []).append(event.seq)

    assert all(seqs == list(range(len(seqs))) for seqs in numbers.values())


def test_telemetry_is_the_same_with_probes_beside_it() -> None:
    bare = {(packet.topic, packet.payload) for line in lines_of(LOAD, 3) for packet in packets(line.data)}

    beside = {
        (packet.topic, packet.payload)
        for line in lines_of(replace(LOAD, probes=20), 3)
        for packet in packets(line.data)
        if packet.topic.endswith("/telemetry")
    }

    assert beside == bare


def test_a_probe_takes_from_its_publishing_to_its_telling_and_one_not_told_never_came() -> None:
    result = probed({"PROBE-0": 1.0, "PROBE-1": 2.0, "PROBE-2": 3.0}, {"PROBE-1": 2.5, "PROBE-0": 1.25, "PROBE-9": 7.0})

    assert sorted(result.waited_s) == [0.25, 0.5]
    assert (result.said, result.never_came) == (3, 1)


@pytest.mark.parametrize(("late_s", "kept"), [(0.0, True), (0.1, True), (0.11, False), (3.0, False)])
def test_a_sender_behind_its_rate_is_told_beside_the_figures(late_s: float, *, kept: bool) -> None:
    figures = Figures(Plan(), steady=Turn(1.0, 0, 0, 0, 0, late_s), probed=Probed(2, (0.01, 0.03)))

    said = figures.as_json()

    assert (said["sender_kept_pace"], said["p50_ms"]) == (kept, pytest.approx(20.0))


@pytest.mark.slow
def test_latency_and_memory_end_with_figures() -> None:
    asked = ["ingest", "--devices", "50", "--messages", "1000", "--rounds", "1", "--steady", "500", "--many", "500"]

    result = CliRunner().invoke(app, [*asked, "--only", "latency", "--only", "memory", "--json"])

    figures = json.loads(result.stdout)
    assert (figures["lost"], figures["duplicated"]) == (0, 0)
    assert set(figures["memory_mib"]) == {"50", "500"}
    assert "not_measured" not in figures
    assert figures["probes"] > 100
    assert figures["probes_never_came"] == 0
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert figures["sender_kept_pace"] is (figures["sender_late_s"] <= 0.1)


@pytest.mark.slow
def test_a_small_load_is_taken_whole_and_measured_beside_a_counting_client() -> None:
    asked = ["ingest", "--devices", "50", "--messages", "2000", "--rounds", "1", "--only", "ratio", "--only", "columns"]

    result = CliRunner().invoke(app, [*asked, "--json"])

    figures = json.loads(result.stdout)
    assert (figures["lost"], figures["duplicated"]) == (0, 0)
    assert figures["ratio"] > 0
    assert figures["column_samples_per_s"] > figures["rate"] > 0
    assert set(figures["cpu_s_per_million"]) >= {"agent", "mosquitto_sub", "broker", "sender"}
