"""What is asked of tickets at every turn is answered by an index, however many are closed or with people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from agent.desk.ticket import TicketState
from agent.store.crowds import at_work
from agent.store.database import Database
from agent.store.devices import record_birth
from agent.store.tickets import (
    closed_after_healing,
    closed_lately,
    open_ticket,
    save_ticket,
    tickets_under_treatment,
)
from tests.builders import NOON, a_birth


@dataclass(slots=True)
class Asked:
    """The queries of a session, as they reach the database, with how it goes about each."""

    session: Session
    queries: list[tuple[str, Any]] = field(default_factory=list)

    def note(self, _connection: object, _cursor: object, statement: str, values: object, *_more: object) -> None:
        self.queries.append((statement, values))

    def plan(self) -> list[str]:
        """Return the steps SQLite takes, in order."""
        connection = self.session.connection()
        return [
            step[3]
            for statement, values in list(self.queries)
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


@contextmanager
def asking(database: Database) -> Iterator[Asked]:
    with database.reading() as session:
        asked = Asked(session)
        event.listen(database.engine, "before_cursor_execute", asked.note)
        yield asked
        event.remove(database.engine, "before_cursor_execute", asked.note)


def test_what_a_device_had_of_a_fault_is_found_by_device_and_fault(database: Database) -> None:
    with asking(database) as asked:
        closed_after_healing(asked.session, "frost-0001", "frost-200", "memory_leak", NOON)
        closed_lately(asked.session, "frost-0001", "frost-200", "memory_leak", NOON)

        plan = asked.plan()

    of_the_device = "SEARCH ticket USING INDEX ix_ticket_device_fault (device_id=? AND fault=?)"
    assert [step for step in plan if "ticket" in step.split()] == [of_the_device] * 2


def test_what_is_under_treatment_is_found_without_reading_what_people_have(database: Database) -> None:
    with asking(database) as asked:
        tickets_under_treatment(asked.session)
        plan = asked.plan()
        asked.queries.clear()
        at_work(asked.session, "frost-200")
        plan += asked.plan()[:1]

    assert plan == [
        "SCAN ticket USING INDEX ix_ticket_under_treatment",
        "SEARCH ticket USING INDEX ix_ticket_under_treatment (product=?)",
    ]


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("state", TicketState)
def test_under_treatment_is_what_is_fixed_or_judged_whoever_has_it(
    database: Database,
    state: TicketState,
    judged: bool,  # noqa: FBT001 - a column of the table
) -> None:
    with database.transaction() as session:
        record_birth(session, "frost-0001", a_birth(), now=NOON)
        ticket = open_ticket(session, device_id="frost-0001", product="frost-200", playbook_version="1", now=NOON)
        save_ticket(session, replace(ticket, state=state, verify_by=NOON if judged else None))

        found = tickets_under_treatment(session)

    assert bool(found) == (judged or state in {TicketState.FIXING, TicketState.VERIFYING})
