"""The usual telemetry, read many messages at a time (pure: compiled).

One sample, with its instant or without, or columns, of numbers and words, in ASCII and without escapes: that is what
devices send. What they have in common from message to message, the names and the words, is the message's *form*; a
form is decoded once by the codec, and after that only its numbers are read. Whatever is unusual in any way is left to
the codec, message by message: this reads less than JSON, never more.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0911, PLR0912, PLR0913, PLR0915, PLR0917 - the same, and one loop a thing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call, assignment"

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.compiled import loop
from agent.health.gathering import Parts
from agent.listen.scan import (
    BRACKET,
    CLOSE_BRACE,
    COLON,
    COMMA,
    NINE,
    NO_TIME,
    OPEN,
    QUOTE,
    ZERO,
    blank,
    instants,
    reading,
    readings,
    text,
    whole,
)
from agent.listen.texts import find
from broker.limits import MAX_METRICS, MAX_NAME_CHARS, MAX_PAYLOAD_BYTES

MOST_FORM_BYTES: Final = 4_096
UNUSUAL, REFUSED = -1, -2
"""What stands for a form where there is none that is known: one by one, or not at all, for nobody can read it."""
NUMBER, WORD, END = 1, 2, 3
"""What stands in a form after a name: a number is to be read, or a word follows, up to an end."""


class Read(NamedTuple):
    """What was read of a block, an entry a record.

    ``topic`` and ``form`` are numbers in their tables, −1 where it is not known or ``UNUSUAL``. Of sample ``row`` of
    ``samples``, the instant is at ``time_at + row`` in ``times`` (``NO_TIME``: none was said), and number ``n`` at
    ``value_at + n · samples + row`` in ``values``.
    """

    topic: NDArray[np.int32]
    form: NDArray[np.int32]
    boot_at: NDArray[np.int64]
    boot_bytes: NDArray[np.int64]
    seq: NDArray[np.int64]
    samples: NDArray[np.int64]
    time_at: NDArray[np.int64]
    value_at: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float32]


def room_for(records: int, body_bytes: int) -> Read:
    """Return arrays with room for what a block holds: a number takes two bytes at least."""
    boot_at, boot_bytes, seq, samples, time_at, value_at = np.empty((6, records), np.int64)
    return Read(
        topic=np.empty(records, np.int32),
        form=np.empty(records, np.int32),
        boot_at=boot_at,
        boot_bytes=boot_bytes,
        seq=seq,
        samples=samples,
        time_at=time_at,
        value_at=value_at,
        times=np.empty(body_bytes // 2 + records, np.int64),
        values=np.empty(body_bytes // 2 + records, np.float32),
    )


@loop
def read_block(body, places, topics, forms, read):
    """Fill ``read`` with what the records of a block say; ``topics`` and ``forms`` are tables."""
    form = np.empty(MOST_FORM_BYTES, np.uint8)
    head = np.empty(8, np.int64)
    times = 0
    values = 0
    for record in range(len(places.end)):
        topic = find(topics, body, places.topic[record], places.payload[record])
        read.topic[record] = topic
        read.form[record] = UNUSUAL
        if topic < 0:
            continue
        head[_TIMES] = times
        head[_VALUES] = values
        length = _read(body, places.payload[record], places.end[record], head, form, read.times, read.values)
        if length < 0:
            continue
        known = find(forms, form, 0, length)
        read.form[record] = known
        if known < 0:
            continue
        read.boot_at[record] = head[_BOOT_AT]
        read.boot_bytes[record] = head[_BOOT_BYTES]
        read.seq[record] = head[_SEQ]
        read.samples[record] = head[_SAMPLES]
        read.time_at[record] = times
        read.value_at[record] = values
        times += head[_SAMPLES]
        values += head[_SAMPLES] * head[_NUMBERS]


def form_of(payload: bytes) -> bytes | None:
    """Return a payload's form; ``None``: it is not usual."""
    form, head = np.empty(MOST_FORM_BYTES, np.uint8), np.zeros(8, np.int64)
    times, values = np.empty(len(payload), np.int64), np.empty(len(payload), np.float32)
    length = _read(np.frombuffer(payload, np.uint8), 0, len(payload), head, form, times, values)
    return None if length < 0 else form[:length].tobytes()


def parts_of(form: bytes) -> Parts:
    """Return what a form says."""
    numbers: list[str] = []
    words: dict[str, str] = {}
    name = bytearray()
    at = 0
    while at < len(form):
        if form[at] == NUMBER:
            numbers.append(name.decode())
            name.clear()
        elif form[at] == WORD:
            end = form.index(END, at)
            words[name.decode()] = form[at + 1 : end].decode()
            name.clear()
            at = end
        else:
            name.append(form[at])
        at += 1
    return Parts(tuple(numbers), words)


