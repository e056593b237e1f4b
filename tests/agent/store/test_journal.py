import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agent.store.journal import Journal
from agent.store.journal_errors import JournalDamagedError, JournalFullError, JournalLockedError
from agent.store.segment import Entry, Record

records = st.builds(
    Record,
    st.integers(min_value=0, max_value=2**62),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.binary(max_size=60),
)
batches = st.lists(st.lists(records, min_size=1, max_size=5), min_size=1, max_size=6)


def entries(journal: Journal, from_offset: int = 0) -> list[Entry]:
    return [entry for batch in journal.read(from_offset) for entry in batch]


def written(directory: Path, batch_list: list[list[Record]], segment_bytes: int = 1 << 20) -> None:
    journal = Journal.open(directory, segment_bytes=segment_bytes)
    for batch in batch_list:
        journal.append(batch)
    journal.close()


def a_batch(count: int, start: int = 0) -> list[Record]:
    return [Record(1_000 + n, "amends/v1/d1/telemetry", b"payload %d" % n) for n in range(start, start + count)]


def segments(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.seg"))


@given(batches, st.integers(min_value=1, max_value=400))
def test_what_was_appended_is_read_in_the_same_batches_after_reopening(
    tmp_path_factory: pytest.TempPathFactory, batch_list: list[list[Record]], segment_bytes: int
) -> None:
    directory = tmp_path_factory.mktemp("journal")

    written(directory, batch_list, segment_bytes)

    journal = Journal.open(directory)
    assert [[entry[1:] for entry in batch] for batch in journal.read(0)] == [[tuple(r) for r in b] for b in batch_list]
    assert [entry.offset for entry in entries(journal)] == list(range(sum(map(len, batch_list))))
    journal.close()


@given(batches, st.integers(min_value=1, max_value=400), st.data())
def test_reading_may_start_and_stop_at_any_offset(
    tmp_path_factory: pytest.TempPathFactory, batch_list: list[list[Record]], segment_bytes: int, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    written(directory, batch_list, segment_bytes)
    journal = Journal.open(directory)
    start = data.draw(st.integers(0, journal.next_offset))
    stop = data.draw(st.integers(start, journal.next_offset))

    read = [entry.offset for batch in journal.read(start, stop) for entry in batch]

    assert read == list(range(start, stop))
    journal.close()


@given(batches, st.data())
def test_a_tail_torn_at_any_byte_loses_the_last_batch_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, batch_list: list[list[Record]], data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("journal")
    written(directory, batch_list[:-1])
    path = segments(directory)[-1]
    whole = path.stat().st_size
    written(directory, batch_list[-1:])
    os.truncate(path, data.draw(st.integers(whole, path.stat().st_size - 1)))

    journal = Journal.open(directory)
    journal.append([Record(5, "after", b"")])

    expected = [tuple(record) for batch in batch_list[:-1] for record in batch]
    assert [entry[1:] for entry in entries(journal)] == [*expected, (5, "after", b"")]
    journal.close()


def test_a_torn_tail_is_said_once_with_what_was_cut(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(2), a_batch(2)])
    os.truncate(segments(tmp_path)[0], segments(tmp_path)[0].stat().st_size - 3)

    with capture_logs() as said:
        Journal.open(tmp_path).close()
        Journal.open(tmp_path).close()

    assert [(line["event"], line["next_offset"]) for line in said] == [("journal.torn_tail_cut", 2)]


@pytest.mark.parametrize("at", [0, 10, 30, 40, 60, 100])
def test_a_flipped_byte_before_the_end_is_refused_with_file_and_place(tmp_path: Path, at: int) -> None:
    written(tmp_path, [a_batch(3), a_batch(3), a_batch(3)])
    path = segments(tmp_path)[0]
    damaged = bytearray(path.read_bytes())
    damaged[at] ^= 0x40
    path.write_bytes(damaged)

    with pytest.raises(JournalDamagedError, match=path.name) as refusal:
        Journal.open(tmp_path)

    assert refusal.value.offset == 0


def test_damage_in_an_older_segment_is_refused_when_it_is_read(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3), a_batch(3)], segment_bytes=64)
    path = segments(tmp_path)[0]
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    journal = Journal.open(tmp_path)

    with pytest.raises(JournalDamagedError, match=path.name):
        entries(journal)

    journal.close()


def test_a_segment_that_is_gone_from_the_middle_is_noticed(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3), a_batch(3), a_batch(3)], segment_bytes=64)
    segments(tmp_path)[1].unlink()
    journal = Journal.open(tmp_path)

    with pytest.raises(JournalDamagedError):
        entries(journal)

    journal.close()


def test_a_segment_that_was_only_begun_is_begun_again(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3), a_batch(3)], segment_bytes=64)
    os.truncate(segments(tmp_path)[-1], 7)

    journal = Journal.open(tmp_path)

    assert journal.next_offset == 3
    journal.close()


def test_an_offset_somebody_remembers_is_never_given_twice(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3)])

    journal = Journal.open(tmp_path, no_less_than=10)

    assert journal.append(a_batch(2)) == range(10, 12)
    assert [entry.offset for entry in entries(journal)] == [0, 1, 2, 10, 11]
    journal.close()


def test_a_second_agent_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)

    with pytest.raises(JournalLockedError, match="another agent"):
        Journal.open(tmp_path)

    journal.close()
    Journal.open(tmp_path).close()


def test_retention_drops_whole_old_segments_but_nothing_a_restart_would_need(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3) for _ in range(5)], segment_bytes=64)
    journal = Journal.open(tmp_path)

    freed = journal.forget(before=7, now_ms=0, keep_bytes=0)

    assert freed > 0
    assert journal.first_offset == 6
    assert [entry.offset for entry in entries(journal, 7)] == list(range(7, 15))
    journal.close()


def test_retention_by_age_keeps_what_is_young(tmp_path: Path) -> None:
    written(tmp_path, [a_batch(3) for _ in range(3)], segment_bytes=64)
    os.utime(segments(tmp_path)[0], (1_000, 1_000))
    now_ms = int(segments(tmp_path)[1].stat().st_mtime * 1000)
    journal = Journal.open(tmp_path)

    journal.forget(before=99, now_ms=now_ms, keep_ms=60_000)

    assert journal.first_offset == 3
    journal.close()


def test_a_full_disk_keeps_nothing_of_the_batch_and_the_same_append_works_later(tmp_path: Path) -> None:
    # RLIMIT_FSIZE makes writes fail half-way as a full disk does; SIGXFSZ would end the process before.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    journal = Journal.open(tmp_path)
    journal.append(a_batch(3))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (segments(tmp_path)[0].stat().st_size + 50, hard))
    try:
        with pytest.raises(JournalFullError, match="no room"):
            journal.append(a_batch(3, 3))
        assert journal.next_offset == 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    journal.append(a_batch(3, 3))

    assert [entry.payload for entry in entries(journal)] == [record.payload for record in a_batch(6)]
    journal.close()


@pytest.mark.slow
def test_a_killed_writer_lets_go_of_the_lock_and_leaves_whole_batches(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom agent.store.journal import Journal\n"
        "from agent.store.segment import Record\njournal = Journal.open(Path(sys.argv[1]))\n"
        "while True:\n    print(journal.append([Record(1, 't', b'x' * 100)] * 7).stop, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        promised = [int(child.stdout.readline()) for _ in range(50)][-1]
        child.kill()

    journal = Journal.open(tmp_path)

    assert journal.next_offset >= promised
    assert journal.next_offset % 7 == 0
    journal.close()
