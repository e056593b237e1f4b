import json
import math
from contextlib import suppress
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.codec import decode
from broker.errors import MalformedMessageError, Reason
from broker.limits import MAX_METRICS, MAX_PAYLOAD_BYTES, MAX_SAMPLES
from broker.messages import ContextColumn, Telemetry
from broker.telemetry import decode_telemetry, encode_telemetry

names = st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True)
numbers = st.floats(min_value=-3e38, max_value=3e38, allow_nan=False)
readings = numbers | st.none()
words = st.none() | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=64)


def sample(**changes: object) -> dict[str, object]:
    return {"v": 1, "boot": "b1", "seq": 7, "ts": 1790000000123, "m": {"temp_c": 4.5}} | changes


def decoded(value: object) -> Telemetry:
    return decode_telemetry(json.dumps(value).encode())


def refusal(payload: bytes) -> Reason:
    with pytest.raises(MalformedMessageError) as refused:
        decode_telemetry(payload)
    return refused.value.reason


def same(one: Telemetry, other: Telemetry) -> bool:
    heads = (one.boot, one.seq, one.ts_ms, one.metrics, one.context) == (
        other.boot,
        other.seq,
        other.ts_ms,
        other.metrics,
        other.context,
    )
    return heads and np.array_equal(one.values, other.values, equal_nan=True)


@st.composite
def telemetries(draw: st.DrawFn) -> Telemetry:
    n = draw(st.integers(1, 4))
    numeric = draw(st.lists(names, max_size=4, unique=True))
    spoken = draw(st.lists(names.filter(lambda name: name not in numeric), max_size=2, unique=True))
    columns = [
        draw(st.lists(words, min_size=n, max_size=n).filter(lambda c: any(w is not None for w in c))) for _ in spoken
    ]
    first = draw(st.integers(0, 2**40))
    steps = draw(st.sampled_from([[1] * n, [3] * n]))
    boots = draw(st.sampled_from([("b1",) * n, tuple(f"b{i}" for i in range(n))]))
    flat = [draw(readings) for _ in range(n * len(numeric))]
    return Telemetry(
        boot=boots,
        seq=tuple(first + sum(steps[:i]) for i in range(n)),
        ts_ms=tuple(draw(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n))),
        metrics=tuple(numeric),
        flat=tuple(math.nan if value is None else value for value in flat),
        context=tuple(ContextColumn(name, tuple(column)) for name, column in zip(spoken, columns, strict=True)),
    )


@given(telemetries())
def test_what_is_encoded_decodes_to_the_same_samples(telemetry: Telemetry) -> None:
    assert same(decode_telemetry(encode_telemetry(telemetry)), telemetry)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_give_telemetry_or_the_one_error(payload: bytes) -> None:
    with suppress(MalformedMessageError):
        assert len(decode_telemetry(payload)) >= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | names, inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries(dict.fromkeys(("v", "boot", "seq", "ts", "m"), json_values)), json_values)
def test_any_json_gives_telemetry_or_the_one_error(shape: dict[str, object], m: object) -> None:
    for value in (shape, [shape], sample(m=m), sample(m={"a": m}), [sample(m={"a": m}), sample(ts=m)]):
        try:
            telemetry = decoded(value)
        except MalformedMessageError:
            continue
        assert telemetry.values.shape == (len(telemetry.boot), len(telemetry.metrics))
        assert not np.isinf(telemetry.values.astype(np.float32)).any()


def test_one_sample_of_numbers_booleans_and_blanks() -> None:
    telemetry = decoded(sample(m={"temp_c": 4, "door_open": True, "fan_rpm": None}))

    assert (telemetry.boot, telemetry.seq, telemetry.ts_ms) == (("b1",), (7,), (1790000000123,))
    assert telemetry.metrics == ("temp_c", "door_open", "fan_rpm")
    assert np.array_equal(telemetry.values, [[4.0, 1.0, math.nan]], equal_nan=True)


def test_words_of_a_context_metric_stay_apart_from_numbers() -> None:
    telemetry = decoded(sample(m={"mode": "eco", "temp_c": 4.5}))

    assert telemetry.metrics == ("temp_c",)
    assert telemetry.flat == (4.5,)
    assert telemetry.context == (ContextColumn("mode", ("eco",)),)


def test_columns_count_their_sequence_on_from_the_first_sample() -> None:
    telemetry = decoded(sample(ts=[10, 20], m={"temp_c": [4.5, None], "mode": ["eco", None], "fan_rpm": [1, 2]}))

    assert (telemetry.seq, telemetry.ts_ms) == ((7, 8), (10, 20))
    assert telemetry.metrics == ("temp_c", "fan_rpm")
    assert np.array_equal(telemetry.values, [[4.5, 1.0], [math.nan, 2.0]], equal_nan=True)
    assert telemetry.context == (ContextColumn("mode", ("eco", None)),)


