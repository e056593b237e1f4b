import base64
import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.commands import app
from broker.credentials import Credentials
from broker.errors import BadDeviceIdError, DeviceExistsError, RegistryDamagedError, UnknownDeviceError, UnwritableError

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


def accepts(folder: Path, user: str, password: str) -> bool:
    """Check a password against the file as mosquitto does."""
    lines = dict(line.split(":", 1) for line in (folder / "passwords").read_text().splitlines())
    if user not in lines:
        return False
    _, kind, iterations, salt, key = lines[user].split("$")
    assert kind == "7"
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), int(iterations))
    return made == base64.b64decode(key)


def test_an_added_device_may_log_in_with_the_password_shown(tmp_path: Path) -> None:
    passwords = Credentials(tmp_path / "broker").add(["d1", "d2"], NOON)

    assert set(passwords) == {"d1", "d2"}
    assert accepts(tmp_path / "broker", "d1", passwords["d1"])
    assert not accepts(tmp_path / "broker", "d1", passwords["d2"])


def test_no_file_holds_a_devices_password_and_all_are_private(tmp_path: Path) -> None:
    password = Credentials(tmp_path / "broker").add(["d1"], NOON)["d1"]

    for path in (tmp_path / "broker").iterdir():
        assert password not in path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_made_for_the_first_device_is_closed_to_others_and_what_was_there_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    data = tmp_path / "new" / "data"

    Credentials(data / "broker").add(["d1"], NOON)

    assert [stat.S_IMODE(path.stat().st_mode) for path in (data, data.parent, tmp_path)] == [0o700, 0o700, 0o755]


def test_a_rotated_device_has_a_new_password_and_keeps_its_birthday(tmp_path: Path) -> None:
    registry = Credentials(tmp_path)
    old = registry.add(["d1"], NOON)["d1"]

    new = registry.rotate("d1", LATER)

    assert accepts(tmp_path, "d1", new)
    assert not accepts(tmp_path, "d1", old)
    assert [(device.created_at, device.rotated_at) for device in registry.devices()] == [(NOON, LATER)]


def test_a_revoked_device_is_gone_and_may_be_added_again(tmp_path: Path) -> None:
    registry = Credentials(tmp_path)
    old = registry.add(["d1"], NOON)["d1"]

    registry.revoke("d1")

    assert registry.devices() == ()
    assert not accepts(tmp_path, "d1", old)
    assert accepts(tmp_path, "d1", registry.add(["d1"], LATER)["d1"])


def test_the_agent_keeps_its_password(tmp_path: Path) -> None:
    password = Credentials(tmp_path).agent_password()

    Credentials(tmp_path).write_password_file()

    assert Credentials(tmp_path).agent_password() == password
    assert accepts(tmp_path, "amends-agent", password)


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        (["d2", "d1"], DeviceExistsError),
        (["d2", "d2"], DeviceExistsError),
        (["d2", "a/b"], BadDeviceIdError),
        (["d2", "amends-agent"], BadDeviceIdError),
        (["d2", "amends-listen"], BadDeviceIdError),
    ],
)
def test_either_all_devices_are_added_or_none(tmp_path: Path, ids: list[str], error: type[Exception]) -> None:
    registry = Credentials(tmp_path)
    registry.add(["d1"], NOON)

    with pytest.raises(error):
        registry.add(ids, NOON)

    assert [device.device_id for device in registry.devices()] == ["d1"]


def test_what_is_not_there_can_be_neither_rotated_nor_revoked(tmp_path: Path) -> None:
    with pytest.raises(UnknownDeviceError):
        Credentials(tmp_path).rotate("d1", NOON)
    with pytest.raises(UnknownDeviceError):
        Credentials(tmp_path).revoke("d1")


@pytest.mark.parametrize("text", ["", "{", '{"v":1}', "\0\xff"])
def test_a_damaged_registry_is_refused_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "devices.json").write_text(text)

    with pytest.raises(RegistryDamagedError):
        Credentials(tmp_path).add(["d1"], NOON)

    assert (tmp_path / "devices.json").read_text() == text


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnwritableError, match="file/broker"):
        Credentials(tmp_path / "file" / "broker").add(["d1"], NOON)


def test_the_command_line_adds_lists_rotates_and_revokes(tmp_path: Path) -> None:
    def run(*words: str) -> dict[str, object]:
        result = CliRunner().invoke(app, [*words, "--data", str(tmp_path), "--json"])
        assert result.exit_code == 0, result.output
        facts: dict[str, object] = json.loads(result.stdout)
        return facts

    added = run("add", "d1", "d2")
    rotated = run("rotate", "d1")
    revoked = run("revoke", "d2")
    listed = run("list")

    assert isinstance(added["devices"], list)
    assert isinstance(rotated["devices"], list)
    assert accepts(tmp_path / "broker", "d1", rotated["devices"][0]["password"])
    assert rotated["devices"][0]["password"] != added["devices"][0]["password"]
    assert revoked == {"id": "d2", "revoked": True, "broker_told": False}
    assert isinstance(listed["devices"], list)
    assert [(device["id"], device["rotated_at"] is None) for device in listed["devices"]] == [("d1", False)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "a/b"], 2),
        (["add"], 2),
        (["add", "d1"], 1),
        (["rotate", "d9"], 1),
        (["revoke", "d9"], 1),
        (["frobnicate"], 2),
        (["list"], 0),
        (["add", "--help"], 0),
    ],
)
def test_exit_codes_tell_done_from_failed_from_mistyped(tmp_path: Path, words: list[str], code: int) -> None:
    Credentials(tmp_path / "broker").add(["d1"], NOON)

    result = CliRunner(env={"AMENDS_DATA": str(tmp_path)}).invoke(app, words)

    assert result.exit_code == code
    assert "Traceback" not in result.output
