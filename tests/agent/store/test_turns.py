import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.exc import OperationalError

from agent.errors import StoreBusyError
from agent.store.database import Database, open_database
from agent.store.turns import Turns


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_database(f"sqlite:///{tmp_path / 'turns.sqlite3'}")


def test_who_writes_back_to_back_lets_others_in_between(database: Database) -> None:
    begun: list[str] = []
    enough, busy = Event(), Event()

    def greedy() -> None:
        while not enough.is_set():
            with database.transaction() as session:
                session.connection()
                begun.append("greedy")
                busy.set()
                time.sleep(0.02)

    def modest() -> None:
        with database.transaction() as session:
            session.connection()
            begun.append("modest")

    writer = Thread(target=greedy)
    writer.start()
    busy.wait()
    for _ in range(5):
        asked = len(begun)
        other = Thread(target=modest)
        other.start()
        other.join()
        # The one at work ends; between this thread's look at the list and the other's asking one more may begin.
        assert begun[asked:].index("modest") <= 2
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


def test_another_process_that_writes_back_to_back_holds_nobody_up_for_long(database: Database, tmp_path: Path) -> None:
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
