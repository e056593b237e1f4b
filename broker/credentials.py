"""Who may connect: the registry of devices and the agent's own account, as files (shell).

In ``<data>/broker``, for their owner only: ``devices.json`` is the truth (ids, hashes, instants);
``passwords`` is what mosquitto reads, written anew from it; ``agent-password`` is the agent's own.
A password is returned once, when it is made, and kept nowhere.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from broker.access import AGENT_USER, RESERVED_PREFIX
from broker.errors import BadDeviceIdError, DeviceExistsError, RegistryDamagedError, UnknownDeviceError
from broker.passwords import hashed, new_password, new_salt
from broker.private_files import locked, make_private_folder, write_private
from broker.running import reload_broker
from broker.topics import checked_device_id

PASSWORDS_FILE: Final = "passwords"
AGENT_PASSWORD_FILE: Final = "agent-password"  # noqa: S105 - a file's name
_REGISTRY_FILE: Final = "devices.json"
_LOCK_FILE: Final = "devices.lock"


class Credential(msgspec.Struct, frozen=True):
    """What is kept of a device's credentials. ``rotated_at`` ``None``: it still has its first password."""

    device_id: str
    created_at: datetime
    rotated_at: datetime | None
    hash: str


class _Registry(msgspec.Struct, frozen=True):
    v: int
    devices: tuple[Credential, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The registry in the folder ``<data>/broker``; every change is durable and told to a running broker."""

    folder: Path

    def add(self, device_ids: Sequence[str], now: datetime) -> dict[str, str]:
        """Return new passwords by device id; either all devices are added or none.

        Raises:
            BadDeviceIdError: an id no device can have, or one of ours.
            DeviceExistsError: one is there already, or named twice.
            UnwritableError: the folder does not take the change.
        """
        with self._changing() as devices:
            made: dict[str, str] = {}
            for device_id in device_ids:
                if checked_device_id(device_id).startswith(RESERVED_PREFIX):
                    raise BadDeviceIdError(device_id)
                if device_id in devices:
                    raise DeviceExistsError(device_id)
                made[device_id] = new_password()
                devices[device_id] = Credential(device_id, now, None, hashed(made[device_id], new_salt()))
        return made

    def rotate(self, device_id: str, now: datetime) -> str:
        """Return the device's new password; the old one, and a session opened with it, ends at once.

        Raises:
            UnknownDeviceError: there is no such device.
            UnwritableError: the folder does not take the change.
        """
        with self._changing() as devices:
            known = devices.get(device_id)
            if known is None:
                raise UnknownDeviceError(device_id)
            password = new_password()
            devices[device_id] = Credential(device_id, known.created_at, now, hashed(password, new_salt()))
        return password

    def revoke(self, device_id: str) -> None:
        """Forget the device's credentials; a session it has ends at once.

        Raises:
            UnknownDeviceError: there is no such device.
            UnwritableError: the folder does not take the change.
        """
        with self._changing() as devices:
            if device_id not in devices:
                raise UnknownDeviceError(device_id)
            del devices[device_id]

    def devices(self) -> tuple[Credential, ...]:
        """Return every device's credentials, by id.

        Raises:
            RegistryDamagedError: the registry cannot be read.
        """
        found = self._read()
        return tuple(found[device_id] for device_id in sorted(found))

    def agent_password(self) -> str:
        """Return the password of the agent's own account, made at the first call.

        Raises:
            UnwritableError: it could not be kept.
        """
        make_private_folder(self.folder)
        with locked(self.folder / _LOCK_FILE):
            return self._agent_password()

    def write_password_file(self) -> None:
        """Write mosquitto's password file anew from the registry and the agent's account.

        Raises:
            RegistryDamagedError: the registry cannot be read.
            UnwritableError: the folder does not take it.
        """
        make_private_folder(self.folder)
        with locked(self.folder / _LOCK_FILE):
            self._write_passwords(self._read())

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Credential]]:
        """Hand out the registry to be changed in place; what stands at the end is kept, unless an error ends it."""
        make_private_folder(self.folder)
        with locked(self.folder / _LOCK_FILE):
            devices = self._read()
            yield devices
            kept = _Registry(1, tuple(devices[device_id] for device_id in sorted(devices)))
            # The registry first: a crash in between is mended by the next start, which writes the rest anew.
            write_private(self.folder / _REGISTRY_FILE, msgspec.json.encode(kept).decode())
            self._write_passwords(devices)
        reload_broker(self.folder)

    def _agent_password(self) -> str:
        path = self.folder / AGENT_PASSWORD_FILE
        if not path.exists():
            write_private(path, new_password())
        return path.read_text(encoding="utf-8").strip()

    def _write_passwords(self, devices: dict[str, Credential]) -> None:
        agent = f"{AGENT_USER}:{hashed(self._agent_password(), new_salt())}\n"
        lines = (f"{device_id}:{devices[device_id].hash}\n" for device_id in sorted(devices))
        write_private(self.folder / PASSWORDS_FILE, agent + "".join(lines))

    def _read(self) -> dict[str, Credential]:
        path = self.folder / _REGISTRY_FILE
        try:
            registry = msgspec.json.decode(path.read_bytes(), type=_Registry)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise RegistryDamagedError(path, str(error)) from error
        return {device.device_id: device for device in registry.devices}
