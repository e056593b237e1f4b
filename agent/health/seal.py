"""Snapshots that know what they are (pure): a kind, a version and a checksum around a body.

A body is only looked at after its checksum fits, so a damaged or foreign one is refused before it can
become a silently wrong start. ::

    magic "AMENDSS1" · kind, 16 bytes padded with NUL · version u32 · body bytes u64 · CRC-32 of all the rest u32 · body
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Final

from agent.health.errors import SnapshotError

_HEAD: Final = struct.Struct("<8s16sIQ")
_CRC: Final = struct.Struct("<I")
_MAGIC: Final = b"AMENDSS1"


def seal(kind: str, version: int, body: bytes) -> bytes:
    """Return the body with its seal; ``kind`` has 1 to 16 ASCII characters."""
    return seal_parts(kind, version, (body,))


def seal_parts(kind: str, version: int, parts: Sequence[bytes | memoryview]) -> bytes:
    """Return parts that follow each other with one seal; a large body is copied once, not twice."""
    head = _HEAD.pack(_MAGIC, kind.encode("ascii"), version, sum(len(part) for part in parts))
    checksum = zlib.crc32(head)
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return b"".join((head, _CRC.pack(checksum), *parts))


def unseal(kind: str, version: int, data: bytes) -> bytes:
    """Return the body of a seal of this kind and version.

    Raises:
        SnapshotError: damaged, cut short, or of another kind or version.
    """
    start = _HEAD.size + _CRC.size
    if len(data) < start:
        raise SnapshotError(kind, f"it has {len(data)} bytes")
    magic, found_kind, found_version, length = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise SnapshotError(kind, "it is something else")
    if len(data) - start != length:
        raise SnapshotError(kind, f"it has {len(data) - start} of {length} bytes")
    if _CRC.unpack_from(data, _HEAD.size)[0] != zlib.crc32(memoryview(data)[start:], zlib.crc32(data[: _HEAD.size])):
        raise SnapshotError(kind, "its checksum does not fit")
    name = found_kind.rstrip(b"\0").decode("ascii", "replace")
    if (name, found_version) != (kind, version):
        raise SnapshotError(kind, f"it is of {name}, version {found_version}; expected version {version}")
    return data[start:]
