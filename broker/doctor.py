"""Whether a broker is set as we need it (pure): its configuration file and what it dropped."""

from dataclasses import dataclass
from typing import Final

from broker.configuration import settings_in
from broker.limits import MAX_PAYLOAD_BYTES

DROPPED_TOPIC: Final = "$SYS/broker/publish/messages/dropped"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to mend: what is wrong, and what to do about it, as sentences."""

    problem: str
    advice: str


# Setting, what it must be, and what happens otherwise.
_EXACT: Final = (
    ("allow_anonymous", "false", "anybody may connect"),
    ("persistence", "true", "a restart of the broker loses what waits for the agent"),
    ("max_queued_messages", "0", "the broker drops messages without a word while the agent is away"),
    ("max_inflight_messages", "0", "the broker drops messages of many fast publishers, even for a fast agent"),
)
_LONGEST_AUTOSAVE_S: Final = 5
_SMALLEST_LIMIT: Final = MAX_PAYLOAD_BYTES + 64 * 1024  # room for topic and properties
_ADVISED_LIMIT: Final = 1024 * 1024
_LEAST_RECEIVE_MAX: Final = 20
_SHORTEST_SESSION_S: Final = 24 * 3600


def complaints_about(config: str) -> tuple[Complaint, ...]:
    """Return what in a ``mosquitto.conf`` endangers messages or lets strangers in; empty: all is well."""
    settings = settings_in(config)
    found = [
        Complaint(f"{name} is {settings.get(name, 'not set')}: {harm}", f"set `{name} {needed}` in mosquitto.conf")
        for name, needed, harm in _EXACT
        if settings.get(name) != needed
    ]
    autosave = settings.get("autosave_interval", "1800")
    if not autosave.isdecimal() or not 0 < int(autosave) <= _LONGEST_AUTOSAVE_S:
        found.append(
            Complaint(f"autosave_interval is {autosave}: a kill loses that many seconds", "set `autosave_interval 1`")
        )
    for name, harm in (
        ("max_queued_bytes", "an absent agent lets the broker's memory grow without end"),
        ("acl_file", "every device may touch every other device's topics"),
        ("password_file", "devices cannot be told apart"),
    ):
        if settings.get(name, "0") == "0":
            found.append(Complaint(f"{name} is not set: {harm}", f"set `{name}` in mosquitto.conf"))
    for name in ("max_packet_size", "message_size_limit"):
        limit = settings.get(name, "0")
        if not limit.isdecimal() or 0 < int(limit) < _SMALLEST_LIMIT:
            found.append(
                Complaint(
                    f"{name} is {limit}: lawful messages are refused", f"set `{name} {_ADVISED_LIMIT}`, or leave it out"
                )
            )
    return tuple(found)


def complaint_about_dropped(before: int, now: int) -> Complaint | None:
    """Return what to say when the broker's count of dropped messages rose; ``None``: it did not."""
    if now <= before:
        return None
    return Complaint(
        f"the broker dropped {now - before} messages",
        "let the agent run without long breaks, or raise max_queued_bytes",
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What a broker allows its clients, as it says when they connect. ``None``: it sets no limit."""

    receive_max: int
    max_qos: int
    max_packet_bytes: int | None
    retains: bool
    wildcards: bool
    session_expiry_s: int | None


def complaints_about_limits(limits: Limits) -> tuple[Complaint, ...]:
    """Return which of a broker's limits are too narrow for us; empty: none."""
    found = []
    if limits.receive_max < _LEAST_RECEIVE_MAX:
        found.append(
            Complaint(
                f"the broker takes only {limits.receive_max} messages in flight from a client: bursts wait",
                f"raise its receive maximum to {_LEAST_RECEIVE_MAX} or more",
            )
        )
    if limits.max_qos < 1:
        found.append(Complaint("the broker offers QoS 0 only: whatever it drops is gone", "allow QoS 1"))
    if limits.max_packet_bytes is not None and limits.max_packet_bytes < _SMALLEST_LIMIT:
        found.append(
            Complaint(
                f"the broker takes packets of {limits.max_packet_bytes} bytes at most: lawful messages are refused",
                f"raise its limit to {_ADVISED_LIMIT} bytes",
            )
        )
    if not limits.retains:
        found.append(Complaint("the broker does not retain: births and notices are lost", "allow retained messages"))
    if not limits.wildcards:
        found.append(Complaint("the broker allows no wildcards: devices cannot be heard", "allow wildcards"))
    if limits.session_expiry_s is not None and limits.session_expiry_s < _SHORTEST_SESSION_S:
        found.append(
            Complaint(
                f"the broker forgets an absent agent's session after {limits.session_expiry_s} s, and what waits in it",
                "let it keep sessions for a day or more",
            )
        )
    return tuple(found)
