import os
import time
from pathlib import Path
from threading import Event, Thread

from agent.clock import RealClock
from agent.health.keeper import Keeper
from agent.history.keeping import HistoryKeeper
from agent.history.upkeep import Upkeep
from agent.history.writer import open_writer
from agent.store.journal import Journal
from agent.store.journal_reader import JournalReader
from agent.store.snapshots import Snapshots
from tests.agent.history.house import YEARS, HistoryHouse
from tests.agent.listen.messages import sample

PATIENCE_S = 10.0
HOUR_MS = 3_600_000


def test_what_the_journal_has_is_in_files_soon_and_the_rest_when_it_stops(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    journal.append([sample("a", 1)])
    writer = open_writer(tmp_path / "history", journal)
    keeper = HistoryKeeper(writer, Upkeep(writer.folder, YEARS, YEARS), RealClock(), every_s=0.01)
    stop = Event()
    running = Thread(target=keeper.run, args=(stop,))

    running.start()
    deadline = time.monotonic() + PATIENCE_S
    while writer.written < 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    soon = writer.written
    keeper.every_s = 3600
    journal.append([sample("a", 2)])
    stop.set()
    running.join(PATIENCE_S)
    journal.close()

    assert soon == 1
    assert len(HistoryHouse(tmp_path / "history").samples()) == 2


def test_the_journal_forgets_nothing_that_history_has_not_taken(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal", segment_bytes=200)
    for seq in range(20):
        journal.append([sample("a", seq)])
    taken = [5]
    keeper = Keeper(Snapshots(tmp_path / "snapshots"), journal, keep_bytes=0, taken=lambda: taken[0], keep_ms=0)

    for offset in range(17, 21):
        keeper.keep(offset, b"a snapshot", 0)
    first_while_behind = journal.first_offset
    taken[0] = 20
    keeper.keep(20, b"a snapshot", 0)

    assert 0 < first_while_behind <= 5
    assert journal.first_offset > 5
    journal.close()


def test_a_quiet_fleets_journal_lets_go_of_what_is_too_old_though_no_segment_is_full(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    keeper = Keeper(Snapshots(tmp_path / "snapshots"), journal, keep_ms=24 * HOUR_MS)
    started_ms = int(time.time() * 1000)

    for hour in range(60):
        journal.append([sample("a", hour)])
        now_ms = started_ms + hour * HOUR_MS
        newest = max((tmp_path / "journal").glob("*.seg"))
        os.utime(newest, (now_ms / 1000, now_ms / 1000))
        keeper.keep(journal.next_offset, b"a snapshot", now_ms)

    kept = journal.next_offset - journal.first_offset
    assert 24 <= kept <= 26
    journal.close()


def test_a_reader_in_another_process_sees_what_the_owner_says_is_durable_and_no_more(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal", segment_bytes=200)
    for seq in range(0, 20, 2):
        journal.append([sample("a", seq), sample("a", seq + 1)])
    reader = JournalReader(tmp_path / "journal", next_offset=13)

    seen = [entry.offset for batch in reader.read(4) for entry in batch]
    reader.next_offset = 20
    more = [entry.offset for batch in reader.read(13) for entry in batch]
    journal.close()

    assert seen == list(range(4, 13))
    assert more == list(range(13, 20))


def test_a_reader_steps_over_numbers_that_a_damaged_end_took(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    journal.append([sample("a", 1)])
    journal.close()
    journal = Journal.open(tmp_path / "journal", no_less_than=10)
    journal.append([sample("a", 2)])
    reader = JournalReader(tmp_path / "journal", journal.next_offset)

    assert [entry.offset for batch in reader.read(0) for entry in batch] == [0, 10]
    journal.close()
