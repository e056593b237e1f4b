"""Commands and notices as messages of protocol v1 (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from agent.act.command import Command
from broker import messages
from broker.codec import encode
from broker.sessions import Outgoing
from broker.topics import Channel, topic_of


@dataclass(frozen=True, slots=True)
class WantedNotice:
    """A notice as the outbox keeps it: ``notice`` for one device, and the record of the message it is part of."""

    device_id: str
    message_id: int
    notice: messages.Notice

    @property
    def not_after(self) -> datetime:
        """Until when it is worth showing."""
        return datetime.fromtimestamp(self.notice.not_after / 1000, UTC)


def command_message(command: Command, expires_in: timedelta) -> Outgoing:
    """Return a command ready to publish; ``expires_in`` is real time, in which it must have reached the device."""
    said = messages.Command(
        id=command.id,
        verb=command.verb,
        not_after=int(command.not_after.timestamp() * 1000),
        args=dict(command.args),
        ticket=f"T-{command.ticket_id}",
    )
    return Outgoing(
        topic=topic_of(command.device_id, Channel.COMMAND),
        payload=encode(said),
        expires_in=expires_in,
        respond_to=topic_of(command.device_id, Channel.RESULT),
        correlation=command.id.encode(),
    )


def read_notice(payload: Mapping[str, Any]) -> WantedNotice:
    """Return the notice in an outbox payload.

    Raises:
        msgspec.ValidationError: it is none; whoever put it there made a mistake.
    """
    device_id = msgspec.convert(payload.get("device_id"), str)
    message_id = msgspec.convert(payload.get("message_id"), int)
    return WantedNotice(device_id, message_id, msgspec.convert(dict(payload), messages.Notice))


def notice_message(wanted: WantedNotice, expires_in: timedelta) -> Outgoing:
    """Return a notice ready to publish, retained: a device that is away shows it when it is back."""
    topic = topic_of(wanted.device_id, Channel.NOTICE)
    return Outgoing(topic=topic, payload=encode(wanted.notice), retain=True, expires_in=expires_in)


def read_notice_over(payload: Mapping[str, Any]) -> str:
    """Return the id of the device whose display an outbox payload wants cleared.

    Raises:
        msgspec.ValidationError: it names none; whoever put it there made a mistake.
    """
    return msgspec.convert(payload.get("device_id"), str)


def notice_over_message(device_id: str) -> Outgoing:
    """Return what takes a device's notice away: the empty message with which MQTT ends a retained one."""
    return Outgoing(topic=topic_of(device_id, Channel.NOTICE), payload=b"", retain=True)
