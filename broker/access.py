"""Who may touch which topic (pure): the access list of ``PROTOCOL.md`` in mosquitto's words."""

from typing import Final

from broker.topics import DOWN, ROOT, UP

AGENT_USER: Final = "amends-agent"
RESERVED_PREFIX: Final = "amends-"
"""User names and client ids of ours begin so; no device may."""


def access_list(root: str = ROOT) -> str:
    """Return the access list: the agent has all of ``root`` and reads ``$SYS``; a device has its own topics only.

    ``%u`` is the device's user name and must be a whole topic level: mosquitto then refuses names that
    would reach into other topics. What no line allows is refused: a publish is dropped (MQTT 5 is told so); a
    subscription is granted, for mosquitto 2.0 judges each delivery instead, and hears nothing.
    """
    lines = [
        f"user {AGENT_USER}",
        f"topic readwrite {root}/#",
        "topic read $SYS/#",
        "",
        *(f"pattern write {root}/%u/{channel.value}" for channel in UP),
        *(f"pattern read {root}/%u/{channel.value}" for channel in DOWN),
    ]
    return "\n".join(lines) + "\n"
