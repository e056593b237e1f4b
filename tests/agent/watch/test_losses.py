"""A rise of the broker's count is a loss, whatever else the count does."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.watch.losses import REMEMBERED_FOR, Losses

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_count_that_stays_is_no_loss() -> None:
    losses = Losses()

    assert losses.counted(0, NOON) is None
    assert losses.counted(0, NOON + MINUTE) is None
    assert losses.lately(NOON + MINUTE) is None


def test_a_rise_is_a_loss_between_the_two_looks() -> None:
    losses = Losses()
    losses.counted(0, NOON)

    losses.counted(12, NOON + MINUTE)

    assert str(losses.lately(NOON + MINUTE)) == (
        "the broker dropped 12 messages between 12:00:00 and 12:01:00 UTC: what was measured then is incomplete"
    )


def test_what_was_dropped_before_we_first_looked_counts_since_an_unknown_instant() -> None:
    losses = Losses()

    loss = losses.counted(40, NOON)

    assert loss is not None
    assert (loss.messages, loss.since, loss.until) == (40, None, NOON)


def test_a_loss_is_shown_for_a_while_and_not_for_ever() -> None:
    losses = Losses()
    losses.counted(1, NOON)

    assert losses.lately(NOON + REMEMBERED_FOR - MINUTE) is not None
    assert losses.lately(NOON + REMEMBERED_FOR) is None
    assert losses.dropped == 1


@given(st.lists(st.lists(st.integers(0, 50), max_size=8), max_size=4))
def test_over_any_restarts_of_the_broker_the_sum_of_its_counts_is_what_was_dropped(lives: list[list[int]]) -> None:
    losses = Losses()
    expected = 0
    for rises in lives:
        count = 0
        # A broker that starts again counts from zero, and says so first.
        losses.counted(0, NOON)
        for rise in rises:
            count += rise
            losses.counted(count, NOON)
        expected += count

    assert losses.dropped == expected
