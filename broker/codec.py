"""Bytes to typed messages and back (pure).

Whatever the bytes are, decoding gives a message or raises ``MalformedMessageError``, and costs
milliseconds at most. Telemetry has its own decoder in ``telemetry.py``, for it is the hot path.
"""

from typing import Any, Final, assert_never

import msgspec
from msgspec.structs import replace

from broker.errors import MalformedMessageError, Reason
from broker.messages import (
    Birth,
    Command,
    Event,
    Feedback,
    Message,
    Notice,
    Presence,
    Result,
    Status,
    Telemetry,
)
from broker.payloads import DECODER_ERRORS, checked_metrics, malformed_by, refuse_other_version, refuse_unreadable
from broker.telemetry import decode_telemetry, encode_telemetry
from broker.text import cleaned, refuse_unprintable
from broker.topics import ROOT, Channel, parse_topic

__all__ = ["decode", "decode_channel", "decode_telemetry", "encode"]

_DECODERS: Final[dict[Channel, msgspec.json.Decoder[Any]]] = {
    Channel.BIRTH: msgspec.json.Decoder(Birth),
    Channel.EVENT: msgspec.json.Decoder(Event),
    Channel.RESULT: msgspec.json.Decoder(Result),
    Channel.FEEDBACK: msgspec.json.Decoder(Feedback),
    Channel.COMMAND: msgspec.json.Decoder(Command),
    Channel.NOTICE: msgspec.json.Decoder(Notice),
}


class _StatusObject(msgspec.Struct, frozen=True):
    status: Presence


_STATUS_DECODER: Final = msgspec.json.Decoder(Presence | _StatusObject)
_PRESENCES: Final = {presence.value.encode(): Status(presence) for presence in Presence}


def decode(topic: str, payload: bytes, root: str = ROOT) -> Message:
    """Return the message on a device's topic; whose it is says ``parse_topic``, never the payload.

    Raises:
        MalformedMessageError: the topic or the payload breaks protocol v1.
    """
    channel = parse_topic(topic, root).channel
    try:
        return decode_channel(channel, payload)
    except MalformedMessageError as error:
        raise MalformedMessageError(error.reason, error.detail, topic) from error


def decode_channel(channel: Channel, payload: bytes) -> Message:
    """Return the message that came on a channel.

    Raises:
        MalformedMessageError: the payload breaks protocol v1; the error's topic is empty.
    """
    if channel is Channel.TELEMETRY:
        return decode_telemetry(payload)
    refuse_unreadable(payload)
    if channel is Channel.STATUS:
        return _decode_status(payload)
    refuse_other_version(payload)
    try:
        message: Birth | Event | Result | Feedback | Command | Notice = _DECODERS[channel].decode(payload)
    except DECODER_ERRORS as error:
        raise malformed_by(error, payload) from error
    return _checked(message)


def encode(message: Message) -> bytes:
    """Return the payload that says ``message``; decoding it gives an equal value."""
    match message:
        case Telemetry():
            return encode_telemetry(message)
        case Status():
            return message.presence.value.encode()
        case Birth() | Event() | Result() | Feedback() | Command() | Notice():
            return msgspec.json.encode(message)
        case never:
            assert_never(never)


def _decode_status(payload: bytes) -> Status:
    """Return a status from the bare word; quoted, or as ``{"status": "online"}``, it is understood too."""
    bare = _PRESENCES.get(payload)
    if bare is not None:
        return bare
    try:
        decoded = _STATUS_DECODER.decode(payload)
    except DECODER_ERRORS as error:
        raise malformed_by(error, payload) from error
    return Status(decoded if isinstance(decoded, Presence) else decoded.status)


def _checked(
    message: Birth | Event | Result | Feedback | Command | Notice,
) -> Birth | Event | Result | Feedback | Command | Notice:
    """Return the message with its free texts cleaned; names that cannot be shown are refused."""
    match message:
        case Birth():
            _check_birth(message)
            return message
        case Event():
            refuse_unprintable(boot=message.boot, code=message.code)
            return replace(message, text=cleaned(message.text))
        case Result():
            refuse_unprintable(id=message.id)
            return replace(message, detail=cleaned(message.detail))
        case Feedback():
            return replace(message, comment=cleaned(message.comment))
        case Command():
            refuse_unprintable(id=message.id, ticket=message.ticket)
            return message
        case Notice():
            refuse_unprintable(lang=message.lang)
            return replace(message, title=cleaned(message.title), text=cleaned(message.text))
        case never:
            assert_never(never)


def _check_birth(birth: Birth) -> None:
    checked_metrics(tuple(birth.metrics | dict.fromkeys(birth.context)))
    refuse_unprintable(boot=birth.boot, product=birth.product, firmware=birth.firmware, serial=birth.serial)
    for name, spec in birth.metrics.items():
        refuse_unprintable(unit=spec.unit)
        if spec.min is not None and spec.max is not None and spec.min > spec.max:
            raise MalformedMessageError(Reason.BAD_FIELD, f"{name}: min is above max")
