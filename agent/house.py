"""Everything that lies in the data directory, opened (shell).

Each command of ``amends`` opens the house first. What cannot be opened is one clear sentence, and nothing is
half-started.
"""

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from agent.clock import Clock
from agent.diagnose.library import Library
from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_file import default_dir
from agent.errors import DatabaseDamagedError, PersonError
from agent.settings import Settings
from agent.store.autonomy import bind_grants
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from agent.store.oversight import damage_of
from broker.private_files import make_where_missing

_PRIVATE_FILE = 0o600
# Each is there once somebody has done something here: started amends, made an account, or let a device in.
_LIVED_IN = ("secret.key", "amends.sqlite3", "broker/devices.json")


class UnwritableDataError(PersonError):
    """The data directory cannot be written. Choose another with ``--data``, or mend its owner."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"the data directory {path} cannot be written ({problem}); choose another with --data")
        self.path = path
        self.problem = problem


class NoHouseError(PersonError):
    """There is no data directory of amends here. Nothing is made in its place: an unknown target is an error."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no amends data in {path.absolute()}; give --data, or start `amends up` there first")
        self.path = path


class DemoDataError(PersonError):
    """The data directory belongs to a demo, whose clock, owners and devices are not real."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.absolute()} holds a demo: start it with --demo, or give another --data")
        self.path = path


@dataclass(frozen=True, slots=True)
class House:
    """A data directory that is ready: its settings, clock, database and playbooks."""

    settings: Settings
    clock: Clock
    database: Database
    library: Library

    @property
    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks in force, by product; they change when their files do."""
        return self.library.current

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.settings.data

    @property
    def broker_folder(self) -> Path:
        """Where our own broker and the devices' credentials lie."""
        return self.data / "broker"

    @property
    def history(self) -> Path:
        """Where samples lie for good, as Parquet."""
        return self.data / "history"

    @property
    def mailbox(self) -> Path:
        """The local mailbox, a Maildir."""
        return self.data / "mailbox"


def make_data_dir(path: Path) -> None:
    """Make the data directory where it is missing; nobody else may read it.

    Raises:
        UnwritableDataError: it cannot be made or written.
    """
    try:
        make_where_missing(path)
        trial = path / f".trial-{os.getpid()}"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise UnwritableDataError(path, error.strerror or str(error)) from error


def open_house(settings: Settings) -> House:
    """Open a data directory: made, migrated, with its playbooks read.

    Raises:
        UnwritableDataError: the directory cannot be written.
        MigrationError: the database cannot be brought to this version.
        PlaybookError: a playbook is wrong; it names file, line and field.
    """
    make_data_dir(settings.data)
    library = Library.of(settings.playbooks or default_dir(), settings.data / "playbooks")
    migrate(settings.database)
    read_secret(settings.data)  # from now on other commands know this directory for one of ours, wherever its rows lie
    return House(settings, settings.clock(), open_database(settings.database), library)


def check_sound(house: House) -> None:
    """Look whether the database's file is whole; reads all of it, about a second for a gigabyte.

    It sees a broken structure. SQLite keeps no checksum of its rows: a value that changed on the disk is read as it is.

    Raises:
        DatabaseDamagedError: it is broken.
    """
    try:
        with house.database.reading() as session:
            damage = damage_of(session)
    except DatabaseError as error:
        raise DatabaseDamagedError(str(error.orig)) from error
    except UnicodeDecodeError as error:  # what is broken is in a name it would tell us
        problem = "a name in it cannot be read"
        raise DatabaseDamagedError(problem) from error
    if damage is not None:
        raise DatabaseDamagedError(damage)


def bind_words(house: House) -> None:
    """Bind what staff had let the agent do, in an earlier version, to the remedies of the playbooks in force."""
    with house.database.transaction() as session:
        bind_grants(session, house.playbooks)


def enter_house(settings: Settings) -> House:
    """Open a data directory that is there already.

    Raises:
        NoHouseError: amends was never started on it, nor was anybody or any device added.
        MigrationError, PlaybookError, UnwritableDataError: see ``open_house``.
    """
    if not any((settings.data / file).exists() for file in _LIVED_IN):
        raise NoHouseError(settings.data)
    return open_house(settings)


def read_secret(data: Path) -> str:
    """Return the key that signs sessions and forms; made on first use, readable by nobody else."""
    path = data / "secret.key"
    if not path.exists():
        beside = data / f".secret-{os.getpid()}"
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
        # Two processes may start at once: the first one's key stays, and nobody ever reads half of one.
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    return path.read_text(encoding="ascii")
