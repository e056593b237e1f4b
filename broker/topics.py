"""Topics of protocol v1 (pure): who speaks, and about what."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from broker.errors import BadDeviceIdError, MalformedMessageError, Reason

ROOT: Final = "amends/v1"

_DEVICE_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


class Channel(StrEnum):
    """The last level of a device's topic."""

    BIRTH = "birth"
    STATUS = "status"
    TELEMETRY = "telemetry"
    EVENT = "event"
    RESULT = "result"
    FEEDBACK = "feedback"
    COMMAND = "command"
    NOTICE = "notice"


_CHANNELS: Final = {channel.value: channel for channel in Channel}

UP: Final = (Channel.BIRTH, Channel.STATUS, Channel.TELEMETRY, Channel.EVENT, Channel.RESULT, Channel.FEEDBACK)
"""What a device publishes."""
DOWN: Final = (Channel.COMMAND, Channel.NOTICE)
"""What a device hears."""
RETAINED: Final = frozenset({Channel.BIRTH, Channel.STATUS, Channel.NOTICE})
"""What the broker keeps for those who come later. Never a command: a retained command is a ghost."""


@dataclass(frozen=True, slots=True)
class DeviceTopic:
    """A topic taken apart."""

    device_id: str
    channel: Channel


def is_device_id(text: str) -> bool:
    """Tell whether ``text`` can be a device id: 1 to 64 of ``A-Z a-z 0-9 _ . : -``."""
    return _DEVICE_ID.fullmatch(text) is not None


def checked_device_id(text: str) -> str:
    """Return ``text`` unchanged when it can be a device id.

    Raises:
        BadDeviceIdError: it cannot.
    """
    if not is_device_id(text):
        raise BadDeviceIdError(text)
    return text


def topic_of(device_id: str, channel: Channel, root: str = ROOT) -> str:
    """Return the topic of one device's channel.

    Raises:
        BadDeviceIdError: the id could mean another topic, or more than one.
    """
    return f"{root}/{checked_device_id(device_id)}/{channel.value}"


def filter_of(channel: Channel, root: str = ROOT) -> str:
    """Return the subscription that hears this channel of every device."""
    return f"{root}/+/{channel.value}"


@lru_cache(maxsize=65_536)
def parse_topic(topic: str, root: str = ROOT) -> DeviceTopic:
    """Return whose topic this is; topics seen lately are remembered, so a repeated one costs a lookup.

    Raises:
        MalformedMessageError: ``foreign_topic`` or ``bad_device_id``.
    """
    prefix = f"{root}/"
    device_id, _, last_level = topic.removeprefix(prefix).partition("/")
    channel = _CHANNELS.get(last_level)
    if channel is None or not topic.startswith(prefix):
        raise MalformedMessageError(Reason.FOREIGN_TOPIC, topic=topic)
    if not is_device_id(device_id):
        raise MalformedMessageError(Reason.BAD_DEVICE_ID, topic=topic)
    return DeviceTopic(device_id, channel)
