"""Brings a database to this version's schema (shell): all of it in one transaction, or none.

A kill at any moment leaves the old schema or the new one, never half: SQLite's own transactions cover
changes of the schema once ``BEGIN`` is issued by us. Two processes that start together wait for each other.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlmodel import SQLModel

from agent.errors import MigrationError
from agent.failpoint import Failpoint, reach
from agent.store import ticket_words
from agent.store.database import open_database

_DAMAGED: Final = "its schema is damaged; restore the data directory from a backup"


def migrate(database_url: str) -> str:
    """Bring the database at the URL to this version's schema and return its revision; made where there is none.

    Raises:
        MigrationError: it is no database of ours, damaged, or of a newer version; nothing was changed.
    """
    database = open_database(database_url)
    try:
        with database.engine.connect() as connection:
            _let_tables_be_copied(connection)
            with connection.begin():
                command.upgrade(configure(connection), "head")
                _read_all(connection)
                reach(Failpoint.MIGRATION_WRITTEN)
                return current_revision(connection)
    except CommandError as error:
        problem = f"it was written by another version of amends ({error})"
        raise MigrationError(problem) from error
    except DatabaseError as error:
        raise MigrationError(str(error.orig)) from error
    except UnicodeDecodeError as error:  # what is broken is in a name it would tell us
        raise MigrationError(_DAMAGED) from error
    finally:
        database.close()


def _read_all(connection: Connection) -> None:
    """Ask every table for its columns: one bit turned in a schema that still parses renames one, or the tokenizer."""
    asking = [select(table).limit(0) for table in SQLModel.metadata.sorted_tables]  # Alembic's environment has them all
    if ticket_words.are_kept(connection):
        asking.append(select(text("*")).select_from(text(ticket_words.NAME)).limit(0))
    try:
        for query in asking:
            connection.execute(query)
    except OperationalError as error:
        if not str(error.orig).startswith("no such"):  # "no such column: …", as SQLite says it
            raise
        problem = f"{_DAMAGED} ({error.orig})"
        raise MigrationError(problem) from error


def _let_tables_be_copied(connection: Connection) -> None:
    """Let go of foreign keys while tables are copied; SQLite takes this only outside of a transaction."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()


def configure(connection: Connection) -> Config:
    """Return Alembic's configuration, bound to a connection that is in a transaction."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def current_revision(connection: Connection) -> str:
    """Return the revision a database is at; empty: it has none yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def newest_revision() -> str:
    """Return the revision this version of amends needs."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head() or ""
