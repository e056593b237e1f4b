"""The database (shell): connections and transactions, SQLite by default, PostgreSQL by URL.

All writes of the agent go through ``Database.transaction``, one at a time whatever the database: what a guard has
counted still holds when it is committed. The threads of this process queue for it. Beside other processes, SQLite's
write lock is taken at once (``BEGIN IMMEDIATE``), so that two writers wait for each other instead of failing half-way,
and they take turns by a file beside the database; on PostgreSQL they queue for an advisory lock. Pages are read through
``Database.reading``, which takes no lock.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from agent.errors import StoreBusyError
from agent.store.turns import Turns, next_to_write

_BUSY_MS = 15_000  # a migration or an export may hold the lock; an operator would rather wait than fail
_TRIAL_MS = 2_000
_ASK_AGAIN_S = 0.0005
_BASE_CODE = 0xFF  # of SQLite's error codes; what is above tells more
_WRITING: Final = int.from_bytes(b"amends")  # PostgreSQL's advisory locks have numbers, for each database its own


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is open. Make one with ``open_database``."""

    engine: Engine
    writers: Turns = field(default_factory=Turns)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session whose changes commit together at the end, or not at all.

        Rows stay in memory to its end: a third of all reads are of a row that the same transaction has read before.

        Raises:
            StoreBusyError: another change of this process has held it up for too long.
        """
        with (
            self.writers.turn(_BUSY_MS / 1000),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            rows: list[object] = []  # the session itself holds them weakly
            for moment in ("loaded_as_persistent", "pending_to_persistent"):
                event.listen(session, moment, lambda _session, row: rows.append(row))
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads: one consistent view, and it never waits for a writer nor holds one up."""
        with self.engine.connect().execution_options(reads_only=True) as connection, Session(connection) as session:
            yield session

    @contextmanager
    def trying(self) -> Iterator[Session]:
        """Give a session as for writing whose changes are dropped: an error of the database says it cannot be written.

        Waits a moment for another writer, not as long as ``transaction`` does.

        Raises:
            StoreBusyError: that moment was not enough.
        """
        with (
            self.writers.turn(_TRIAL_MS / 1000),
            self.engine.connect().execution_options(patience_ms=_TRIAL_MS) as connection,
        ):
            try:
                with Session(connection) as session:
                    yield session
            finally:
                connection.rollback()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def problem_of(error: SQLAlchemyError | StoreBusyError) -> str:
    """Return in one line what the database said, without the statement, whose values are nobody's business."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL; migrations are run apart, by ``migrate``.

    SQLite is set to WAL with synchronous FULL: what was committed survives a power cut.
    """
    return Database(_sqlite(url) if url.startswith("sqlite") else _server(url))


def _server(url: str) -> Engine:
    # READ COMMITTED sees what was committed while the lock was waited for; anything stricter, only what was before.
    engine = create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.dialect.name != "postgresql":
            return
        options = connection.get_execution_options()
        if options.get("reads_only", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {options.get('patience_ms', _BUSY_MS)}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITING})")

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_MS / 1000, "check_same_thread": False})
    file = engine.url.database
    turn = None if file in {None, "", ":memory:"} else Path(f"{file}-turn")

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        # pysqlite would begin transactions by itself, too late and deferred.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's signature
        options = connection.get_execution_options()
        if options.get("reads_only", False):
            connection.exec_driver_sql("BEGIN")
        else:
            until_s = time.monotonic() + options.get("patience_ms", _BUSY_MS) / 1000
            with nullcontext() if turn is None else next_to_write(turn, until_s):
                _begin_writing(connection, until_s)

    return engine


def _begin_writing(connection: Connection, until_s: float) -> None:
    """Take the write lock, asking again every half millisecond while another process has it.

    SQLite itself would ask ever more seldom, a tenth of a second apart: beside a program that writes back to back and
    takes no turns that took ten seconds and more, and somebody may be waiting to halt every fix.
    """
    cursor = connection.connection.cursor()  # past SQLAlchemy, for which each refusal would be an error
    cursor.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until_s:
            try:
                cursor.execute("BEGIN IMMEDIATE")
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & _BASE_CODE != sqlite3.SQLITE_BUSY:
                    break
            else:
                return
            time.sleep(_ASK_AGAIN_S)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # says why not, as SQLAlchemy's callers expect it
    finally:
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        cursor.close()
