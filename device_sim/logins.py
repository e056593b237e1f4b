"""How simulated devices log in (shell): own credentials from the broker's registry, kept for the next run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from broker.address import Address
from broker.credentials import Credentials
from broker.private_files import make_private_folder, write_private

_FOLDER: Final = "sim"
_FILE: Final = "device-passwords.json"


@dataclass(frozen=True, slots=True)
class Login:
    """What one device sends at connect. ``None``: the broker asks for nothing."""

    username: str | None
    password: str | None = field(repr=False)


def shared_logins(device_ids: Sequence[str], address: Address) -> dict[str, Login]:
    """Return one and the same login for all devices, that of the broker's address."""
    return dict.fromkeys(device_ids, Login(address.user, address.password))


def own_logins(device_ids: Sequence[str], data: Path, now: datetime) -> dict[str, Login]:
    """Return a login for each device from the registry under ``data``; new devices are added to it.

    A device whose password an earlier run did not leave here gets a new one.

    Raises:
        BrokerError: the registry or the folder cannot be used.
    """
    credentials = Credentials(data / "broker")
    folder = data / _FOLDER
    make_private_folder(folder)
    kept = _read(folder / _FILE)
    registered = {credential.device_id for credential in credentials.devices()}
    passwords = {i: kept[i] for i in device_ids if i in kept and i in registered}
    missing = [i for i in device_ids if i not in passwords]
    passwords |= {i: credentials.rotate(i, now) for i in missing if i in registered}
    fresh = [i for i in missing if i not in registered]
    if fresh:
        passwords |= credentials.add(fresh, now)
    if missing:
        write_private(folder / _FILE, msgspec.json.encode(kept | passwords).decode())
    return {device_id: Login(device_id, passwords[device_id]) for device_id in device_ids}


def _read(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}  # an unreadable file only costs new passwords
