"""From the bytes of a connection to journal records (pure: compiled).

Messages are packed as the journal keeps them without becoming objects. What is no plain message (an answer, a topic
that is no ASCII, a delivery at QoS 2) is left to ``mqtt5``, one packet at a time.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, PLR2004 - the same, and the numbers are those of MQTT 5
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.compiled import loop

ROOM: Final = 3
"""Bytes of records that a byte of packets makes at most."""
_LENGTH_BYTES: Final = 4
LEAST_PACKET: Final = 6
"""Bytes of the shortest message."""


class Found(NamedTuple):
    """How far it came: bytes used and written, messages; ``odd``: the next packet is not for this."""

    used: int
    written: int
    messages: int
    odd: bool


def find_messages(
    data: bytes, start: int, arrival_ms: int, records: NDArray[np.uint8], packet_ids: NDArray[np.uint16]
) -> Found:
    """Pack the messages that are whole from ``start`` on; ``records`` and ``packet_ids`` must have the room."""
    return Found(*pack_messages(np.frombuffer(data, np.uint8), start, arrival_ms, records, packet_ids))


def packet_bytes(data: bytes) -> int:
    """Return the whole length of the packet that begins ``data``; 0: it does not say yet, or in no way we know."""
    length = 0
    for place, byte in enumerate(data[1 : 1 + _LENGTH_BYTES]):
        length |= (byte & 127) << 7 * place
        if byte < 128:
            return 2 + place + length
    return 0


@loop
def pack_messages(data, start, arrival_ms, records, packet_ids):  # noqa: C901, PLR0911, PLR0912, PLR0915 - one loop
    """Do what ``find_messages`` promises; the last two arguments are written."""
    at = start
    written = 0
    count = 0
    size = len(data)
    while size - at >= 2:
        first = data[at]
        if first >> 4 != 3:
            return at - start, written, count, True
        length = np.int64(0)
        shift = 0
        body = at + 1
        whole = False
        while body < size and shift < 28:
            byte = data[body]
            length |= (np.int64(byte) & 127) << shift
            shift += 7
            body += 1
            if byte < 128:
                whole = True
                break
        if not whole:
            return at - start, written, count, shift >= 28
        end = body + length
        if end > size:
            return at - start, written, count, False
        qos = (first >> 1) & 3
        topic = body + 2
        if qos > 1 or topic > end:
            return at - start, written, count, True
        topic_bytes = (np.int64(data[body]) << 8) | data[body + 1]
        place = topic + topic_bytes
        odd = topic_bytes == 0 or place + 2 * qos >= end
        if not odd:
            for letter in range(topic, place):
                odd |= data[letter] >= 128 or data[letter] == 0
        if odd:
            return at - start, written, count, True
        packet_id = 0
        if qos == 1:
            packet_id = (np.int64(data[place]) << 8) | data[place + 1]
            place += 2
        properties = np.int64(data[place])
        place += 1
        if properties >= 128 or place + properties > end or (qos == 1 and packet_id == 0):
            return at - start, written, count, True
        place += properties
        for byte in range(8):
            records[written + byte] = (arrival_ms >> (8 * byte)) & 255
        records[written + 8] = topic_bytes & 255
        records[written + 9] = topic_bytes >> 8
        payload_bytes = end - place
        for byte in range(4):
            records[written + 10 + byte] = (payload_bytes >> (8 * byte)) & 255
        written += 14
        records[written : written + topic_bytes] = data[topic : topic + topic_bytes]
        written += topic_bytes
        records[written : written + payload_bytes] = data[place:end]
        written += payload_bytes
        packet_ids[count] = packet_id
        count += 1
        at = end
    return at - start, written, count, False


class Places(NamedTuple):
    """Where the parts of a block's records lie in its body, an entry a record."""

    arrival_ms: NDArray[np.int64]
    topic: NDArray[np.int64]
    payload: NDArray[np.int64]
    end: NDArray[np.int64]


def places_of(body: NDArray[np.uint8], count: int) -> Places:
    """Return where the ``count`` records of a body lie."""
    places = Places(*(np.empty(count, np.int64) for _ in range(4)))
    _fill_places(body, places)
    return places


@loop
def _fill_places(body, places):
    at = np.int64(0)
    for record in range(len(places.end)):
        arrival = np.int64(0)
        for byte in range(8):
            arrival |= np.int64(body[at + byte]) << (8 * byte)
        topic_bytes = np.int64(body[at + 8]) | (np.int64(body[at + 9]) << 8)
        payload_bytes = np.int64(0)
        for byte in range(4):
            payload_bytes |= np.int64(body[at + 10 + byte]) << (8 * byte)
        places.arrival_ms[record] = arrival
        places.topic[record] = at + 14
        places.payload[record] = at + 14 + topic_bytes
        at += 14 + topic_bytes + payload_bytes
        places.end[record] = at
