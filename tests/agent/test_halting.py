"""The kill switch on the command line: before the first start, and when it is thrown already."""

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from agent.__main__ import app
from agent.house import open_house
from agent.settings import Settings
from agent.store.halts import Halt, is_halted, record_halt

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


def say(*words: str, data: Path) -> str:
    done = CliRunner().invoke(app, [*words, "--data", str(data)])
    assert done.exit_code == 0, done.output
    return done.output


def a_halted_house(data: Path) -> None:
    house = open_house(Settings(data=data))
    with house.database.transaction() as session:
        record_halt(session, Halt(halted=True, by="mira", why="defrosts look wrong", at=NOON))
    house.database.close()


def test_what_was_never_started_can_be_halted_once_somebody_has_an_account(tmp_path: Path) -> None:
    say("staff", "add", "mira", data=tmp_path)

    said = say("halt", "--why", "not yet", data=tmp_path)

    assert said == f"Now halted: no automatic fix is sent ({tmp_path}).\n"
    house = open_house(Settings(data=tmp_path))
    with house.database.reading() as session:
        assert is_halted(session)
    house.database.close()


def test_a_second_halt_says_who_was_first_and_that_its_reason_is_not_noted(tmp_path: Path) -> None:
    a_halted_house(tmp_path)

    said = say("halt", "--why", "a leak", data=tmp_path)

    assert said == (
        f"Already halted: no automatic fix is sent ({tmp_path}).\n"
        "By mira since 2026-09-21 12:00 UTC: defrosts look wrong\n"
        "The reason given now was not noted.\n"
    )


def test_the_facts_of_a_second_halt_are_the_firsts(tmp_path: Path) -> None:
    a_halted_house(tmp_path)

    facts = json.loads(say("halt", "--why", "a leak", "--json", data=tmp_path))

    assert (facts["changed"], facts["by"], facts["why"]) == (False, "mira", "defrosts look wrong")


def test_what_was_never_halted_is_running_already(tmp_path: Path) -> None:
    say("staff", "add", "mira", data=tmp_path)

    assert say("resume", data=tmp_path) == f"Already running: automatic fixes may be sent ({tmp_path}).\n"
