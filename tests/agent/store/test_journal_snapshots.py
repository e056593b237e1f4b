from pathlib import Path

from structlog.testing import capture_logs

from agent.health.errors import SnapshotError
from agent.health.keeper import Keeper
from agent.store.journal import Journal
from agent.store.segment import Record
from agent.store.snapshots import Snapshots


def read(data: bytes) -> str:
    if not data.startswith(b"good"):
        kind = "test"
        raise SnapshotError(kind, "it is not good")
    return data.decode()


def test_the_newest_good_snapshot_wins(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.write(5, b"good 5")
    snapshots.write(100, b"good 100")

    newest = snapshots.newest(read)

    assert newest is not None
    assert (newest.value, newest.offset) == ("good 100", 100)


def test_a_damaged_snapshot_is_passed_over_aloud(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.write(5, b"good 5")
    snapshots.write(100, b"damaged")

    with capture_logs() as said:
        newest = snapshots.newest(read)

    assert newest is not None
    assert newest.offset == 5
    assert [line["event"] for line in said] == ["snapshot.passed_over"]
    assert snapshots.newest_offset() == 100


def test_without_any_there_is_none(tmp_path: Path) -> None:
    assert Snapshots(tmp_path / "none").newest(read) is None
    assert Snapshots(tmp_path / "none").newest_offset() == 0


def test_only_the_newest_three_stay(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    for offset in range(10):
        snapshots.write(offset, b"good")

    assert snapshots.oldest_offset() == 7
    assert len(list(tmp_path.iterdir())) == 3


def test_half_a_snapshot_from_a_crash_is_not_seen(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path)
    snapshots.write(5, b"good 5")
    (tmp_path / f"{9:020d}.new").write_bytes(b"good ha")

    newest = snapshots.newest(read)

    assert newest is not None
    assert newest.offset == 5


def test_the_journal_keeps_what_the_oldest_snapshot_needs(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal", segment_bytes=64)
    for _ in range(10):
        journal.append([Record(1, "t", b"x" * 100)])
    keeper = Keeper(Snapshots(tmp_path / "snapshots"), journal, keep_bytes=0)

    for offset in (4, 8, 10):
        keeper.keep(offset, b"good", now_ms=0)

    assert journal.first_offset == 4
    journal.close()


def test_a_snapshot_that_cannot_be_written_is_said_once_and_tried_again(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "journal")
    in_the_way = tmp_path / "snapshots"
    in_the_way.write_text("a file where a directory should be", encoding="utf-8")
    keeper = Keeper(Snapshots(in_the_way), journal)

    with capture_logs() as said:
        keeper.keep(1, b"good", now_ms=0)
        keeper.keep(2, b"good", now_ms=0)
        in_the_way.unlink()
        keeper.keep(3, b"good", now_ms=0)

    assert [line["event"] for line in said] == ["snapshot.failed", "snapshot.works_again"]
    journal.close()
