"""Whether a promise came true."""

from datetime import timedelta

import pytest

from agent.diagnose.promise import Ending, Promise, ended, record_of
from agent.diagnose.time_left import Basis
from tests.builders import NOON

DAY = timedelta(days=1)
MADE = Promise(1, "frost-200", "fan_bearing_wear", NOON, NOON + 6 * DAY, NOON + 9 * DAY, Basis.CASES, 11, 8)


@pytest.mark.parametrize(
    ("days", "failed", "ending", "off_days"),
    [
        (7, True, Ending.KEPT, 0.0),
        (4, True, Ending.EARLY, 2.0),
        (12, True, Ending.LATE, 3.0),
        (12, False, Ending.OUTLIVED, 3.0),
        (3, False, Ending.MENDED, None),
        (8, False, Ending.MENDED, None),
    ],
)
def test_what_came_of_a_promise(days: int, failed: bool, ending: Ending, off_days: float | None) -> None:  # noqa: FBT001 - a column of the table
    done = ended(MADE, NOON + days * DAY, failed=failed)

    assert (done.ending, done.off_days) == (ending, off_days)


def test_the_record_counts_only_what_was_put_to_the_test() -> None:
    days = ((7, True), (7, True), (7, True), (4, True), (3, False), (30, False))

    record = record_of([MADE, *(ended(MADE, NOON + n * DAY, failed=failed) for n, failed in days)])

    assert (record.made, record.open, record.tested, record.kept, record.mended) == (7, 1, 5, 3, 1)
    assert record.kept_share == pytest.approx(0.6)
    assert record.off_days == pytest.approx(11.5)


def test_without_tested_promises_there_is_no_share() -> None:
    record = record_of([MADE])

    assert record.kept_share is None
    assert record.off_days is None
