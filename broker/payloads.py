"""Why a payload was refused (pure): limits checked before decoding, and decoder errors put into our few words."""

import re
from functools import lru_cache
from typing import Final

import msgspec

from broker.errors import MalformedMessageError, Reason
from broker.limits import MAX_METRICS, MAX_PAYLOAD_BYTES
from broker.messages import VERSION

DECODER_ERRORS: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""All that msgspec may raise on hostile bytes: beside its own errors it lets UTF-8 and recursion errors through."""

_LARGE_BYTES: Final = 16_384
_MOST_KEYS: Final = 4_096  # fields nobody knows are ignored, and there may be many of them

_METRIC_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")


class _Versioned(msgspec.Struct, frozen=True):
    v: int | None = None


_VERSION_PROBE: Final = msgspec.json.Decoder(_Versioned | list[_Versioned])


def refuse_unreadable(payload: bytes) -> None:
    """Let payloads pass that are small enough and UTF-8.

    Raises:
        MalformedMessageError: ``too_large`` or ``not_utf8``.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise MalformedMessageError(Reason.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    if not payload.isascii():
        try:
            payload.decode()  # the decoder checks only the strings that it keeps
        except UnicodeDecodeError as error:
            raise MalformedMessageError(Reason.NOT_UTF8, f"byte {error.start}") from error


def refuse_too_wide(payload: bytes) -> None:
    """Let pass what may be one sample, or columns: an object with thousands of keys is not worth taking apart.

    Only large ones are looked at; what this lets through is counted after decoding.

    Raises:
        MalformedMessageError: ``too_many_metrics``.
    """
    if len(payload) <= _LARGE_BYTES or payload[:1] != b"{":
        return
    if payload.count(b'":') - payload.count(b"{") > _MOST_KEYS:  # deep is not wide
        raise MalformedMessageError(Reason.TOO_MANY_METRICS, f"over {_MOST_KEYS} names, at most {MAX_METRICS}")


def refuse_other_version(payload: bytes) -> None:
    """Let JSON objects of this version pass, and lists whose objects are all of it.

    Raises:
        MalformedMessageError: ``wrong_version``, or what makes the payload no JSON object at all.
    """
    try:
        probed = _VERSION_PROBE.decode(payload)
    except DECODER_ERRORS as error:
        raise _in_our_words(error) from error
    versions = {one.v for one in probed} if isinstance(probed, list) else {probed.v}
    if versions - {VERSION}:
        raise MalformedMessageError(Reason.WRONG_VERSION, f"v is not {VERSION}")


def malformed_by(error: Exception, payload: bytes) -> MalformedMessageError:
    """Return why ``payload`` is refused, given the decoder's ``error``: another version before a bad field."""
    if isinstance(error, msgspec.ValidationError):
        try:
            refuse_other_version(payload)
        except MalformedMessageError as refused:
            if refused.reason is Reason.WRONG_VERSION:
                return refused
    return _in_our_words(error)


@lru_cache(maxsize=1024)
def checked_metrics(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names as one shared tuple: equal tuples seen lately come back as the same object.

    Raises:
        MalformedMessageError: ``too_many_metrics`` or ``bad_metric_name``.
    """
    if len(names) > MAX_METRICS:
        raise MalformedMessageError(Reason.TOO_MANY_METRICS, f"{len(names)}, at most {MAX_METRICS}")
    if not all(_METRIC_NAME.fullmatch(name) for name in names):
        raise MalformedMessageError(Reason.BAD_METRIC_NAME, "metric names are 1 to 64 of a-z 0-9 _")
    return names


def _in_our_words(error: Exception) -> MalformedMessageError:
    match error:
        case RecursionError():
            return MalformedMessageError(Reason.TOO_DEEP, "nested too deeply")
        case UnicodeDecodeError():
            return MalformedMessageError(Reason.NOT_UTF8)
        case msgspec.ValidationError():
            problem, _, where = str(error).rpartition(" - at ")
            if "out of range" in problem:
                return MalformedMessageError(Reason.NOT_FINITE, f"a number out of range at {where}")
            # The decoder quotes a wrong choice; what a device sent has no place in our words.
            said = "not one of the choices" if problem.startswith("Invalid enum value") else problem
            return MalformedMessageError(Reason.BAD_FIELD, f"{said} at {where}" if where else said)
        case _:
            return MalformedMessageError(Reason.NOT_JSON, "the payload is not JSON")
