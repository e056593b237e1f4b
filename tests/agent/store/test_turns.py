import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from agent.errors import StoreBusyError
from agent.store.database import Database, open_database
from agent.store.turns import Turns, next_to_write


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path / 'turns.sqlite3'}")


def test_who_writes_back_to_back_lets_others_in_between(database: Database) -> None:
    begun: list[str] = []
    asked: list[int] = []
    enough, busy = Event(), Event()

    def greedy() -> None:
        while not enough.is_set():
            with database.transaction() as session:
                session.connection()
                begun.append("greedy")
                busy.set()
                time.sleep(0.02)

    def modest() -> None:
        asked.append(len(begun))
        with database.transaction() as session:
            session.connection()
            begun.append("modest")

    writer = Thread(target=greedy)
    writer.start()
    busy.wait()
    for _ in range(5):
        other = Thread(target=modest)
        other.start()
        other.join()
        # The one at work ends; between the other's look at the list and its asking, a busy machine lets a few more
        # begin. Without turns it is hundreds.
        assert begun[asked[-1] :].index("modest") <= 10
    enough.set()
    writer.join()


GREEDY = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("create table written (at)")
print(flush=True)
while True:
    database.execute("BEGIN IMMEDIATE")
    database.execute("insert into written values (1)")
    time.sleep(0.03)
    database.execute("COMMIT")
"""


def test_a_program_that_takes_no_turns_holds_nobody_up_for_long(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        session.connection()
    words = (sys.executable, "-c", GREEDY, str(tmp_path / "turns.sqlite3"))
    with subprocess.Popen(words, stdout=subprocess.PIPE) as greedy:
        assert greedy.stdout is not None
        greedy.stdout.readline()
        try:
            for _ in range(10):
                asked_s = time.monotonic()
                with database.transaction() as session:
                    session.connection()
                assert time.monotonic() - asked_s < 10.0  # tens of milliseconds on a quiet machine
        finally:
            greedy.kill()


OURS = """
import sys
from sqlalchemy import text
from agent.store.database import open_database
database = open_database(f"sqlite:///{sys.argv[1]}")
with database.transaction() as session:
    session.execute(text("create table written (at)"))
print(flush=True)
while True:
    with database.transaction() as session:
        session.execute(text("insert into written values (1)"))
"""


@pytest.fixture
def busy_agent(tmp_path: Path) -> Iterator[None]:
    """Another process that writes through the same code, without any pause."""
    words = (sys.executable, "-c", OURS, str(tmp_path / "turns.sqlite3"))
    with subprocess.Popen(words, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"\n"
        yield
        assert writer.poll() is None
        writer.kill()


def written(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("select count(*) from written")).scalar_one())


@pytest.mark.usefixtures("busy_agent")
def test_who_asks_is_next_even_beside_an_agent_that_writes_back_to_back(database: Database, tmp_path: Path) -> None:
    with next_to_write(tmp_path / "turns.sqlite3-turn", time.monotonic() + 10):
        time.sleep(0.4)  # what it had begun ends; after a second it may ask again
        before = written(database)
        time.sleep(0.3)
        assert written(database) == before
    until_s = time.monotonic() + 10
    while written(database) == before:
        assert time.monotonic() < until_s
        time.sleep(0.01)


@pytest.mark.usefixtures("busy_agent")
def test_beside_such_an_agent_nobody_waits_for_two_seconds(database: Database) -> None:
    for _ in range(100):
        asked_s = time.monotonic()
        with database.transaction() as session:
            session.connection()
        assert time.monotonic() - asked_s < 2.0  # what `amends halt` may take; hundredths of a second, also under load


@pytest.mark.usefixtures("busy_agent")
def test_who_was_stopped_while_it_had_the_turn_holds_nobody_up_for_two_seconds(
    database: Database, tmp_path: Path
) -> None:
    with next_to_write(tmp_path / "turns.sqlite3-turn", time.monotonic() + 10):
        asked_s = time.monotonic()
        with database.transaction() as session:
            session.connection()
        assert time.monotonic() - asked_s < 2.0


def test_a_database_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:"):
        with open_database(url).transaction() as session:
            session.connection()

    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_made_the_database_says_what_the_matter_is(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'turns.sqlite3'}")
    with pytest.raises(OperationalError, match="unable to open"), database.transaction() as session:
        session.connection()
    with next_to_write(tmp_path / "no" / "such" / "folder" / "turns.sqlite3-turn", time.monotonic()):
        pass


def test_what_another_process_holds_for_too_long_is_an_error_of_the_database(
    database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        session.connection()  # the file is there, in its journal mode
    holder = sqlite3.connect(tmp_path / "turns.sqlite3", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    asked_s = time.monotonic()
    with pytest.raises(OperationalError, match="locked"), database.trying() as session:
        session.connection()
    assert time.monotonic() - asked_s > 1.5

    holder.close()
    with database.trying() as session:
        session.connection()


def test_turns_come_in_the_order_they_were_asked_for() -> None:
    turns, told = Turns(), list[int]()

    def wait(number: int) -> None:
        with turns.turn(10):
            told.append(number)

    threads = [Thread(target=wait, args=(number,)) for number in range(8)]
    with turns.turn(1):
        for number, thread in enumerate(threads, start=1):
            thread.start()
            while len(turns._waiting) < number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()

    assert told == list(range(8))


def test_whose_turn_does_not_come_is_told_and_holds_nobody_up() -> None:
    turns = Turns()

    with turns.turn(1), pytest.raises(StoreBusyError), turns.turn(0.02):
        pass

    with turns.turn(0):
        pass
