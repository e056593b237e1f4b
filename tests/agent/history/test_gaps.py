from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.history.erase import erase_devices
from agent.history.folder import Folder
from agent.history.gaps import Gap, GapRow, still_missing
from tests.agent.history.house import START, HistoryHouse
from tests.agent.listen.messages import START_MS, birth, sample

DAY = timedelta(days=1)
MINUTE_S = 60


def gaps_of(house: HistoryHouse, device: str = "a", days: float = 3) -> list[tuple[float, float, int]]:
    found = house.history.read_gaps(device, START, START + days * DAY, product="frost-200")
    return [(gap.since_s - START_MS / 1000, gap.until_s - START_MS / 1000, gap.missed) for gap in found]


def test_a_gap_says_from_when_to_when_how_many_samples_are_missing(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(birth("a"), sample("a", 1), sample("a", 2), sample("a", 7), sample("b", 1), sample("b", 2))

    house.write()

    assert gaps_of(house) == [(2 * MINUTE_S, 7 * MINUTE_S, 4)]
    assert gaps_of(house, "b") == []


def test_a_gap_that_is_filled_later_shrinks_and_closes(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(birth("a"), sample("a", 1), sample("a", 5))
    house.write()

    house.say(sample("a", 3))
    house.write()
    partly = gaps_of(house)
    house.say(sample("a", 2), sample("a", 4), sample("a", 4))
    house.write()

    assert partly == [(1 * MINUTE_S, 5 * MINUTE_S, 2)]
    assert gaps_of(house) == []


def test_a_range_shows_the_gaps_that_reach_into_it_also_when_they_end_after_it(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path)
    house.say(birth("a"), sample("a", 1), sample("a", 9, START_MS + 2 * 86_400_000))
    house.write()

    found = house.history.read_gaps("a", START + 0.5 * DAY, START + DAY, product="frost-200")
    later = house.history.read_gaps("a", START + 2.5 * DAY, START + 3 * DAY, product="frost-200")

    assert [gap.missed for gap in found] == [7]
    assert later == ()


def test_gaps_survive_merging_and_go_with_erasure_and_age(tmp_path: Path) -> None:
    house = HistoryHouse(tmp_path, keep=30 * DAY)
    house.say(birth("a"), birth("b"))
    for number in range(20):
        house.say(*(sample(device, number * 3) for device in "ab"))
        house.write()
    before = gaps_of(house)

    house.tidy(START + 2 * DAY)
    merged = gaps_of(house)
    erase_devices(Folder(tmp_path), frozenset({"a"}), START + 2 * DAY)
    left = gaps_of(house, "a"), gaps_of(house, "b")
    house.tidy(START + 40 * DAY)

    assert len(before) == 19
    assert merged == before
    assert len(list(tmp_path.glob("gaps/*/*/*.parquet"))) <= 6 or not list(tmp_path.glob("gaps/*/*/*.parquet"))
    assert left == ([], before)
    assert gaps_of(house, "b") == []


@given(st.sets(st.integers(1, 40)))
def test_what_is_missing_is_what_was_sent_and_never_came(lost: set[int]) -> None:
    came = [seq for seq in range(42) if seq not in lost]
    rows = [
        GapRow(after * 1_000_000, before * 1_000_000, "b1", before + 1, after - before - 1)
        for before, after in pairwise(came)
        if after - before > 1
    ]

    gaps = still_missing(rows, 0, 42_000_000)

    assert sum(gap.missed for gap in gaps) == len(lost)
    filled = [GapRow(seq * 1_000_000, seq * 1_000_000, "b1", seq, 0) for seq in lost]
    assert still_missing([*filled, *rows], 0, 42_000_000) == ()
    elsewhere = [GapRow(seq * 1_000_000, seq * 1_000_000, "b2", seq, 0) for seq in lost]
    assert still_missing([*rows, *elsewhere], 0, 42_000_000) == gaps


def test_gaps_are_told_oldest_first() -> None:
    rows = [GapRow(9_000_000, 8_000_000, "b", 3, 1), GapRow(2_000_000, 1_000_000, "b", 1, 1)]

    assert still_missing(rows, 0, 10_000_000) == (Gap(1.0, 2.0, 1), Gap(8.0, 9.0, 1))
