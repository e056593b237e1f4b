"""A customer file: taken in as it says, twice like once, and every mistake named with its field."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.care.commands import app
from agent.care.customer import Purpose
from agent.care.customer_file import parse_people
from agent.care.enrol import Enrolled, enrol
from agent.care.errors import CustomerFileError
from agent.store.database import Database
from agent.store.people import consents_of, customer_by_id, devices_of, newest_answers, owner_of, set_consents
from agent.store.visits import free_slots, technician_by_id
from tests.agent.care.builders import NOON

FILE: dict[str, Any] = {
    "customers": [
        {
            "id": "c-1",
            "name": "Anna Ruiz",
            "email": "anna@example.org",
            "lang": "de-AT",
            "zone": "Europe/Vienna",
            "quiet_from": 22,
            "quiet_to": 7,
            "good_hour": 19,
            "tell_about_fixes": True,
            "consents": ["diagnose", "fix", "message:mail", "message:device", "survey", "learn"],
            "devices": ["frost-0001", "bean-0001"],
        }
    ],
    "technicians": [
        {
            "id": "t-1",
            "name": "Jo Park",
            "email": "jo@example.org",
            "zone": "Europe/Vienna",
            "skills": ["cooling"],
            "slots": [{"starts_at": "2026-11-25T09:00:00+01:00", "ends_at": "2026-11-25T11:00:00+01:00"}],
        }
    ],
}
PATH = Path("people.json")


def changed(kind: str, **fields: object) -> bytes:
    return json.dumps({**FILE, kind: [{**FILE[kind][0], **fields}]}).encode()


def problems(data: bytes) -> tuple[str, ...]:
    with pytest.raises(CustomerFileError) as caught:
        parse_people(data, PATH)
    return caught.value.problems


def test_everybody_in_the_file_is_taken_in(database: Database) -> None:
    with database.transaction() as session:
        enrolled = enrol(session, parse_people(json.dumps(FILE).encode(), PATH), NOON)

        customer = customer_by_id(session, "c-1")
        assert enrolled == Enrolled(customers=1, devices=2, answers=6, technicians=1, slots=1)
        assert customer is not None
        assert (customer.lang, customer.zone, customer.good_hour) == ("de-AT", "Europe/Vienna", 19)
        assert owner_of(session, "bean-0001") == customer
        assert consents_of(session, "c-1") == frozenset(Purpose)
        assert technician_by_id(session, "t-1") is not None
        assert len(free_slots(session, skill="cooling", since=NOON)) == 1


def test_taking_in_the_same_file_again_changes_nothing(database: Database) -> None:
    people = parse_people(json.dumps(FILE).encode(), PATH)
    with database.transaction() as session:
        enrol(session, people, NOON)
        before = newest_answers(session, "c-1")

        again = enrol(session, people, NOON + timedelta(days=1))

        assert (again.answers, again.slots) == (0, 0)
        assert newest_answers(session, "c-1") == before
        assert devices_of(session, "c-1") == ("bean-0001", "frost-0001")


def test_a_consent_that_left_the_file_is_taken_back_and_remembered(database: Database) -> None:
    with database.transaction() as session:
        enrol(session, parse_people(json.dumps(FILE).encode(), PATH), NOON)

        enrolled = enrol(session, parse_people(changed("customers", consents=["diagnose"]), PATH), NOON)

        assert enrolled.answers == 5
        assert consents_of(session, "c-1") == {Purpose.DIAGNOSE}
        assert len(newest_answers(session, "c-1")) == 6


def test_nobody_agrees_to_what_they_were_not_asked(database: Database) -> None:
    with database.transaction() as session:
        enrol(session, parse_people(changed("customers", consents=[]), PATH), NOON)

        assert consents_of(session, "c-1") == frozenset()
        assert set_consents(session, "c-1", [], NOON) == 0


def test_what_is_left_out_has_its_default() -> None:
    people = parse_people(b'{"customers":[{"id":"c","name":"C","email":"c@example.org"}]}', PATH)

    assert people.customers[0].customer().quiet_from == 21
    assert people.technicians == ()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("customers", "zone", "Mars/Olympus"),
        ("customers", "email", "no address"),
        ("customers", "email", "a@b\r\nBcc: c@d"),
        ("customers", "email", "zoë@example.org"),
        ("customers", "lang", "tlh"),
        ("customers", "quiet_from", 24),
        ("customers", "consents", ["everything"]),
        ("customers", "devices", ["a b"]),
        ("customers", "id", "../x"),
        ("customers", "name", 7),
        ("technicians", "zone", "Mars/Olympus"),
        ("technicians", "email", "jo"),
        ("technicians", "skills", "cooling"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(kind: str, field: str, value: object) -> None:
    [problem] = problems(changed(kind, **{field: value}))

    assert f"$.{kind}[" in problem
    assert f".{field}" in problem


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        ("2026-11-25T09:00:00", "2026-11-25T11:00:00"),
        ("2026-11-25T11:00:00+01:00", "2026-11-25T09:00:00+01:00"),
        ("tomorrow", "later"),
    ],
)
def test_a_slot_needs_a_zone_and_an_order(starts_at: str, ends_at: str) -> None:
    [problem] = problems(changed("technicians", slots=[{"starts_at": starts_at, "ends_at": ends_at}]))

    assert ".slots[" in problem


def test_a_misspelt_field_is_an_error_and_not_silence() -> None:
    [problem] = problems(changed("customers", consent=["fix"]))

    assert "consent" in problem


def test_all_wrong_values_are_named_at_once() -> None:
    assert len(problems(changed("customers", zone="x", lang="x", email="x"))) == 3


def test_a_device_has_one_owner() -> None:
    twice = {**FILE, "customers": [FILE["customers"][0], {**FILE["customers"][0], "id": "c-2"}]}

    assert problems(json.dumps(twice).encode()) == (
        "$.customers[1].devices[0]: frost-0001 is there twice",
        "$.customers[1].devices[1]: bean-0001 is there twice",
    )


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{", b'"x"'])
def test_what_is_no_such_file_is_one_sentence(data: bytes) -> None:
    assert len(problems(data)) == 1


def test_the_command_line_takes_a_file_in_and_lists_who_is_there(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text(json.dumps(FILE))
    run = CliRunner()

    taken = run.invoke(app, ["import", str(file), "--data", str(tmp_path / "data")])
    listed = run.invoke(app, ["list", "--data", str(tmp_path / "data"), "--json"])

    assert taken.exit_code == 0, taken.output
    assert "1 customers with 2 devices" in taken.output
    [customer] = json.loads(listed.output)["customers"]
    assert customer["devices"] == ["bean-0001", "frost-0001"]
    assert "message:mail" in customer["consents"]


def test_the_command_line_says_what_is_wrong_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_bytes(changed("customers", zone="Mars/Olympus"))

    done = CliRunner().invoke(app, ["import", str(file), "--data", str(tmp_path / "data")])
    missing = CliRunner().invoke(app, ["import", str(tmp_path / "none.json"), "--data", str(tmp_path / "data")])

    assert (done.exit_code, missing.exit_code) == (1, 1)
    assert "$.customers[0].zone" in done.output
    assert "none.json" in missing.output


def test_who_only_asks_for_the_list_makes_no_directory(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["list", "--data", str(tmp_path / "data")])

    assert done.exit_code == 1
    assert "there is no amends data in" in done.output
    assert not (tmp_path / "data").exists()
