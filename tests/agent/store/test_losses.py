"""What the broker dropped is kept for charts, and its count for the next agent."""

from datetime import datetime, timedelta

import pytest

from agent.store.database import Database
from agent.store.losses import keep_look, keep_loss, kept_look, losses_between
from agent.watch.losses import Look, Loss, Losses
from tests.builders import MINUTE, NOON

HOUR = timedelta(hours=1)


def test_a_loss_that_goes_on_stays_one(database: Database) -> None:
    with database.transaction() as session:
        keep_loss(session, Loss(3, NOON, NOON + MINUTE))
        keep_loss(session, Loss(8, NOON, NOON + 2 * MINUTE))
        keep_loss(session, Loss(1, NOON + HOUR, NOON + HOUR + MINUTE))

    with database.reading() as session:
        assert losses_between(session, NOON - HOUR, NOON + 2 * HOUR) == (
            Loss(8, NOON, NOON + 2 * MINUTE),
            Loss(1, NOON + HOUR, NOON + HOUR + MINUTE),
        )


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (NOON - HOUR, NOON - MINUTE, False),
        (NOON - HOUR, NOON + MINUTE, True),
        (NOON + 2 * MINUTE, NOON + HOUR, True),
        (NOON + 11 * MINUTE, NOON + HOUR, False),
    ],
)
def test_a_loss_is_found_for_every_time_that_it_touches(
    database: Database,
    since: datetime,
    until: datetime,
    found: bool,  # noqa: FBT001 - a column of the table
) -> None:
    with database.transaction() as session:
        keep_loss(session, Loss(3, NOON, NOON + 10 * MINUTE))

    with database.reading() as session:
        assert bool(losses_between(session, since, until)) is found


def test_a_loss_since_nobody_knows_when_counts_at_its_end(database: Database) -> None:
    with database.transaction() as session:
        keep_loss(session, Loss(3, None, NOON))

    with database.reading() as session:
        assert losses_between(session, NOON - MINUTE, NOON + MINUTE) == (Loss(3, None, NOON),)
        assert losses_between(session, NOON - HOUR, NOON - MINUTE) == ()
        assert losses_between(session, NOON + MINUTE, NOON + HOUR) == ()


def test_what_was_dropped_while_no_agent_ran_lies_between_the_two_agents(database: Database) -> None:
    with database.transaction() as session:
        assert kept_look(session) is None
        keep_look(session, Look(4, NOON - HOUR))
        keep_look(session, Look(5, NOON))

    losses = Losses()
    with database.reading() as session:
        losses.look = kept_look(session)

    assert losses.counted(5, NOON + MINUTE) is None  # what it had dropped before is not told again
    assert losses.counted(7, NOON + HOUR) == Loss(2, NOON + MINUTE, NOON + HOUR)
