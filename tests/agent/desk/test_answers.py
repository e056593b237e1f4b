"""An answer that comes when its time is over says what was done, and never that we had been there to hear it."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.act.command import Command, CommandState
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.store.database import Database, open_database
from agent.store.outcomes import endings_of
from broker.messages import ResultStatus
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, a_playbook, a_remedy

NORMAL = {"state": 0.1, "now": ()}
RESTARTING = a_playbook(remedies=(a_remedy("restart", restarts=True), a_remedy("defrost")))
COMES_BACK: dict[str, Callable[[Office, timedelta], None]] = {
    "started again": lambda office, _: office.worker.begin(),
    "paused": lambda office, missed: office.worker.looked_late(missed),
}


def waiting(database: Database) -> tuple[Office, Command]:
    """An office that has sent a remedy and waits for the answer."""
    office = Office(database, playbooks={"frost-200": RESTARTING})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    return office, command


def booked(office: Office) -> list[Outcome]:
    with office.database.reading() as session:
        return [
            one.outcome for one in endings_of(session, product="frost-200", firmware="2.4.1", remedy="restart", limit=9)
        ]


@pytest.mark.parametrize("heard_first", [False, True])
@pytest.mark.parametrize("back", COMES_BACK.values(), ids=COMES_BACK)
def test_an_answer_the_broker_had_kept_while_nobody_listened_is_judged_and_a_person_has_the_ticket(
    database: Database,
    back: Callable[[Office, timedelta], None],
    heard_first: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office, command = waiting(database)
    office.clock.at += 20 * MINUTE

    if heard_first:
        office.answer(command, ResultStatus.SUCCEEDED)
    back(office, 20 * MINUTE)
    if not heard_first:
        office.answer(command, ResultStatus.SUCCEEDED)
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert (office.ticket().state, booked(office)) == (TicketState.WITH_PERSON, [Outcome.HEALED])
    assert office.told(StoryKind.MOVE)[-1].startswith("A person decides. Nobody listened")


@given(
    back=st.sampled_from(sorted(COMES_BACK)),
    status=st.sampled_from(ResultStatus),
    away=st.timedeltas(min_value=6 * MINUTE, max_value=timedelta(hours=6)),
    taken_over=st.booleans(),
    new_boot=st.booleans(),
    heals=st.booleans(),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whether_the_kept_answer_or_the_look_comes_first_makes_no_difference(  # noqa: PLR0913 - what may differ
    migrated_file: Path,
    tmp_path: Path,
    back: str,
    status: ResultStatus,
    away: timedelta,
    *,
    taken_over: bool,
    new_boot: bool,
    heals: bool,
) -> None:
    ends = []
    for heard_first in (False, True):
        database = open_database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'either.sqlite3')}")
        office, command = waiting(database)
        if taken_over:
            office.worker.take_over(1, "mira")
        if new_boot:
            office.clock.at += MINUTE
            office.birth(boot="b2")
        office.clock.at += away

        if heard_first:
            office.answer(command, status)
        COMES_BACK[back](office, away)
        if not heard_first:
            office.answer(command, status)
        since = office.clock.at
        while office.clock.at < since + timedelta(hours=8):
            office.clock.at += 10 * MINUTE
            shows: dict[str, Any] = {"normal_since": since, **NORMAL} if heals else {}
            office.sees(**shows)
            office.work()
        ends.append((office.ticket().state, booked(office), states(office.commands())))
        database.close()

    assert ends[0] == ends[1]
    assert Outcome.NO_ANSWER not in ends[0][1]


def test_an_answer_is_recorded_and_not_acted_on_where_the_agent_was_there_and_nothing_came(database: Database) -> None:
    office, command = waiting(database)
    office.later(6 * MINUTE)
    before = office.ticket()

    office.clock.at += timedelta(hours=3)
    office.answer(command, ResultStatus.SUCCEEDED)

    assert (office.ticket(), booked(office)) == (before, [Outcome.NO_ANSWER])
    assert states(office.commands())[0] is CommandState.TIMED_OUT
    assert office.told(StoryKind.ANSWER)[-1].endswith("nothing follows from it.")