def test_an_array_of_samples_keeps_each_ones_boot_sequence_and_metrics() -> None:
    telemetry = decoded([sample(), sample(boot="b2", seq=0, ts=None, m={"fan_rpm": 900})])

    assert (telemetry.boot, telemetry.seq, telemetry.ts_ms) == (("b1", "b2"), (7, 0), (1790000000123, None))
    assert telemetry.metrics == ("temp_c", "fan_rpm")
    assert np.array_equal(telemetry.values, [[4.5, math.nan], [math.nan, 900.0]], equal_nan=True)


def test_a_device_without_a_clock_leaves_the_instant_out() -> None:
    bare = {"v": 1, "boot": "b1", "seq": 0, "m": {"temp_c": [1, 2, 3]}}

    assert decoded(bare).ts_ms == (None, None, None)


def test_a_wrong_clock_is_for_the_reader_to_judge() -> None:
    nanoseconds = 1_790_000_000_123_000_000

    assert decoded(sample(ts=nanoseconds)).ts_ms == (nanoseconds,)


def test_a_payload_cannot_claim_another_identity() -> None:
    claimed = decoded(sample(id="d2", device_id="d2", topic="amends/v1/d2/telemetry"))

    assert same(claimed, decoded(sample()))


def test_equal_metric_names_come_back_as_one_object() -> None:
    assert decoded(sample(seq=1)).metrics is decoded(sample(seq=2)).metrics


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (sample(v=2), Reason.WRONG_VERSION),
        (sample(v=2, seq="new kind"), Reason.WRONG_VERSION),
        ([sample(), sample(v=2)], Reason.WRONG_VERSION),
        (sample(seq=-1), Reason.BAD_FIELD),
        (sample(seq=2**60), Reason.BAD_FIELD),
        (sample(seq=True), Reason.BAD_FIELD),
        (sample(boot=""), Reason.BAD_FIELD),
        (sample(boot="x" * 65), Reason.BAD_FIELD),
        (sample(boot="nul\0"), Reason.BAD_FIELD),
        (sample(boot="\u202eb"), Reason.BAD_FIELD),
        (sample(ts="now"), Reason.BAD_FIELD),
        (sample(ts=2**70), Reason.BAD_FIELD),
        (sample(ts=[1]), Reason.BAD_FIELD),
        (sample(m={"temp_c": {"deep": 1}}), Reason.BAD_FIELD),
        (sample(m={"mode": "x" * 65}), Reason.BAD_FIELD),
        (sample(m={"mode": "\u202eeco"}), Reason.BAD_FIELD),
        (sample(m={"temp_c": [1, 2], "fan_rpm": [1]}, ts=[1, 2]), Reason.BAD_FIELD),
        (sample(m={"temp_c": [1, 2], "fan_rpm": 1}, ts=[1, 2]), Reason.BAD_FIELD),
        (sample(m={"temp_c": [1, 2]}, ts=[1]), Reason.BAD_FIELD),
        (sample(m={"temp_c": []}, ts=[]), Reason.BAD_FIELD),
        (sample(m={"temp_c": [1, 2]}, ts=5), Reason.BAD_FIELD),
        ([sample(), sample(m={"temp_c": [1]})], Reason.BAD_FIELD),
        ([], Reason.BAD_FIELD),
        ("online", Reason.BAD_FIELD),
        (sample(m={"Temp": 1}), Reason.BAD_METRIC_NAME),
        (sample(m={"": 1}), Reason.BAD_METRIC_NAME),
        (sample(m={"temp_c\n": 1}), Reason.BAD_METRIC_NAME),
        (sample(m={"x" * 65: 1}), Reason.BAD_METRIC_NAME),
        (sample(m={"temp_c": 3.5e38}), Reason.NOT_FINITE),
        (sample(m={"temp_c": 3.5e38, "fan_rpm": None}), Reason.NOT_FINITE),
        (sample(m={"temp_c": [-1e300, 0]}, ts=[1, 2]), Reason.NOT_FINITE),
        (sample(m={"temp_c": math.nan}), Reason.NOT_JSON),
        (sample(m={f"m{i}": 1 for i in range(MAX_METRICS + 1)}), Reason.TOO_MANY_METRICS),
        ([sample(m={f"m{i}": 1}) for i in range(MAX_METRICS + 1)], Reason.TOO_MANY_METRICS),
        ([sample()] * (MAX_SAMPLES + 1), Reason.TOO_MANY_SAMPLES),
        (sample(ts=None, m={"temp_c": [0] * (MAX_SAMPLES + 1)}), Reason.TOO_MANY_SAMPLES),
    ],
)
def test_what_breaks_the_schema_says_how(value: object, reason: Reason) -> None:
    assert refusal(json.dumps(value).encode()) is reason


