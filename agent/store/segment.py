"""How the journal lies in a file (pure): a header, then one frame a commit, each with its checksum.

A commit is whole or absent: one CRC covers all of its records, so a torn write never leaves half a batch behind.
All integers are little-endian. ::

    header  magic "AMENDSJ1" · first offset u64 · end of the segment before u64 · CRC-32 of the above u32
    frame   magic "AMJF" · body bytes u32 · first offset u64 · records u32 · CRC-32 of all but itself u32 · body
    record  arrival in Unix ms i64 · topic bytes u16 · payload bytes u32 · topic · payload
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct("<8sQQ")
_FRAME: Final = struct.Struct("<4sIQI")
_RECORD: Final = struct.Struct("<qHI")
_CRC: Final = struct.Struct("<I")
_SEGMENT_MAGIC: Final = b"AMENDSJ1"
FRAME_MAGIC: Final = b"AMJF"
HEADER_BYTES: Final = _HEADER.size + _CRC.size
FRAME_BYTES: Final = _FRAME.size + _CRC.size
MOST_BODY_BYTES: Final = 1 << 30
"""A frame that claims more is damaged: no batch comes near it."""


class Record(NamedTuple):
    """One message as it came: arrival in Unix milliseconds, its topic, its payload."""

    arrival_ms: int
    topic: str
    payload: bytes


class Entry(NamedTuple):
    """A record with its place in the journal."""

    offset: int
    arrival_ms: int
    topic: str
    payload: bytes


class Packed(NamedTuple):
    """Records as they lie in a frame's body: ``records`` of them, one after the other."""

    body: bytes
    records: int


class Block(NamedTuple):
    """One batch of the journal as it lies there; ``first`` is the offset of its first record."""

    first: int
    records: int
    body: bytes

    @property
    def end(self) -> int:
        """Return the offset after the last record."""
        return self.first + self.records

    def entries(self) -> tuple[Entry, ...]:
        """Return the records one by one."""
        return tuple(_unpacked(self.first, self.end, self.body))


class BadFrameError(ValueError):
    """These bytes are no whole frame; ``problem`` says why. The journal decides what that means."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """``first`` is the offset of the first record, ``follows`` the offset at which the segment before ended."""

    first: int
    follows: int


@dataclass(frozen=True, slots=True)
class FrameHead:
    """What a frame says about itself before its body is read."""

    body_bytes: int
    first: int
    records: int
    crc: int
    raw: bytes

    @property
    def end(self) -> int:
        """Return the offset after the frame's last record."""
        return self.first + self.records


def pack_header(header: SegmentHeader) -> bytes:
    """Return the bytes a segment begins with."""
    packed = _HEADER.pack(_SEGMENT_MAGIC, header.first, header.follows)
    return packed + _CRC.pack(zlib.crc32(packed))


def unpack_header(data: bytes) -> SegmentHeader:
    """Return what a segment's first bytes say; ``BadFrameError`` when they are not whole."""
    if len(data) < HEADER_BYTES:
        msg = f"the header has {len(data)} of {HEADER_BYTES} bytes"
        raise BadFrameError(msg)
    packed = data[: _HEADER.size]
    magic, first, follows = _HEADER.unpack(packed)
    if magic != _SEGMENT_MAGIC:
        msg = "not a journal segment of this version"
        raise BadFrameError(msg)
    if _CRC.unpack_from(data, _HEADER.size)[0] != zlib.crc32(packed):
        msg = "the header's checksum does not fit"
        raise BadFrameError(msg)
    return SegmentHeader(first, follows)


def pack_records(records: Iterable[Record]) -> Packed:
    """Return records as they lie in a frame's body."""
    parts: list[bytes] = []
    count = 0
    pack = _RECORD.pack
    for arrival_ms, topic, payload in records:
        name = topic.encode()
        parts += (pack(arrival_ms, len(name), len(payload)), name, payload)
        count += 1
    return Packed(b"".join(parts), count)


def pack_frame(first: int, packed: Packed) -> bytes:
    """Return one commit: records with the offsets from ``first`` on."""
    head = _FRAME.pack(FRAME_MAGIC, len(packed.body), first, packed.records)
    return b"".join((head, _CRC.pack(zlib.crc32(packed.body, zlib.crc32(head))), packed.body))


def unpack_head(data: bytes) -> FrameHead:
    """Return what a frame's first bytes say; ``BadFrameError`` when they cannot be a frame's."""
    if len(data) < FRAME_BYTES:
        msg = f"a frame's head has {len(data)} of {FRAME_BYTES} bytes"
        raise BadFrameError(msg)
    raw = data[: _FRAME.size]
    magic, body_bytes, first, records = _FRAME.unpack(raw)
    if magic != FRAME_MAGIC:
        msg = "no frame begins here"
        raise BadFrameError(msg)
    if body_bytes > MOST_BODY_BYTES or records * _RECORD.size > body_bytes:
        msg = "a frame's length cannot be right"
        raise BadFrameError(msg)
    return FrameHead(body_bytes, first, records, _CRC.unpack_from(data, _FRAME.size)[0], raw)


def check_body(head: FrameHead, body: bytes) -> None:
    """Raise ``BadFrameError`` unless the body is whole and undamaged."""
    if len(body) < head.body_bytes:
        msg = f"a frame has {len(body)} of {head.body_bytes} bytes"
        raise BadFrameError(msg)
    if zlib.crc32(body, zlib.crc32(head.raw)) != head.crc:
        msg = "a frame's checksum does not fit"
        raise BadFrameError(msg)


def cut(block: Block, from_offset: int, until: int) -> Block:
    """Return the part of a block that holds offsets in ``[from_offset, until)``."""
    if from_offset <= block.first and block.end <= until:
        return block
    kept = [entry for entry in block.entries() if from_offset <= entry.offset < until]
    packed = pack_records(Record(*entry[1:]) for entry in kept)
    return Block(max(from_offset, block.first), packed.records, packed.body)


def _unpacked(first: int, end: int, body: bytes) -> Iterator[Entry]:
    at = 0
    for offset in range(first, end):
        arrival_ms, topic_bytes, payload_bytes = _RECORD.unpack_from(body, at)
        at += _RECORD.size
        topic = body[at : at + topic_bytes].decode()
        at += topic_bytes
        yield Entry(offset, arrival_ms, topic, body[at : at + payload_bytes])
        at += payload_bytes
