"""A house whose records are broken is not moved into."""

from pathlib import Path

import pytest

from agent.errors import DatabaseDamagedError, MigrationError
from agent.house import check_sound, open_house
from agent.settings import Settings

PAGE = 4096


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
