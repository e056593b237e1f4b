"""A filled house, built once for the run and copied for each test; and people who visit its pages."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.console.gate import COOKIE
from agent.console.parts import ConsoleParts
from agent.console.sessions import Seal
from agent.store.database import open_database
from agent.store.staff import find_staff
from tests.agent.console.sample import Sample, fill, parts_over
from tests.agent.console.visitor import Visitor, visiting


@dataclass(frozen=True, slots=True)
class Filled:
    """The filled file and what its people hold."""

    path: Path
    sample: Sample


@pytest.fixture(scope="session")
def filled(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    path = tmp_path_factory.mktemp("console") / "filled.sqlite3"
    shutil.copy(migrated_file, path)
    database = open_database(f"sqlite:///{path}")
    sample = fill(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # a checkpoint waits for no transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return Filled(path, sample)


@pytest.fixture
def sample(filled: Filled) -> Sample:
    return filled.sample


@pytest.fixture
def parts(filled: Filled, tmp_path: Path) -> Iterator[ConsoleParts]:
    path = tmp_path / "console.sqlite3"
    shutil.copy(filled.path, path)
    database = open_database(f"sqlite:///{path}")
    yield parts_over(database, filled.sample)
    database.close()


@pytest.fixture
async def stranger(parts: ConsoleParts) -> AsyncIterator[Visitor]:
    """Somebody with a browser and no account."""
    async with visiting(parts) as visitor:
        yield visitor


@pytest.fixture
def mira(stranger: Visitor, parts: ConsoleParts) -> Visitor:
    """A member of staff who signed in before; a password costs its tenth of a second only where it is tried."""
    with parts.database.reading() as session:
        staff = find_staff(session, "mira")
    assert staff is not None
    seal = Seal(parts.secret)
    stranger.web.cookies.set(
        COOKIE, seal.write(seal.new_session(staff.name, staff.session_salt)), domain="testserver.local"
    )
    return stranger
