"""A real SQLite file for each test that asks for one, migrated once for the whole run and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store.database import Database, open_database
from agent.store.migrate import migrate


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "amends.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "amends.sqlite3"
    shutil.copy(migrated_file, path)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.close()
