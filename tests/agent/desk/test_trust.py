"""What takes two people: letting the agent act by itself on many devices."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.act.command import CommandState
from agent.decide.permit import deed_of, level_of
from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Autonomy, Playbook
from agent.errors import OtherRemedyError, SecondPersonError, UnknownRemedyError
from agent.store.agreements import agreements
from agent.store.autonomy import Grant, bind_grants, permits_of, record_grant
from agent.store.database import Database
from agent.store.tables import DeviceRow
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import a_playbook, a_remedy

HOUR = timedelta(hours=1)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ASK, "mira")
    return office


def crowd(office: Office, devices: int) -> None:
    """Let so many devices of frost-200 be known."""
    with office.database.transaction() as session:
        for number in range(devices):
            at = office.clock.now()
            session.add(
                DeviceRow(id=f"crowd-{number:03}", product="frost-200", birth={}, first_seen_at=at, status_at=at)
            )


def level(office: Office) -> Autonomy | None:
    with office.database.reading() as session:
        permit = permits_of(session, "frost-200").get("restart")
    return None if permit is None else permit.autonomy


def test_on_a_few_devices_one_person_is_enough(office: Office) -> None:
    crowd(office, 9)

    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    assert level(office) is Autonomy.ACT


def test_on_many_devices_the_first_word_changes_nothing_and_the_second_does(office: Office) -> None:
    crowd(office, 12)

    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    assert level(office) is Autonomy.ASK

    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")
    assert level(office) is Autonomy.ACT
    with office.database.reading() as session:
        assert agreements(session) == ()


def test_one_person_is_never_two(office: Office) -> None:
    crowd(office, 12)
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")

    with pytest.raises(SecondPersonError, match="13 devices of frost-200"):
        office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    assert level(office) is Autonomy.ASK


def test_a_first_word_of_yesterday_no_longer_counts(office: Office) -> None:
    crowd(office, 12)
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    office.clock.at += 25 * HOUR

    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")
    assert level(office) is Autonomy.ASK


def test_holding_the_agent_back_takes_one_person_and_makes_half_an_agreement_moot(office: Office) -> None:
    crowd(office, 12)
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")

    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "tom")
    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")
    assert level(office) is Autonomy.OBSERVE


def test_with_the_second_word_the_agent_acts(office: Office) -> None:
    crowd(office, 12)
    for staff in ("mira", "tom"):
        office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, staff)

    office.notice()
    office.later(timedelta(minutes=5))

    assert office.ticket().state is TicketState.FIXING


@pytest.fixture
def renewed(database: Database) -> tuple[Office, dict[str, Playbook]]:
    """An office that lets the agent restart by itself, and its playbooks, which may be exchanged."""
    playbooks = {"frost-200": with_autonomy(a_playbook(), restart=Autonomy.SUGGEST, defrost=Autonomy.SUGGEST)}
    office = Office(database, playbooks=playbooks)
    office.birth()
    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    return office, playbooks


def change(playbooks: dict[str, Playbook], **changes: object) -> None:
    """Let a new playbook give the name of the restart to something else."""
    before = playbooks["frost-200"]
    remedies = tuple(replace(one, **changes) if one.name == "restart" else one for one in before.remedies)  # type: ignore[arg-type]  # as a remedy has them
    playbooks["frost-200"] = replace(before, version="2", remedies=remedies)


def test_a_word_on_what_did_no_harm_sends_nothing_that_may(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    change(playbooks, reversible=False, args=(("wipe", True),))

    office.notice()
    office.later(timedelta(minutes=5))

    assert [command.state for command in office.commands()] == [CommandState.PROPOSED]


def test_what_has_changed_is_promoted_again_by_two_people_where_it_may_do_harm(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    change(playbooks, reversible=False)

    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")

    office.notice()
    office.later(timedelta(minutes=5))
    assert office.ticket().state is TicketState.FIXING


def test_a_second_word_is_none_on_what_has_changed_since_the_first(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    change(playbooks, reversible=False)
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    change(playbooks, args=(("wipe", True),))

    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")


def test_words_of_an_earlier_version_are_bound_once_to_the_remedies_as_they_are_then(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    with office.database.transaction() as session:
        for remedy in ("restart", "defrost", "rinse"):
            record_grant(session, Grant("frost-200", remedy, Autonomy.ACT, "mira", office.clock.at))
        bind_grants(session, playbooks)
        change(playbooks, reversible=False)
        bind_grants(session, playbooks)
        permits = permits_of(session, "frost-200")

    restart, defrost = playbooks["frost-200"].remedies
    assert level_of(defrost, permits["defrost"]) is Autonomy.ACT
    assert level_of(restart, permits["restart"]) is Autonomy.SUGGEST
    assert level_of(a_remedy("rinse"), permits["rinse"]) is Autonomy.ASK


def read(playbooks: dict[str, Playbook]) -> str:
    return deed_of(playbooks["frost-200"].remedy("restart")).digest


def test_whoever_lets_the_agent_go_further_must_have_read_what_it_does_now(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    seen = read(playbooks)
    change(playbooks, verb="defrost", args=(("hours", 9.0),))

    with pytest.raises(OtherRemedyError, match="something else now than what you saw"):
        office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira", seen)

    office.notice()
    office.later(timedelta(minutes=5))
    assert [command.state for command in office.commands()] == [CommandState.PROPOSED]
    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira", read(playbooks))


def test_less_is_obeyed_whatever_they_have_read(renewed: tuple[Office, dict[str, Playbook]]) -> None:
    office, playbooks = renewed
    seen = read(playbooks)
    change(playbooks, verb="defrost")

    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "mira", seen)
    assert level(office) is Autonomy.OBSERVE


def test_what_was_taken_out_of_its_playbook_can_be_demoted_and_not_promoted(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    playbook = playbooks["frost-200"]
    playbooks["frost-200"] = replace(playbook, faults=(), remedies=(a_remedy("defrost"),))

    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "mira")

    assert level(office) is Autonomy.OBSERVE
    with office.database.reading() as session:
        assert permits_of(session, "frost-200")["restart"].deed == deed_of(playbook.remedy("restart"))
    with pytest.raises(UnknownRemedyError):
        office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    with pytest.raises(UnknownRemedyError):
        office.worker.set_autonomy("frost-200", "unheard_of", Autonomy.OBSERVE, "mira")


def test_a_first_word_counts_no_more_once_a_remedy_that_was_taken_out_is_demoted(
    renewed: tuple[Office, dict[str, Playbook]],
) -> None:
    office, playbooks = renewed
    crowd(office, 12)
    change(playbooks, reversible=False)
    playbook = playbooks["frost-200"]
    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "mira")
    playbooks["frost-200"] = replace(playbook, faults=(), remedies=(a_remedy("defrost"),))
    assert office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "ada")
    playbooks["frost-200"] = playbook

    assert not office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT, "tom")
