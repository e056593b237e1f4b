"""Any database we ever wrote becomes today's, whole or not at all."""

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from agent.diagnose.experience import EVERY_CASE, at_age
from agent.diagnose.signature_table import Tally
from agent.errors import MigrationError
from agent.failpoint import EXIT_CODE, Failpoint
from agent.store import tables
from agent.store.columns import WIDE
from agent.store.cursors import FACTS, read_cursor
from agent.store.database import open_database
from agent.store.fleet_list import fleet_figures
from agent.store.learning import read_counts
from agent.store.migrate import migrate, newest_revision
from agent.store.tables import UNDER_TREATMENT
from agent.store.ticket_words import TABLES as WORDS

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def tables_in(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


def differences(connection: Connection) -> list[object]:
    """Return where a database and the tables of the code differ, SQLite's own full-text tables left out."""
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, _parent: kind != "table" or name not in WORDS}
    )
    return list(compare_metadata(context, SQLModel.metadata))


def test_an_empty_file_gets_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"

    revision = migrate(url_of(path))

    database = open_database(url_of(path))
    with database.engine.connect() as connection:
        found = differences(connection)
    database.close()
    assert revision == newest_revision()
    assert tables_in(path) == {*SQLModel.metadata.tables, "alembic_version", *WORDS}
    assert found == []
    assert tables.TicketRow.__tablename__ in SQLModel.metadata.tables


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_a_database_of_every_earlier_version_becomes_todays(schema: Path, tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(schema.read_text(encoding="utf-8"))
    old.close()

    assert migrate(url_of(path)) == newest_revision()

    database = open_database(url_of(path))
    with database.engine.connect() as connection:
        assert differences(connection) == []
    database.close()


def test_the_newest_schema_has_its_dump_for_the_next_migration_to_start_from() -> None:
    assert SCHEMAS[-1].stem == newest_revision()


def of_schema(revision: str, path: Path) -> sqlite3.Connection:
    """Return a connection to a new, empty database of an earlier version."""
    old = sqlite3.connect(path)
    old.executescript(next(schema for schema in SCHEMAS if schema.stem == revision).read_text(encoding="utf-8"))
    return old


def test_cases_that_were_counted_before_count_at_every_age(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    old = of_schema("0009", path)
    counted = [("frost-200", "memory_leak", signature, 3, 2) for signature in ("", "memory_free_kb down")]
    old.executemany(
        "INSERT INTO sign_count (product, fault, signature, seen, followed) VALUES (?, ?, ?, ?, ?)", counted
    )
    old.commit()
    old.close()

    migrate(url_of(path))

    database = open_database(url_of(path))
    signatures = {at_age("memory_free_kb down", timedelta(hours=hours)) for hours in (0, 1, 4, 12)}
    with database.reading() as session:
        counts = read_counts(session, "frost-200", {*signatures, EVERY_CASE})
    database.close()
    assert len(signatures) == 4
    assert counts == {("memory_leak", signature): Tally(3, 2) for signature in {*signatures, EVERY_CASE}}


def test_a_command_of_before_was_for_what_its_device_is_now_and_a_word_of_before_for_nothing_known(
    tmp_path: Path,
) -> None:
    path = tmp_path / "amends.sqlite3"
    old = of_schema("0010", path)
    old.execute(
        "INSERT INTO device (id, product, firmware, serial, boot, birth, online, busy, has_clock, off_on_purpose,"
        " first_seen_at, status_at, missed)"
        " VALUES ('d', 'frost-200', '2.4.1', '', '', '{}', 1, 0, 1, 0, '2026-09-21', '2026-09-21', 0)"
    )
    for command, device in (("kept", "d"), ("lost", "nobody")):
        old.execute(
            "INSERT INTO command (id, ticket_id, device_id, remedy, verb, args, state, created_at, not_after, detail)"
            " VALUES (?, 1, ?, 'restart', 'restart', '{}', 'sent', '2026-09-21', '2026-09-21', '')",
            (command, device),
        )
    old.execute("INSERT INTO autonomy VALUES ('frost-200', 'restart', 'act', 'mira', '2026-09-21')")
    old.commit()
    old.close()

    migrate(url_of(path))

    with sqlite3.connect(path) as now:
        commands = now.execute("SELECT id, product, firmware FROM command ORDER BY id").fetchall()
        words = now.execute("SELECT autonomy, verb, args, reversible FROM autonomy").fetchall()
    now.close()
    assert commands == [("kept", "frost-200", "2.4.1"), ("lost", "", "")]
    assert words == [("act", None, None, None)]


def test_tickets_of_before_are_in_the_indexes_of_today(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    of_schema("0011", path).close()
    old = sqlite3.connect(path)  # anew: a table of words from a dump is only there then
    for state, verify_by in (("fixing", None), ("with_person", None), ("with_person", "2026-09-21"), ("closed", None)):
        old.execute(
            "INSERT INTO ticket (device_id, product, fault, probability, state, opened_at, changed_at,"
            " playbook_version, explanation, verify_by, resolution, tried, chart, gathers)"
            " VALUES ('d', 'frost-200', 'leak', 0.9, ?, '2026-09-21', '2026-09-21', '1', '', ?, '', '[]', '{}', 0)",
            (state, verify_by),
        )
    old.commit()
    old.close()

    migrate(url_of(path))

    with sqlite3.connect(path) as now:
        by_fault = now.execute("SELECT count(*) FROM ticket INDEXED BY ix_ticket_device_fault WHERE device_id = 'd'")
        treated = now.execute(f"SELECT id FROM ticket INDEXED BY ix_ticket_under_treatment WHERE {UNDER_TREATMENT}")
        assert by_fault.fetchone() == (4,)
        assert sorted(treated.fetchall()) == [(1,), (3,)]
    now.close()


def test_a_remedy_of_whom_an_earlier_version_erased_is_at_work_no_more(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    of_schema("0012", path).close()
    old = sqlite3.connect(path)
    for state in ("closed", "with_person"):
        old.execute(
            "INSERT INTO ticket (device_id, product, fault, probability, state, opened_at, changed_at,"
            " playbook_version, explanation, verify_from, verify_by, resolution, tried, chart, gathers)"
            " VALUES ('erased-1', 'frost-200', 'leak', 0.9, ?, '2026-09-21', '2026-09-21', '1', '', '2026-09-21',"
            " '2026-09-22', '', '[]', '{}', 0)",
            (state,),
        )
    old.commit()
    old.close()

    migrate(url_of(path))

    with sqlite3.connect(path) as now:
        kept = now.execute("SELECT verify_from, verify_by FROM ticket ORDER BY id").fetchall()
    now.close()
    assert kept == [(None, None), ("2026-09-21", "2026-09-22")]


def test_numbers_past_32_bits_are_kept_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    old = of_schema("0013", path)
    old.execute(
        "INSERT INTO device (id, product, firmware, serial, boot, birth, online, busy, has_clock, off_on_purpose,"
        " first_seen_at, status_at, missed)"
        " VALUES ('d', 'frost-200', '2.4.1', '', '', '{}', 1, 0, 1, 0, '2026-09-21', '2026-09-21', ?)",
        (2**40,),
    )
    old.execute("INSERT INTO cursor (name, offset) VALUES (?, ?)", (FACTS, 2**41))
    old.commit()
    old.close()

    migrate(url_of(path))

    database = open_database(url_of(path))
    with database.reading() as session:
        found = (fleet_figures(session).missed, read_cursor(session, FACTS))
    database.close()
    assert found == (2**40, 2**41)


def test_what_is_wide_in_the_code_is_made_wide_on_postgresql() -> None:
    written = StringIO()
    postgresql = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written})

    with Operations.context(postgresql):
        import_module("agent.store.migrations.versions.0014_numbers_that_devices_choose").upgrade()

    wide = {
        f'ALTER TABLE {table.name} ALTER COLUMN "{column.name}" TYPE BIGINT'
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if column.type is WIDE
    }
    made = {line.rstrip(";") for line in written.getvalue().splitlines() if line}
    assert {line.replace('"', "") for line in made} == {line.replace('"', "") for line in wide}


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    migrate(url_of(path))
    before = path.read_bytes()

    migrate(url_of(path))

    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    migrate(url_of(path))
    newer = sqlite3.connect(path)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.commit()
    newer.close()

    with pytest.raises(MigrationError, match="another version"):
        migrate(url_of(path))


@pytest.mark.parametrize(
    "renamed", ["ALTER TABLE command RENAME COLUMN before TO befove", "ALTER TABLE halt RENAME TO hblt"]
)
def test_a_schema_that_lacks_a_column_or_a_table_is_refused_in_a_sentence(renamed: str, tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    migrate(url_of(path))
    damaged = sqlite3.connect(path)
    damaged.execute(renamed)
    damaged.commit()
    damaged.close()

    with pytest.raises(MigrationError, match="schema is damaged; restore the data directory from a backup"):
        migrate(url_of(path))


def test_a_database_whose_sqlite_keeps_no_words_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    migrate(url_of(path))
    older = sqlite3.connect(path)
    triggers = older.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in triggers:
        older.execute(f"DROP TRIGGER {name}")
    older.execute("DROP TABLE ticket_words")
    older.commit()
    older.close()

    assert migrate(url_of(path)) == newest_revision()


def test_a_full_text_table_with_a_damaged_tokenizer_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    migrate(url_of(path))
    damaged = sqlite3.connect(path)
    damaged.execute("PRAGMA writable_schema=ON")
    damaged.execute("UPDATE sqlite_master SET sql = replace(sql, 'trigram', 'trigraz') WHERE name = 'ticket_words'")
    damaged.commit()
    damaged.close()

    with pytest.raises(MigrationError, match="schema is damaged"):
        migrate(url_of(path))


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    path.write_bytes(b"a shopping list, and a long one at that" * 200)
    before = path.read_bytes()

    with pytest.raises(MigrationError):
        migrate(url_of(path))

    assert path.read_bytes() == before


@pytest.mark.slow
def test_a_kill_before_the_commit_leaves_the_old_schema_whole(tmp_path: Path) -> None:
    path = tmp_path / "amends.sqlite3"
    program = "import sys; from agent.store.migrate import migrate; migrate(sys.argv[1])"
    environment = {**os.environ, "AMENDS_FAILPOINT": f"{Failpoint.MIGRATION_WRITTEN}:exit"}

    killed = subprocess.run([sys.executable, "-c", program, url_of(path)], env=environment, check=False, timeout=60)

    assert killed.returncode == EXIT_CODE
    assert tables_in(path) == set()
    assert migrate(url_of(path)) == newest_revision()
