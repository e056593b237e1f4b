"""What can go wrong between us and devices (pure).

::

    BrokerError
    ├── MalformedMessageError   a message breaks protocol v1: quarantine it, sending it again is no use
    ├── BadDeviceIdError        an id no device can have: choose another
    ├── UnknownDeviceError      no such device in the registry: see ``amends device list``
    ├── DeviceExistsError       already in the registry: rotate it, or choose another id
    ├── BadAddressError         a broker URL that cannot be read: mend the setting
    ├── RegistryDamagedError    the credentials file cannot be read: restore it or start afresh
    ├── MissingMosquittoError   no mosquitto on this machine: install it
    ├── PortTakenError          something else listens there: stop it or choose another port
    ├── UnwritableError         the data directory cannot be written: mend its permissions
    ├── BrokerInUseError        another amends runs on this data directory: stop it or choose another
    ├── MosquittoFailedError    mosquitto did not come up: read the lines of its log in the message
    ├── UnreachableError        no broker there, or the connection broke: it is tried again, or say which broker
    └── RefusedError            a broker turned our login down: mend user and password
"""

from enum import StrEnum
from pathlib import Path
from typing import Final

from broker.limits import MAX_NAME_CHARS

_SHOWN_TOPIC_CHARS: Final = 120


class Reason(StrEnum):
    """Why a message was quarantined; a fixed vocabulary, fit for a counter's label."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    WRONG_VERSION = "wrong_version"
    BAD_FIELD = "bad_field"
    TOO_MANY_SAMPLES = "too_many_samples"
    TOO_MANY_METRICS = "too_many_metrics"
    BAD_METRIC_NAME = "bad_metric_name"
    NOT_FINITE = "not_finite"
    FOREIGN_TOPIC = "foreign_topic"
    BAD_DEVICE_ID = "bad_device_id"


class BrokerError(Exception):
    """Anything this package raises on purpose."""


class MalformedMessageError(BrokerError):
    """A message does not fit protocol v1. Sending it again is no use.

    ``detail`` says in our own words what is wrong and never repeats the payload; ``topic`` is empty
    where the decoder was handed a payload alone.
    """

    def __init__(self, reason: Reason, detail: str = "", topic: str = "") -> None:
        where = ascii(topic[:_SHOWN_TOPIC_CHARS]) if topic else ""
        super().__init__(": ".join(part for part in (where, reason.value, detail) if part))
        self.reason = reason
        self.detail = detail
        self.topic = topic


class BadDeviceIdError(BrokerError):
    """An id that cannot be a topic level and a user name."""

    def __init__(self, device_id: str) -> None:
        shown = ascii(device_id[:MAX_NAME_CHARS])
        super().__init__(f"{shown} is no device id: use 1 to {MAX_NAME_CHARS} of A-Z a-z 0-9 _ . : -")
        self.device_id = device_id


class UnknownDeviceError(BrokerError):
    """The registry has no such device."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"there is no device {device_id}; `amends device list` shows those there are")
        self.device_id = device_id


class DeviceExistsError(BrokerError):
    """The registry has this device already."""

    def __init__(self, device_id: str) -> None:
        super().__init__(f"device {device_id} has credentials already; `amends device rotate` makes new ones")
        self.device_id = device_id


class BadAddressError(BrokerError):
    """A broker URL that cannot be read. The message leaves the URL out: it may hold a password."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the broker URL is wrong: {problem}; it looks like mqtt://user:password@host:1883")
        self.problem = problem


class RegistryDamagedError(BrokerError):
    """The credentials file is there but cannot be read as one."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"{path} cannot be used: {problem}; restore it from a backup, or remove it and add devices again"
        )
        self.path = path
        self.problem = problem


class MissingMosquittoError(BrokerError):
    """There is no mosquitto program on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "mosquitto is not installed; install it (Debian, Ubuntu: `apt-get install mosquitto`, "
            "Fedora: `dnf install mosquitto`, macOS: `brew install mosquitto`) or name another broker with --broker-url"
        )


class PortTakenError(BrokerError):
    """Something else listens on the broker's port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(f"port {port} on {host} is taken; stop what listens there, or choose another port")
        self.host = host
        self.port = port


class UnwritableError(BrokerError):
    """A directory or file the broker needs cannot be written."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} cannot be written: {problem}; mend its permissions or choose another data directory")
        self.path = path
        self.problem = problem


class BrokerInUseError(BrokerError):
    """Another amends runs a broker on this folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another amends runs a broker in {folder}; stop it, or choose another data directory")
        self.folder = folder


class MosquittoFailedError(BrokerError):
    """Mosquitto ended, or did not answer in time. ``last_lines`` is the end of its log."""

    def __init__(self, problem: str, last_lines: tuple[str, ...] = ()) -> None:
        said = "".join(f"\n  {line}" for line in last_lines)
        super().__init__(f"mosquitto {problem}" + (f"; its last words:{said}" if said else ""))
        self.problem = problem
        self.last_lines = last_lines


class UnreachableError(BrokerError):
    """No connection to the broker, or it broke while we waited."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"the broker at {address} cannot be reached: {problem}")
        self.address = address
        self.problem = problem


class RefusedError(BrokerError):
    """A broker turned our login down."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"the broker at {address} refused us: {problem}; check user and password")
        self.address = address
        self.problem = problem
