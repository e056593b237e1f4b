"""A search by words finds what reading every ticket would find, whatever was written, changed or erased since."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from agent.desk.ticket import TicketState
from agent.store.database import Database, open_database
from agent.store.migrate import migrate
from agent.store.queue import Search, search
from agent.store.tables import DeviceRow, TicketRow
from agent.store.ticket_words import SHORTEST

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
FAULTS = (None, "memory_leak", "fan_bearing_wear", "door_left_open")
WORDS = (
    "memory",
    "Fan",
    "is",
    "37.5 °C",
    "100 %",
    'a "quoted" word',
    "T-3",
    "12",
    "it's (new)",
    "OR fault : x",
    "naïve*",
)
STATES = tuple(TicketState)

texts = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
tickets = st.lists(st.tuples(st.sampled_from(FAULTS), texts, texts, st.sampled_from(STATES)), min_size=1, max_size=30)
sought = st.one_of(
    st.sampled_from((*WORDS, "memory leak", "frost-0001", "zzz", "emor", "%", "_", '"')), st.text(max_size=6)
).filter(lambda text: len(text) >= SHORTEST)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('words') / 'amends.sqlite3'}"
    migrate(url)
    database = open_database(url)
    with database.transaction() as session:
        session.add(DeviceRow(id="frost-0001", birth={}, first_seen_at=NOON, status_at=NOON))
    yield database
    database.close()


def one(fault: str | None, explanation: str, resolution: str, state: TicketState, place: int) -> TicketRow:
    at = NOON + timedelta(minutes=place)
    return TicketRow(
        device_id="frost-0001",
        product="frost-200",
        fault=fault,
        state=state,
        opened_at=at,
        changed_at=at,
        explanation=explanation,
        resolution=resolution,
        tried=[],
        chart={},
    )


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=tickets, changed=texts, text=sought, states=st.sets(st.sampled_from(STATES), max_size=2))
def test_a_search_by_words_finds_what_reading_every_ticket_finds(
    database: Database, made: list[tuple[str | None, str, str, TicketState]], changed: str, text: str, states: set[str]
) -> None:
    with database.transaction() as session:
        for row in session.exec(select(TicketRow)):
            session.delete(row)
        session.flush()
        session.add_all([one(*given, place) for place, given in enumerate(made)])
        session.flush()
        last = session.exec(select(TicketRow).order_by(col(TicketRow.id).desc())).first()
        assert last is not None
        last.explanation = changed
        session.add(last)
    wanted = Search(tuple(TicketState(state) for state in states), text=text)

    with database.reading() as session:
        by_words = search(session, wanted, after=None, limit=1_000)
        # With a device named, the tickets are read one by one.
        one_by_one = search(session, Search(wanted.states, "frost-0001", text), after=None, limit=1_000)

    assert by_words == one_by_one


def test_a_fault_is_found_by_its_words_and_by_its_name(database: Database) -> None:
    with database.transaction() as session:
        for row in session.exec(select(TicketRow)):
            session.delete(row)
        session.flush()
        session.add_all([one("memory_leak", "too little of it", "", TicketState.CLOSED, 0)])

    with database.reading() as session:
        for text in ("memory leak", "MEMORY_LEAK", "ory le"):
            assert len(search(session, Search(text=text), after=None, limit=10)) == 1


@pytest.mark.parametrize(("text", "found"), [("me", 0), ("st", 25), ("-0", 25), ("ry", 0)])
def test_one_or_two_letters_are_looked_for_in_devices_and_numbers(database: Database, text: str, found: int) -> None:
    with database.transaction() as session:
        for row in session.exec(select(TicketRow)):
            session.delete(row)
        session.flush()
        session.add_all([one(None, "memory", "", TicketState.CLOSED, place) for place in range(25)])

    with database.reading() as session:
        assert len(search(session, Search(text=text), after=None, limit=100)) == found


def test_a_page_of_findings_goes_on_where_the_last_one_ended(database: Database) -> None:
    with database.transaction() as session:
        for row in session.exec(select(TicketRow)):
            session.delete(row)
        session.flush()
        session.add_all([one(None, "memory", "", TicketState.CLOSED, place) for place in range(25)])

    found: list[int] = []
    with database.reading() as session:
        while page := search(session, Search(text="memory"), after=found[-1] if found else None, limit=10):
            found += [entry.id for entry in page]

    assert len(found) == 25
    assert found == sorted(found, reverse=True)