# Places in ``head``: what is known of one message while it is read.
_TIMES, _VALUES, _BOOT_AT, _BOOT_BYTES, _SEQ, _SAMPLES, _NUMBERS = 0, 1, 2, 3, 4, 5, 6


@loop
def _metrics(body, at, end, head, form, values):
    """Return the place after the metrics, the form's length and the samples, 0 for one alone; −1: unusual."""
    length = 0
    numbers = 0
    names = 0
    samples = -1
    place = head[_VALUES]
    at = blank(body, at + 1, end)
    if at < end and body[at] == CLOSE_BRACE:
        head[_NUMBERS] = 0
        return at + 1, 0, 0
    while at < end:
        start = at + 1
        at = text(body, at, end, MAX_NAME_CHARS)
        names += 1
        if at < 0 or names > MAX_METRICS or length + at - start + MAX_NAME_CHARS + 4 > MOST_FORM_BYTES:
            return -1, 0, 0
        for letter in range(start, at - 1):
            c = body[letter]
            if not (97 <= c <= 122 or ZERO <= c <= NINE or c == 95):  # noqa: PLR2004 - a to z, digits, _
                return -1, 0, 0
            form[length] = c
            length += 1
        at = blank(body, at, end)
        if at >= end or body[at] != COLON:
            return -1, 0, 0
        at = blank(body, at + 1, end)
        if at >= end:
            return -1, 0, 0
        count = 0
        if body[at] == QUOTE:
            start = at + 1
            at = text(body, at, end, MAX_NAME_CHARS)
            if at < 0:
                return -1, 0, 0
            form[length] = WORD
            length += 1
            for letter in range(start, at - 1):
                form[length] = body[letter]
                length += 1
            form[length] = END
            length += 1
        else:
            if body[at] == BRACKET:
                at, count = readings(body, at, end, values, place)
            else:
                at, values[place] = reading(body, at, end)
            if at < 0:
                return -1, 0, 0
            place += max(count, 1)
            numbers += 1
            form[length] = NUMBER
            length += 1
        if samples >= 0 and samples != count:
            return -1, 0, 0
        samples = count
        at = blank(body, at, end)
        if at >= end:
            return -1, 0, 0
        if body[at] == CLOSE_BRACE:
            head[_NUMBERS] = numbers
            return at + 1, length, samples
        if body[at] != COMMA:
            return -1, 0, 0
        at = blank(body, at + 1, end)
    return -1, 0, 0


@loop
def _read(body, at, end, head, form, times, values):
    """Read one message into ``head``, ``form``, ``times`` and ``values``; return the form's length, −1: unusual."""
    if end - at > MAX_PAYLOAD_BYTES:
        return -1
    has_v = has_boot = has_seq = has_times = has_metrics = False
    times_count = -1
    metrics_count = -1
    length = 0
    at = blank(body, at, end)
    if at >= end or body[at] != OPEN:
        return -1
    at = blank(body, at + 1, end)
    while at < end:
        start = at + 1
        at = text(body, at, end, 4)
        if at < 0:
            return -1
        named = at - 1 - start
        key = np.int64(0)
        for letter in range(start, at - 1):
            key = key << 8 | np.int64(body[letter])
        at = blank(body, at, end)
        if at >= end or body[at] != COLON:
            return -1
        at = blank(body, at + 1, end)
        if at >= end:
            return -1
        if named == 1 and key == 118 and not has_v:  # noqa: PLR2004 - v
            has_v = True
            at, version = whole(body, at, end)
            if version != 1:
                return -1
        elif named == 4 and key == 0x626F6F74 and not has_boot:  # noqa: PLR2004 - boot
            has_boot = True
            head[_BOOT_AT] = at + 1
            at = text(body, at, end, MAX_NAME_CHARS)
            head[_BOOT_BYTES] = at - 1 - head[_BOOT_AT]
        elif named == 3 and key == 0x736571 and not has_seq:  # noqa: PLR2004 - seq
            has_seq = True
            at, head[_SEQ] = whole(body, at, end)
        elif named == 2 and key == 0x7473 and not has_times:  # noqa: PLR2004 - ts
            has_times = True
            at, times_count = instants(body, at, end, times, head[_TIMES])
        elif named == 1 and key == 109 and not has_metrics and body[at] == OPEN:  # noqa: PLR2004 - m
            has_metrics = True
            at, length, metrics_count = _metrics(body, at, end, head, form, values)
        else:
            return -1
        if at < 0:
            return -1
        at = blank(body, at, end)
        if at >= end:
            return -1
        if body[at] == CLOSE_BRACE:
            if not (has_v and has_boot and has_seq and has_metrics):
                return -1
            if not has_times:
                times[head[_TIMES]] = NO_TIME
                times_count = 0
            if times_count != metrics_count or blank(body, at + 1, end) != end:
                return -1
            head[_SAMPLES] = max(times_count, 1)
            return length
        if body[at] != COMMA:
            return -1
        at = blank(body, at + 1, end)
    return -1
