"""Snapshots that know what they are (pure): a kind, a version and a checksum around a body.

A body is only looked at after its checksum fits, so a damaged or foreign one is refused before it can
become a silently wrong start. ::

    magic "AMENDSS1" · kind, 16 bytes padded with NUL · version u32 · body bytes u64 · CRC-32 of all the rest u32 · body
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedIOBase
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
    return b"".join((head_of(kind, version, parts), *parts))


def head_of(kind: str, version: int, parts: Sequence[bytes | memoryview]) -> bytes:
    """Return the seal alone, which stands before the parts: for a body too large to be copied at all."""
    head = _HEAD.pack(_MAGIC, kind.encode("ascii"), version, sum(len(part) for part in parts))
    checksum = zlib.crc32(head)
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return head + _CRC.pack(checksum)


@dataclass(slots=True)
class Reading:
    """A sealed body that is read piece by piece into where it belongs; it counts only once ``finish`` agrees."""

    kind: str
    file: BufferedIOBase
    left: int
    """Bytes of the body not read yet."""
    expected: int
    found: int

    def into(self, place: memoryview) -> None:
        """Fill a place with what comes next.

        Raises:
            SnapshotError: there is not so much left.
        """
        at = 0
        while at < len(place):
            count = self.file.readinto(place[at:])
            if not count:
                raise SnapshotError(self.kind, f"{len(place) - at} bytes are missing")
            at += count
        self.found = zlib.crc32(place, self.found)
        self.left -= at

    def finish(self) -> None:
        """Agree that it was whole.

        Raises:
            SnapshotError: it is damaged, or more follows.
        """
        if self.left or self.file.read(1) or self.found != self.expected:
            raise SnapshotError(self.kind, "its checksum does not fit")


def begin(kind: str, version: int, file: BufferedIOBase) -> Reading:
    """Read the seal of a body that is too large to be held beside what is made of it.

    Raises:
        SnapshotError: of another kind or version, or no seal at all.
    """
    head, checksum = file.read(_HEAD.size), file.read(_CRC.size)
    if len(checksum) < _CRC.size:
        raise SnapshotError(kind, f"it has {len(head) + len(checksum)} bytes")
    magic, found_kind, found_version, length = _HEAD.unpack(head)
    if magic != _MAGIC:
        raise SnapshotError(kind, "it is something else")
    _expect(kind, version, found_kind, found_version)
    return Reading(kind, file, length, _CRC.unpack(checksum)[0], zlib.crc32(head))


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
    _expect(kind, version, found_kind, found_version)
    return data[start:]


def _expect(kind: str, version: int, found_kind: bytes, found_version: int) -> None:
    name = found_kind.rstrip(b"\0").decode("ascii", "replace")
    if (name, found_version) != (kind, version):
        raise SnapshotError(kind, f"it is of {name}, version {found_version}; expected version {version}")
