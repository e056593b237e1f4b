"""SYS-6: the machine's clock jumps while remedies, waits and promises lie in the database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from agent.care.customer import Customer
from agent.care.timing import waking
from agent.decide.policy import DEFAULT_POLICY
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from agent.store.tables import MessageRow, StoryRow
from broker.messages import ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

JUMPS = {
    "an hour on": timedelta(hours=1),
    "an hour back": timedelta(hours=-1),
    "a day on": timedelta(days=1),
    "to 1970": datetime(1970, 1, 1, tzinfo=UTC) - datetime(2026, 9, 21, 12, 6, tzinfo=UTC),
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'amends.sqlite3'}"
    migrate(url)
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.mark.fault("SYS-6", "the clock jumps after a remedy was sent, and half an hour later back again")
@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_and_comes_back_sends_nothing_too_early_and_nothing_twice(
    database: Database, verdict: Verdict, jump: str
) -> None:
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.FAILED)
    sent_at, passed = office.clock.at, timedelta()

    early = 0
    for shift in (JUMPS[jump], -JUMPS[jump]):
        office.clock.at += shift
        for _ in range(12):
            before = len(office.commands())
            office.later(MINUTE)  # fresh samples by the same wrong clock
            passed += MINUTE
            office.send()
            early += (len(office.commands()) > before) and passed < DEFAULT_POLICY.cooldown and "on" not in jump
        assert office.clock.at is not None

    told = _count(database, StoryRow)
    verdict.note(f"{jump}; forward, a cool-down ends early, as the clock says so: one remedy, never the same")
    verdict.measure("remedies sooner than the cool-down", early, most=0)
    verdict.measure(
        "the same remedy again", len(office.commands()) - len({c.remedy for c in office.commands()}), most=0
    )
    verdict.measure("told on the ticket", told, most=20)
    verdict.measure("messages", _count(database, MessageRow), most=0)
    assert office.clock.at - sent_at < timedelta(hours=1)


def _count(database: Database, table: type[StoryRow] | type[MessageRow]) -> int:
    with database.reading() as session:
        return len(session.exec(select(table)).all())


@pytest.mark.fault("SYS-6", "quiet hours across both changes to and from summer time")
def test_an_owner_is_woken_at_the_same_hour_of_the_wall_before_and_after_the_clocks_change(verdict: Verdict) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    owner = Customer(id="c", name="C", email="c@example.org", zone="Europe/Berlin")
    nights = [datetime(2026, 3, 29, 0, 30, tzinfo=berlin), datetime(2026, 10, 25, 0, 30, tzinfo=berlin)]

    woken = [waking(owner, night.astimezone(UTC)).astimezone(berlin) for night in nights]

    verdict.measure("off the hour of the wall", sum(abs(at.hour - owner.quiet_to) for at in woken), "h", most=0)
    assert [at.date() for at in woken] == [night.date() for night in nights]
