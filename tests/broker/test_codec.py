import json
from contextlib import suppress
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.codec import decode, decode_channel, encode
from broker.errors import MalformedMessageError, Reason
from broker.limits import MAX_METRICS
from broker.messages import (
    Birth,
    Command,
    Event,
    Feedback,
    Level,
    Message,
    MetricSpec,
    Notice,
    Presence,
    Result,
    ResultStatus,
    Status,
)
from broker.topics import Channel

names = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=64)
verbs = st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=64)
instants = st.none() | st.integers(-(2**63), 2**63 - 1)
numbers = st.floats(allow_nan=False, allow_infinity=False)
tickets = st.integers(0, 10**17).map(lambda number: f"T-{number}")
specs = st.builds(
    MetricSpec, unit=st.sampled_from(["", "degC", "°C"]), min=st.none() | st.just(0.0), max=st.none() | st.just(1.5)
)

MESSAGES: dict[Channel, st.SearchStrategy[Message]] = {
    Channel.BIRTH: st.builds(
        Birth,
        boot=names,
        product=names,
        metrics=st.dictionaries(verbs, specs, max_size=4),
        firmware=names,
        serial=names,
        context=st.lists(verbs, max_size=3).map(tuple),
        commands=st.lists(verbs, max_size=3).map(tuple),
        busy=st.booleans(),
        v=st.just(1),
    ),
    Channel.STATUS: st.builds(Status, st.sampled_from(Presence)),
    Channel.EVENT: st.builds(
        Event,
        boot=names,
        seq=st.integers(0, 2**40),
        code=names,
        level=st.sampled_from(Level),
        ts=instants,
        text=texts,
        v=st.just(1),
    ),
    Channel.RESULT: st.builds(
        Result, id=names, status=st.sampled_from(ResultStatus), detail=texts, ts=instants, v=st.just(1)
    ),
    Channel.FEEDBACK: st.builds(
        Feedback, ticket=tickets, score=st.integers(1, 5), comment=texts, ts=instants, v=st.just(1)
    ),
    Channel.COMMAND: st.builds(
        Command,
        id=names,
        verb=verbs,
        not_after=st.integers(0, 2**53),
        args=st.dictionaries(verbs, numbers | st.booleans() | texts, max_size=3),
        ticket=tickets,
        v=st.just(1),
    ),
    Channel.NOTICE: st.builds(
        Notice,
        ticket=tickets,
        lang=st.just("en"),
        title=texts,
        text=texts,
        not_after=st.integers(0, 2**53),
        ask_rating=st.booleans(),
        v=st.just(1),
    ),
}

# What PROTOCOL.md shows, to the letter.
SHOWN: dict[Channel, bytes] = {
    Channel.BIRTH: b'{"v":1, "boot":"01JD3K...", "product":"frost-200", "firmware":"2.4.1", "serial":"FR2-001829",'
    b'"metrics":{"compressor_current_a":{"unit":"A","min":0,"max":12}, "cabinet_temp_c":{"unit":"degC"}},'
    b'"context":["mode"], "commands":["restart","defrost","set_config"], "busy":false}',
    Channel.EVENT: b'{"v":1, "boot":"01JD3K...", "seq":7, "ts":1790000000123, "code":"E17", "level":"error",'
    b' "text":"fan stalled"}',
    Channel.RESULT: b'{"v":1, "id":"01JD3M...", "status":"accepted", "detail":"", "ts":1790000000123}',
    Channel.FEEDBACK: b'{"v":1, "ticket":"T-1042", "score":5, "comment":"did not even notice", "ts":1790000000123}',
    Channel.COMMAND: b'{"v":1, "id":"01JD3M...", "verb":"restart", "args":{}, "not_after":1790000300000,'
    b' "ticket":"T-1042"}',
    Channel.NOTICE: b'{"v":1, "ticket":"T-1042", "lang":"en", "title":"Fixed overnight", "text":"...",'
    b' "ask_rating":true, "not_after":1790000300000}',
}


def refusal(channel: Channel, payload: bytes) -> Reason:
    with pytest.raises(MalformedMessageError) as refused:
        decode_channel(channel, payload)
    return refused.value.reason


def test_every_channel_but_telemetry_has_its_round_trip_here() -> None:
    assert set(MESSAGES) == set(Channel) - {Channel.TELEMETRY}


@given(st.sampled_from(sorted(MESSAGES)).flatmap(lambda channel: st.tuples(st.just(channel), MESSAGES[channel])))
def test_what_is_encoded_decodes_to_the_same_message(case: tuple[Channel, Message]) -> None:
    channel, message = case

    assert decode_channel(channel, encode(message)) == message


@pytest.mark.parametrize("channel", SHOWN)
def test_what_the_protocol_shows_is_understood_and_said_the_same_way(channel: Channel) -> None:
    message = decode(f"amends/v1/d1/{channel}", SHOWN[channel])

    assert json.loads(encode(message)) == json.loads(SHOWN[channel])


