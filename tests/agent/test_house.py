"""A house nobody has lived in is not entered, and one whose records are broken is not moved into."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import DatabaseDamagedError, MigrationError
from agent.house import NoHouseError, check_sound, enter_house, open_house, read_secret
from agent.settings import Settings
from broker.credentials import Credentials

PAGE = 4096
NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


def test_a_directory_where_nothing_was_done_is_not_entered_and_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(NoHouseError):
        enter_house(Settings(data=tmp_path))
    with pytest.raises(NoHouseError):
        enter_house(Settings(data=tmp_path / "absent"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "done",
    [
        lambda data: open_house(Settings(data=data)).database.close(),
        lambda data: open_house(Settings(data=data, database_url=f"sqlite:///{data / 'other'}")).database.close(),
        lambda data: Credentials(data / "broker").add(["d1"], NOON),
        read_secret,
    ],
)
def test_a_directory_is_entered_before_the_first_start(done: Callable[[Path], object], tmp_path: Path) -> None:
    done(tmp_path)

    enter_house(Settings(data=tmp_path)).database.close()


def test_a_whole_database_is_sound(tmp_path: Path) -> None:
    house = open_house(Settings(data=tmp_path))

    check_sound(house)

    house.database.close()


@pytest.mark.parametrize("page", range(2, 40, 4))
def test_a_broken_page_of_the_database_is_refused_in_a_sentence(page: int, tmp_path: Path) -> None:
    open_house(Settings(data=tmp_path)).database.close()
    path = tmp_path / "amends.sqlite3"
    data = bytearray(path.read_bytes())
    data[page * PAGE : page * PAGE + 8] = b"\xff" * 8
    path.write_bytes(data)

    with pytest.raises((DatabaseDamagedError, MigrationError), match="the database"):
        _move_in(tmp_path)


@pytest.mark.parametrize("name", [b"CREATE TABLE rating", b"CREATE INDEX ix_message", b"CREATE TABLE halt"])
def test_a_schema_with_bytes_that_are_no_text_is_refused_in_a_sentence(name: bytes, tmp_path: Path) -> None:
    open_house(Settings(data=tmp_path)).database.close()
    path = tmp_path / "amends.sqlite3"
    data = path.read_bytes()
    assert name in data
    path.write_bytes(data.replace(name, name[:-2] + b"\xdf\xeb"))

    with pytest.raises((DatabaseDamagedError, MigrationError), match="the database"):
        _move_in(tmp_path)


def _move_in(path: Path) -> None:
    house = open_house(Settings(data=path))
    try:
        check_sound(house)
    finally:
        house.database.close()
