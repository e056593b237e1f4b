"""A database file for one test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.store.database import Database
from tests.agent.care.house import make_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = make_database(tmp_path)
    yield opened
    opened.close()
