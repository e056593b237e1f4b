from datetime import UTC, datetime

import pytest

from agent.scorecard.office_hours import is_open, next_open

FRIDAY_EVENING = datetime(2026, 1, 16, 18, 30, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 1, 19, 8, tzinfo=UTC)
TUESDAY_NOON = datetime(2026, 1, 13, 12, tzinfo=UTC)


def test_who_asks_in_office_hours_is_served_at_once() -> None:
    assert next_open(TUESDAY_NOON) == TUESDAY_NOON


@pytest.mark.parametrize(
    "at", [FRIDAY_EVENING, datetime(2026, 1, 17, 9, tzinfo=UTC), datetime(2026, 1, 19, 3, tzinfo=UTC)]
)
def test_nobody_works_at_night_nor_on_a_weekend(at: datetime) -> None:
    assert not is_open(at)
    assert next_open(at) == MONDAY_MORNING