@given(st.sampled_from(Channel), st.binary(max_size=200))
def test_any_bytes_give_a_message_or_the_one_error(channel: Channel, payload: bytes) -> None:
    with suppress(MalformedMessageError):
        decode_channel(channel, payload)


@pytest.mark.parametrize(
    "payload", [b"online", b'"online"', b'{"v":1,"status":"online"}', b'{"status":"online","x":0}']
)
def test_a_status_is_a_bare_word_and_understood_as_json_too(payload: bytes) -> None:
    assert decode_channel(Channel.STATUS, payload) == Status(Presence.ONLINE)
    assert encode(Status(Presence.OFFLINE)) == b"offline"


@pytest.mark.parametrize("payload", [b"", b"Online", b"online\n", b'"away"', b"{}", b"[" * 100_000, b"\xff"])
def test_any_other_status_is_refused(payload: bytes) -> None:
    assert refusal(Channel.STATUS, payload) in {
        Reason.NOT_JSON,
        Reason.BAD_FIELD,
        Reason.NOT_UTF8,
        Reason.WRONG_VERSION,
    }


@pytest.mark.parametrize("channel", sorted(SHOWN))
def test_another_version_is_refused_as_such_whatever_else_it_holds(channel: Channel) -> None:
    assert refusal(channel, b'{"v":2,"new":"shape"}') is Reason.WRONG_VERSION
    assert refusal(channel, b"{}") is Reason.WRONG_VERSION


@pytest.mark.parametrize("channel", sorted(SHOWN))
@pytest.mark.parametrize(
    "payload",
    [b'{"x":' + b"[" * 100_000, b'{"v":' + b"9" * 250_000 + b"}", b"[" * 250_000, b'{"a":' * 40_000, b" " * 300_000],
)
def test_hostile_payloads_are_refused_in_five_milliseconds(channel: Channel, payload: bytes) -> None:
    took_s = 1.0
    for _ in range(3):
        began = perf_counter()
        refusal(channel, payload)
        took_s = min(took_s, perf_counter() - began)

    assert took_s < 0.005


@pytest.mark.parametrize(
    ("channel", "changes", "reason"),
    [
        (Channel.BIRTH, {"metrics": {"Temp": {}}}, Reason.BAD_METRIC_NAME),
        (Channel.BIRTH, {"context": ["Mode"]}, Reason.BAD_METRIC_NAME),
        (Channel.BIRTH, {"metrics": {f"m{i}": {} for i in range(MAX_METRICS)}}, Reason.TOO_MANY_METRICS),
        (Channel.BIRTH, {"metrics": {"temp_c": {"min": 2, "max": 1}}}, Reason.BAD_FIELD),
        (Channel.BIRTH, {"metrics": {"temp_c": {"unit": "\u202eC"}}}, Reason.BAD_FIELD),
        (Channel.BIRTH, {"product": "nul\0"}, Reason.BAD_FIELD),
        (Channel.BIRTH, {"product": ""}, Reason.BAD_FIELD),
        (Channel.BIRTH, {"commands": ["rm -rf"]}, Reason.BAD_FIELD),
        (Channel.BIRTH, {"busy": "no"}, Reason.BAD_FIELD),
        (Channel.EVENT, {"level": "panic"}, Reason.BAD_FIELD),
        (Channel.EVENT, {"code": "E\0"}, Reason.BAD_FIELD),
        (Channel.EVENT, {"text": "x" * 513}, Reason.BAD_FIELD),
        (Channel.RESULT, {"status": "done"}, Reason.BAD_FIELD),
        (Channel.FEEDBACK, {"score": 0}, Reason.BAD_FIELD),
        (Channel.FEEDBACK, {"score": 6}, Reason.BAD_FIELD),
        (Channel.FEEDBACK, {"score": 4.5}, Reason.BAD_FIELD),
        (Channel.FEEDBACK, {"ticket": "T-1; drop"}, Reason.BAD_FIELD),
        (Channel.FEEDBACK, {"comment": "x" * 2001}, Reason.BAD_FIELD),
        (Channel.COMMAND, {"verb": "Restart!"}, Reason.BAD_FIELD),
        (Channel.COMMAND, {"args": {"a": {"b": 1}}}, Reason.BAD_FIELD),
    ],
)
def test_what_breaks_the_schema_says_how(channel: Channel, changes: dict[str, object], reason: Reason) -> None:
    payload = json.dumps(json.loads(SHOWN[channel]) | changes).encode()

    assert refusal(channel, payload) is reason


def test_free_text_loses_what_could_fool_a_reader_and_nothing_else() -> None:
    said = "ünter\u202e den\n\tLinden\0 \x1b[31m👩\u200d🔧"
    payload = json.dumps(json.loads(SHOWN[Channel.EVENT]) | {"text": said}).encode()

    event = decode_channel(Channel.EVENT, payload)

    assert isinstance(event, Event)
    assert event.text == "ünter den\n\tLinden [31m👩\u200d🔧"