def test_the_largest_lawful_messages_pass() -> None:
    assert len(decoded([sample(m={})] * MAX_SAMPLES)) == MAX_SAMPLES
    assert decoded(sample(m={f"m{i}": 1 for i in range(MAX_METRICS)})).values.shape == (1, MAX_METRICS)
    assert decoded(sample(ts=None, m={"temp_c": [0] * MAX_SAMPLES})).seq[-1] == 7 + MAX_SAMPLES - 1


HOSTILE = {
    "ten megabytes": (b" " * 10_000_000, Reason.TOO_LARGE),
    "a hundred thousand metrics": (
        b'{"v":1,"boot":"b","seq":1,"m":{' + b",".join(b'"m%d":1' % i for i in range(100_000)) + b"}}",
        Reason.TOO_LARGE,
    ),
    "as many metrics as fit": (
        b'{"v":1,"boot":"b","seq":1,"m":{' + b",".join(b'"%x":1' % i for i in range(25_000)) + b"}}",
        Reason.TOO_MANY_METRICS,
    ),
    "as many samples as fit": (
        b"[" + b",".join([b'{"v":1,"boot":"b","seq":1,"m":{}}'] * 7_500) + b"]",
        Reason.TOO_MANY_SAMPLES,
    ),
    "deep lists": (b'{"x":' + b"[" * 100_000, Reason.TOO_DEEP),
    "deep objects": (b'{"x":' * 40_000, Reason.TOO_DEEP),
    "a number of 250,000 digits": (b'{"v":1,"boot":"b","seq":1,"m":{"a":' + b"9" * 250_000 + b"}}", Reason.NOT_FINITE),
    "a sequence of 250,000 digits": (b'{"v":1,"boot":"b","m":{},"seq":' + b"9" * 250_000 + b"}", Reason.NOT_FINITE),
    "infinity by exponent": (b'{"v":1,"boot":"b","seq":1,"m":{"a":1e999}}', Reason.NOT_FINITE),
    "a NaN literal": (b'{"v":1,"boot":"b","seq":1,"m":{"a":NaN}}', Reason.NOT_JSON),
    "invalid UTF-8": (b'{"v":1,"boot":"\xff","seq":1,"m":{}}', Reason.NOT_UTF8),
    "invalid UTF-8 in an unknown field": (b'{"v":1,"boot":"b","seq":1,"m":{},"x":"\xed\xa0\x80"}', Reason.NOT_UTF8),
    "half a surrogate pair": (b'{"v":1,"boot":"\\ud800","seq":1,"m":{}}', Reason.NOT_JSON),
    "a byte order mark": (b'\xef\xbb\xbf{"v":1,"boot":"b","seq":1,"m":{}}', Reason.NOT_JSON),
    "nothing": (b"", Reason.NOT_JSON),
    "a long word": (b'{"v":1,"boot":"b","seq":1,"m":{"a":"' + b"x" * 250_000 + b'"}}', Reason.BAD_FIELD),
}


@pytest.mark.parametrize(("payload", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_payloads_are_refused_in_five_milliseconds(payload: bytes, reason: Reason) -> None:
    took_s = math.inf
    for _ in range(5):  # processor time, and the best of five: other processes share the machine
        began = process_time()
        assert refusal(payload) is reason
        took_s = min(took_s, process_time() - began)

    assert took_s < 0.005


def test_the_error_names_the_topic_and_never_the_payload() -> None:
    payload = b'{"v":1,"boot":"s3cret\\u0000","seq":1,"m":{}}'
    assert len(payload) < MAX_PAYLOAD_BYTES

    with pytest.raises(MalformedMessageError) as refused:
        decode("amends/v1/d1/telemetry", payload)

    assert refused.value.topic == "amends/v1/d1/telemetry"
    assert "s3cret" not in str(refused.value)


def test_an_object_of_thousands_of_names_is_refused_before_it_is_taken_apart() -> None:
    wide = json.dumps(sample(m={f"m{i}": 1 for i in range(20_000)}), separators=(",", ":")).encode()
    broken = wide[:-1]  # no JSON any more: whoever took it apart would say so

    assert refusal(broken) is Reason.TOO_MANY_METRICS


def test_many_fields_that_nobody_knows_are_ignored_as_few_are() -> None:
    talkative = sample() | {f"x{i}": "y" * 10 for i in range(2_000)}

    assert len(decoded(talkative)) == 1
