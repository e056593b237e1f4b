"""What is kept of the broker's count, also past a database that does not take it."""

from datetime import timedelta

from sqlalchemy import text

from agent.store.database import Database
from agent.store.losses import kept_look, losses_between
from agent.watch.broker_count import Keeper
from agent.watch.losses import Look, Loss, Losses
from tests.builders import MINUTE, NOON

SECOND = timedelta(seconds=1)


def look_of(database: Database) -> Look | None:
    with database.reading() as session:
        return kept_look(session)


def losses_of(database: Database) -> tuple[Loss, ...]:
    with database.reading() as session:
        return losses_between(session, NOON - 60 * MINUTE, NOON + 60 * MINUTE)


def test_a_look_is_kept_once_a_minute_and_with_every_loss(database: Database) -> None:
    keeper = Keeper(database)
    assert keeper.begin() == (None, None)

    keeper.keep(Look(1, NOON), None)
    keeper.keep(Look(1, NOON + 59 * SECOND), None)
    assert look_of(database) == Look(1, NOON)
    keeper.keep(Look(1, NOON + MINUTE), None)
    assert look_of(database) == Look(1, NOON + MINUTE)
    loss = Loss(4, NOON + MINUTE, NOON + MINUTE + SECOND)
    keeper.keep(Look(5, loss.until), loss)

    assert losses_of(database) == (loss,)
    assert Keeper(database).begin() == (Look(5, loss.until), loss)


def test_what_was_dropped_before_the_first_look_is_one_loss_however_long_it_goes_on(database: Database) -> None:
    keeper, losses = Keeper(database), Losses()
    keeper.begin()
    for minute in range(4):
        now = NOON + minute * MINUTE
        keeper.keep(Look(10_000 + minute, now), losses.counted(10_000 + minute, now))

    assert losses_of(database) == (Loss(10_003, None, NOON + 3 * MINUTE),)


def test_a_loss_that_goes_on_past_a_restart_stays_one_and_readiness_stays_red(database: Database) -> None:
    keeper, losses = Keeper(database), Losses()
    for count in (0, 7):
        now = NOON + count * SECOND
        keeper.keep(Look(count, now), losses.counted(count, now))

    again, after = Keeper(database), Losses()
    after.look, after.last = again.begin()
    assert after.lately(NOON + MINUTE) is not None
    again.keep(Look(9, NOON + MINUTE), after.counted(9, NOON + MINUTE))

    assert losses_of(database) == (Loss(9, NOON, NOON + MINUTE),)


def test_what_the_database_does_not_take_is_kept_with_the_next_look(database: Database) -> None:
    keeper = Keeper(database)
    keeper.begin()
    first, second = Loss(4, NOON, NOON + SECOND), Loss(2, NOON + 20 * MINUTE, NOON + 21 * MINUTE)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE broker_loss RENAME TO elsewhere"))

    keeper.keep(Look(4, first.until), first)
    keeper.keep(Look(6, second.until), second)
    assert look_of(database) is None
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO broker_loss"))
    keeper.keep(Look(6, second.until + SECOND), None)

    assert losses_of(database) == (first, second)
    assert look_of(database) == Look(6, second.until + SECOND)
