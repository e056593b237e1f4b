"""Packets to journal records: what the compiled way makes of them is what mqtt5 and the journal make of them."""

import mqtt5
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.listen.frames import LEAST_PACKET, ROOM, find_messages, packet_bytes, places_of
from agent.store.segment import Block, Record, pack_records

patient = settings(deadline=None)  # the first call compiles
plain_topics = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="+#"), min_size=1, max_size=40
)
topics = plain_topics | st.text(st.characters(codec="utf-8", exclude_characters="\0+#"), min_size=1, max_size=40)


@st.composite
def messages(draw: st.DrawFn, topic: st.SearchStrategy[str] = plain_topics, most_qos: int = 1) -> bytes:
    qos = draw(st.integers(0, most_qos))
    expiry = draw(st.none() | st.integers(0, 1_000))
    return mqtt5.PublishPacket(
        draw(topic),
        draw(st.binary(max_size=300)),
        qos=mqtt5.QoS(qos),
        retain=draw(st.booleans()),
        packet_id=draw(st.integers(1, 65_535)) if qos else None,
        message_expiry_interval=expiry,
    ).write()


def found(
    data: bytes, start: int = 0, arrival_ms: int = 1_790_000_000_000
) -> tuple[list[Record], list[int], int, bool]:
    records, ids = np.empty(ROOM * len(data), np.uint8), np.empty(len(data) // LEAST_PACKET + 1, np.uint16)
    whole = find_messages(data, start, arrival_ms, records, ids)
    block = Block(0, whole.messages, records[: whole.written].tobytes())
    return [Record(*entry[1:]) for entry in block.entries()], ids[: whole.messages].tolist(), whole.used, whole.odd


def as_mqtt5_reads(data: bytes, arrival_ms: int = 1_790_000_000_000) -> tuple[list[Record], list[int]]:
    records, ids = [], []
    while data:
        packet, length = mqtt5.read(memoryview(data))
        assert isinstance(packet, mqtt5.PublishPacket)
        records.append(Record(arrival_ms, packet.topic, packet.payload))
        ids.append(packet.packet_id or 0)
        data = data[length:]
    return records, ids


@patient
@given(st.lists(messages(), max_size=20), st.integers(0, 2**43))
def test_messages_are_packed_as_mqtt5_reads_them(packets: list[bytes], arrival_ms: int) -> None:
    data = b"".join(packets)

    records, ids, used, odd = found(data, 0, arrival_ms)

    assert (records, ids) == as_mqtt5_reads(data, arrival_ms)
    assert (used, odd) == (len(data), False)


@patient
@given(st.lists(messages(), min_size=1, max_size=4), st.data())
def test_what_is_not_whole_yet_waits(packets: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(packets)
    stop = data.draw(st.integers(0, len(whole) - 1))

    records, ids, used, odd = found(whole[:stop])

    assert not odd
    assert (records, ids) == as_mqtt5_reads(whole[:used])
    assert stop - used < max(map(len, packets))


@patient
@given(st.lists(messages(topics, 2), max_size=8))
def test_what_it_takes_it_takes_right_and_the_rest_it_leaves(packets: list[bytes]) -> None:
    data = b"".join(packets)

    records, ids, used, odd = found(data)

    assert (records, ids) == as_mqtt5_reads(data[:used])
    assert odd is (used < len(data))


@patient
@given(st.binary(max_size=400))
def test_no_bytes_lead_it_out_of_bounds(data: bytes) -> None:
    records, _, used, _ = found(data)

    assert used <= len(data)
    assert all(record.topic.isascii() for record in records)


@patient
@given(st.lists(st.builds(Record, st.integers(0, 2**62), topics, st.binary(max_size=70_000)), max_size=6))
def test_the_places_of_records_are_where_they_were_packed(records: list[Record]) -> None:
    packed = pack_records(records)

    places = places_of(np.frombuffer(packed.body, np.uint8), packed.records)

    spans = zip(places.topic.tolist(), places.payload.tolist(), places.end.tolist(), strict=True)
    assert places.arrival_ms.tolist() == [record.arrival_ms for record in records]
    assert [(packed.body[topic:payload].decode(), packed.body[payload:end]) for topic, payload, end in spans] == [
        record[1:] for record in records
    ]


@given(messages(), st.binary(max_size=20), st.integers(0, 400))
def test_the_head_of_a_packet_says_how_long_it_is(packet: bytes, behind: bytes, cut: int) -> None:
    head = (packet + behind)[:cut]

    assert packet_bytes(packet + behind) == len(packet)
    assert packet_bytes(head) in {0, len(packet)}
    assert packet_bytes(head[:1]) == 0


def test_a_length_that_never_ends_is_no_length() -> None:
    assert packet_bytes(b"\x32\xff\xff\xff\xff\xff") == 0
