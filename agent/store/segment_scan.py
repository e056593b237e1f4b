"""Reading journal segments from the disk (shell): batches in order, and what to make of a damaged end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.store.journal_errors import JournalDamagedError
from agent.store.segment import (
    FRAME_BYTES,
    FRAME_MAGIC,
    HEADER_BYTES,
    BadFrameError,
    Block,
    Entry,
    FrameHead,
    SegmentHeader,
    check_body,
    cut,
    unpack_head,
    unpack_header,
)

SUFFIX: Final = ".seg"


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a segment's whole frames end. ``torn_bytes`` follow that are none; ``problem`` says why, empty for none."""

    whole_bytes: int
    next_offset: int
    torn_bytes: int
    problem: str


def segment_path(directory: Path, first: int) -> Path:
    """Return the file that begins with offset ``first``; names sort like offsets."""
    return directory / f"{first:020d}{SUFFIX}"


def first_of(path: Path) -> int:
    """Return the first offset of a segment, from its name."""
    return int(path.stem)


def read_header(path: Path) -> SegmentHeader:
    """Return how a segment begins.

    Raises:
        JournalDamagedError: it is not a segment, or not the one its name says.
    """
    with path.open("rb") as file:
        data = file.read(HEADER_BYTES)
    try:
        header = unpack_header(data)
    except BadFrameError as error:
        raise JournalDamagedError(path, 0, first_of(path), error.problem) from error
    if header.first != first_of(path):
        raise JournalDamagedError(path, 0, first_of(path), f"it holds the records from {header.first} on")
    return header


def read_batches(path: Path, from_offset: int, until: int) -> Iterator[tuple[Entry, ...]]:
    """Give the records of ``read_blocks`` one by one, in the same batches."""
    return (block.entries() for block in read_blocks(path, from_offset, until))


def read_blocks(path: Path, from_offset: int, until: int) -> Iterator[Block]:
    """Give the batches of one segment that hold offsets in ``[from_offset, until)``, cut to them.

    Raises:
        JournalDamagedError: a frame before ``until`` is not what was written, or is missing.
    """
    expected = first_of(path)
    with path.open("rb") as file:
        at = file.seek(HEADER_BYTES)
        while expected < until:
            try:
                head = _next_head(file.read(FRAME_BYTES), expected)
                if head.end <= from_offset:
                    file.seek(head.body_bytes, 1)
                else:
                    body = file.read(head.body_bytes)
                    check_body(head, body)
                    yield cut(Block(head.first, head.records, body), from_offset, until)
            except BadFrameError as error:
                raise JournalDamagedError(path, at, expected, error.problem) from error
            at += FRAME_BYTES + head.body_bytes
            expected = head.end


def scan_tail(path: Path) -> Tail:
    """Find the end of the newest segment, checking every frame.

    A crash leaves at most one unfinished frame, and it is the last: when a whole frame follows one that
    cannot be read, the file was damaged afterwards.

    Raises:
        JournalDamagedError: something before the last frame cannot be read.
    """
    data = path.read_bytes()
    at, expected = HEADER_BYTES, first_of(path)
    while at < len(data):
        try:
            head = _next_head(data[at : at + FRAME_BYTES], expected)
            check_body(head, data[at + FRAME_BYTES : at + FRAME_BYTES + head.body_bytes])
        except BadFrameError as error:
            if _whole_frame_after(data, at + 1, expected):
                raise JournalDamagedError(path, at, expected, error.problem) from error
            return Tail(at, expected, len(data) - at, error.problem)
        at += FRAME_BYTES + head.body_bytes
        expected = head.end
    return Tail(at, expected, 0, "")


def _next_head(data: bytes, expected: int) -> FrameHead:
    head = unpack_head(data)
    if head.first != expected:
        msg = f"record {head.first} where {expected} should be"
        raise BadFrameError(msg)
    return head


def _whole_frame_after(data: bytes, at: int, expected: int) -> bool:
    """Tell whether an undamaged, later frame begins anywhere from ``at`` on."""
    while (at := data.find(FRAME_MAGIC, at)) >= 0:
        try:
            head = unpack_head(data[at : at + FRAME_BYTES])
            check_body(head, data[at + FRAME_BYTES : at + FRAME_BYTES + head.body_bytes])
        except BadFrameError:
            at += 1
            continue
        # A payload may hold a copy of some frame; only one that continues the numbering is ours.
        return head.first > expected
    return False
