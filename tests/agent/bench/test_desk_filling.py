"""The desk that the console is measured with has the shape of a real one, and every page can be shown over it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import func, select

from agent.bench.desk_filling import Desk, fill_desk
from agent.bench.desk_rows import RARE_WORD
from agent.desk.ticket import TicketState
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.store.charts import find_chart
from agent.store.database import Database, open_database
from agent.store.mail_list import list_letters
from agent.store.migrate import migrate
from agent.store.queue import Search, search
from agent.store.tables import RatingRow, StoryRow, TicketRow
from agent.store.ticket_file import read_file

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
DESK = Desk(tickets=400, devices=40, until=NOON)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    yield from filled(tmp_path_factory.mktemp("desk"))


def filled(folder: Path) -> Iterator[Database]:
    url = f"sqlite:///{folder / 'amends.sqlite3'}"
    migrate(url)
    database = open_database(url)
    fill_desk(database, read_playbooks(default_dir()), DESK)
    yield database
    database.close()


def test_every_ticket_is_a_whole_one(database: Database) -> None:
    with database.reading() as session:
        for number in (1, 7, 399, 400):
            file = read_file(session, number)
            assert len(file.story) == 6
            assert file.findings
            assert find_chart(session, number).curves
        assert session.exec(select(func.count()).select_from(StoryRow)).one() == 6 * DESK.tickets
        assert len(list_letters(session, limit=1_000)) == 2 * DESK.tickets


def test_almost_all_are_closed_and_the_newest_are_watched(database: Database) -> None:
    with database.reading() as session:
        states = dict(session.exec(select(TicketRow.state, func.count()).group_by(TicketRow.state)).all())
        rated = session.exec(select(func.count()).select_from(RatingRow)).one()

    assert states[TicketState.CLOSED] > 0.9 * DESK.tickets
    assert states[TicketState.HEALED] >= 1
    assert 0.2 * DESK.tickets < rated < 0.6 * DESK.tickets


def test_one_closed_ticket_has_the_rare_word(database: Database) -> None:
    with database.reading() as session:
        assert [entry.id for entry in search(session, Search(text=RARE_WORD), after=None, limit=10)] == [1]


def test_the_same_seed_fills_the_same_desk(database: Database, tmp_path: Path) -> None:
    for other in filled(tmp_path):
        with database.reading() as here, other.reading() as there:
            query = select(TicketRow.device_id, TicketRow.fault, TicketRow.explanation).order_by(TicketRow.id)  # type: ignore[arg-type]  # SQLModel types a column as its value
            assert here.exec(query).all() == there.exec(query).all()
