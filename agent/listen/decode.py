"""From a journal record to a typed message, or to why not (pure)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from agent.store.segment import Entry
from broker.codec import decode_channel
from broker.errors import MalformedMessageError, Reason
from broker.messages import Birth, Command, Event, Feedback, Notice, Result, Status, Telemetry
from broker.topics import ROOT, parse_topic

_EXAMPLE_BYTES: Final = 500

FromDevice: TypeAlias = Birth | Status | Telemetry | Event | Result | Feedback


@dataclass(frozen=True, slots=True)
class Readable:
    """A message and whose it is."""

    device_id: str
    message: FromDevice


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a record is quarantined. ``device_id`` is empty when its topic names no device."""

    device_id: str
    reason: str


def read_entry(entry: Entry, root: str = ROOT) -> Readable | Unreadable:
    """Return the message in a record; whose it is says the topic alone."""
    device_id = ""
    try:
        topic = parse_topic(entry.topic, root)
        device_id = topic.device_id
        message = decode_channel(topic.channel, entry.payload)
    except MalformedMessageError as error:
        return Unreadable(device_id, error.reason.value)
    if isinstance(message, Command | Notice):
        # Ours to say; from a device it is somebody else's words.
        return Unreadable(device_id, Reason.FOREIGN_TOPIC.value)
    return Readable(device_id, message)


def example(payload: bytes) -> str:
    """Return the start of a payload as printable ASCII, to be shown to staff; still hostile to HTML."""
    return payload[:_EXAMPLE_BYTES].decode("ascii", "backslashreplace")
