"""Telemetry to columns and back (pure): the decoder of the hot path.

One sample, an array of samples and columns all become one ``Telemetry``. A sample of nothing but numbers,
the usual case, takes the short way, without a look at each value: one or two µs for eight metrics, twice that
with words or blanks among them.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import hypot, isnan, nan
from typing import Final, TypeAlias, cast

import msgspec

from broker.errors import MalformedMessageError, Reason
from broker.limits import MAX_CONTEXT_CHARS, MAX_MAGNITUDE, MAX_METRICS, MAX_SAMPLES
from broker.messages import VERSION, ContextColumn, DeviceMillis, Name, SeqNumber, Telemetry
from broker.payloads import DECODER_ERRORS, checked_metrics, malformed_by, refuse_too_wide, refuse_unreadable
from broker.text import refuse_unprintable

_Reading: TypeAlias = float | bool | str | None


class _Sample(msgspec.Struct, frozen=True, gc=False):
    """One sample, or columns when ``m`` holds lists."""

    v: int
    boot: Name
    seq: SeqNumber
    m: dict[str, _Reading | list[_Reading]]
    ts: DeviceMillis | list[DeviceMillis | None] | None = None


_DECODER: Final = msgspec.json.Decoder(_Sample | list[_Sample])


def decode_telemetry(payload: bytes) -> Telemetry:
    """Return the samples in a telemetry payload of any of the three shapes.

    Raises:
        MalformedMessageError: for any other bytes, with its reason; the topic is left to the caller.
    """
    refuse_unreadable(payload)
    refuse_too_wide(payload)
    try:
        decoded = _DECODER.decode(payload)
    except DECODER_ERRORS as error:
        raise malformed_by(error, payload) from error
    if isinstance(decoded, list):
        return _array(decoded)
    return _object(decoded)


def encode_telemetry(telemetry: Telemetry) -> bytes:
    """Return the shortest payload that decodes to these samples: one sample, columns or an array of samples."""
    columns: dict[str, Sequence[_Reading]] = {}
    width = len(telemetry.metrics)
    for index, metric in enumerate(telemetry.metrics):
        columns[metric] = [None if isnan(value) else value for value in telemetry.flat[index::width]]
    for column in telemetry.context:
        numbers = columns.get(column.metric, (None,) * len(telemetry))
        columns[column.metric] = [
            number if word is None else word for word, number in zip(column.values, numbers, strict=True)
        ]
    boot, seq, ts = telemetry.boot, telemetry.seq, telemetry.ts_ms
    if len(telemetry) > 1 and columns and len(set(boot)) == 1 and seq == tuple(range(seq[0], seq[0] + len(seq))):
        return msgspec.json.encode(
            {"v": VERSION, "boot": boot[0], "seq": seq[0], "ts": None if set(ts) == {None} else ts, "m": columns}
        )
    samples = [
        {"v": VERSION, "boot": boot[row], "seq": seq[row], "ts": ts[row], "m": {k: c[row] for k, c in columns.items()}}
        for row in range(len(telemetry))
    ]
    return msgspec.json.encode(samples[0] if len(samples) == 1 else samples)


def _object(sample: _Sample) -> Telemetry:
    _check_head(sample)
    names = checked_metrics(tuple(sample.m))
    numbers = cast("tuple[float, ...]", tuple(sample.m.values()))
    try:
        plain = hypot(*numbers) <= MAX_MAGNITUDE  # words, lists and None raise, in C and at once
    except TypeError:
        plain = False
    if isinstance(sample.ts, list):
        return _columns(sample)
    if plain:
        return Telemetry(boot=(sample.boot,), seq=(sample.seq,), ts_ms=(sample.ts,), metrics=names, flat=numbers)
    if list in map(type, numbers):
        return _columns(sample)
    return _mixed(sample, sample.ts)


def _mixed(sample: _Sample, ts: int | None) -> Telemetry:
    """Return one sample that holds words or blanks besides its numbers."""
    numeric: dict[str, float] = {}
    context: list[ContextColumn] = []
    for name, reading in cast("dict[str, _Reading]", sample.m).items():
        if isinstance(reading, str):
            context.append(ContextColumn(name, (_checked_word(reading),)))
        else:
            numeric[name] = nan if reading is None else reading
    flat = tuple(numeric.values())
    _refuse_huge(flat)
    return Telemetry(
        boot=(sample.boot,),
        seq=(sample.seq,),
        ts_ms=(ts,),
        metrics=checked_metrics(tuple(numeric)),
        flat=flat,
        context=tuple(context),
    )


def _columns(sample: _Sample) -> Telemetry:
    lists = [column for column in (*sample.m.values(), sample.ts) if isinstance(column, list)]
    length = len(lists[0])
    if length > MAX_SAMPLES:
        raise MalformedMessageError(Reason.TOO_MANY_SAMPLES, f"{length}, at most {MAX_SAMPLES}")
    expected = len(sample.m) + (sample.ts is not None)
    if length == 0 or len(lists) != expected or any(len(column) != length for column in lists):
        raise MalformedMessageError(Reason.BAD_FIELD, "columns differ in length, or hold nothing")
    ts = sample.ts if isinstance(sample.ts, list) else (None,) * length
    columns = cast("dict[str, list[_Reading]]", sample.m)
    return _assembled((sample.boot,) * length, tuple(range(sample.seq, sample.seq + length)), tuple(ts), columns)


def _array(samples: list[_Sample]) -> Telemetry:
    if not samples:
        raise MalformedMessageError(Reason.BAD_FIELD, "an array without samples")
    if len(samples) > MAX_SAMPLES:
        raise MalformedMessageError(Reason.TOO_MANY_SAMPLES, f"{len(samples)}, at most {MAX_SAMPLES}")
    names: dict[str, None] = {}
    for sample in samples:
        _check_head(sample)
        names.update(dict.fromkeys(checked_metrics(tuple(sample.m))))
        if isinstance(sample.ts, list) or any(type(reading) is list for reading in sample.m.values()):
            raise MalformedMessageError(Reason.BAD_FIELD, "columns within an array of samples")
    if len(names) > MAX_METRICS:
        raise MalformedMessageError(Reason.TOO_MANY_METRICS, f"{len(names)}, at most {MAX_METRICS}")
    columns = {name: [cast("_Reading", sample.m.get(name)) for sample in samples] for name in names}
    ts = tuple(cast("int | None", sample.ts) for sample in samples)
    return _assembled(tuple(s.boot for s in samples), tuple(s.seq for s in samples), ts, columns)


def _check_head(sample: _Sample) -> None:
    if sample.v != VERSION:
        raise MalformedMessageError(Reason.WRONG_VERSION, f"v is not {VERSION}")
    refuse_unprintable(boot=sample.boot)


def _assembled(
    boot: tuple[str, ...],
    seq: tuple[int, ...],
    ts_ms: tuple[int | None, ...],
    columns: Mapping[str, Sequence[_Reading]],
) -> Telemetry:
    numeric: dict[str, list[float]] = {}
    context: list[ContextColumn] = []
    for name, readings in columns.items():
        words = tuple(_checked_word(reading) if isinstance(reading, str) else None for reading in readings)
        numbers = [nan if reading is None or isinstance(reading, str) else reading for reading in readings]
        has_words = any(word is not None for word in words)
        if has_words:
            context.append(ContextColumn(name, words))
        if not has_words or not all(map(isnan, numbers)):
            numeric[name] = numbers
    flat = tuple(chain.from_iterable(zip(*numeric.values(), strict=True)))
    _refuse_huge(flat)
    metrics = checked_metrics(tuple(numeric))
    return Telemetry(boot=boot, seq=seq, ts_ms=ts_ms, metrics=metrics, flat=flat, context=tuple(context))


def _refuse_huge(numbers: Sequence[float]) -> None:
    if not hypot(*numbers) <= MAX_MAGNITUDE and any(  # only a blank, or a huge one, asks for a look at each
        number > MAX_MAGNITUDE or number < -MAX_MAGNITUDE for number in numbers
    ):
        raise MalformedMessageError(Reason.NOT_FINITE, "a reading beyond single precision")


def _checked_word(word: str) -> str:
    if len(word) > MAX_CONTEXT_CHARS or not word.isprintable():
        raise MalformedMessageError(
            Reason.BAD_FIELD, "a context value too long or with characters that cannot be shown"
        )
    return word
