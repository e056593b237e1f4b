"""What takes two people: letting the agent act by itself on many devices."""

from datetime import timedelta

import pytest

from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import SecondPersonError
from agent.store.agreements import agreements
from agent.store.autonomy import autonomy_of
from agent.store.database import Database
from agent.store.tables import DeviceRow
from tests.agent.desk.office import Office

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
        return autonomy_of(session, "frost-200").get("restart")


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
