"""How a remedy ended is booked once, for what it was sent to, and as it turned out at last."""

from datetime import timedelta

import pytest

from agent.act.command import Command
from agent.desk.ticket import Outcome, TicketState
from agent.store.breakers import Fuse, count_ended, find_breaker
from agent.store.crowds import at_work
from agent.store.database import Database
from agent.store.outcomes import endings_of
from broker.messages import ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE

NORMAL = {"state": 0.1, "now": ()}
OLD, NEW = "2.4.1", "3.0.0"


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    return office


def done(office: Office) -> Command:
    """Let the device notice something and do as it is told."""
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.answer(command, ResultStatus.SUCCEEDED)
    return command


def healed(office: Office) -> None:
    done(office)
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED


def booked(office: Office, firmware: str = OLD) -> list[Outcome]:
    with office.database.reading() as session:
        found = endings_of(session, product="frost-200", firmware=firmware, remedy="restart", limit=9)
    return [ending.outcome for ending in reversed(found)]


def kin(office: Office, firmware: str) -> None:
    """Let enough other devices have a firmware for it to have a canary."""
    for number in range(8):
        office.birth(f"kin-{firmware}-{number}", firmware=firmware)


def test_a_remedy_whose_device_is_updated_before_it_recurs_recurred_on_the_firmware_it_was_sent_to(
    office: Office,
) -> None:
    kin(office, OLD)
    kin(office, NEW)
    healed(office)

    office.birth(firmware=NEW, boot="b2")
    office.clock.at += timedelta(hours=20)
    office.notice()

    assert (booked(office, OLD), booked(office, NEW)) == ([Outcome.HEALED, Outcome.RECURRED], [])
    with office.database.reading() as session:
        assert find_breaker(session, Fuse("frost-200", NEW, "restart")) is None
        assert find_breaker(session, Fuse("frost-200", OLD, "restart")) is not None


def test_a_device_updated_while_it_is_verified_is_no_canary_of_its_new_firmware(office: Office) -> None:
    kin(office, NEW)
    done(office)

    office.birth(firmware=NEW, boot="b2")
    with office.database.reading() as session:
        assert {one.firmware for one in at_work(session, "frost-200")} == {OLD}
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)

    with office.database.reading() as session:
        counts = [
            count_ended(session, Fuse("frost-200", firmware, "restart"), after=0, playbook="1")
            for firmware in (OLD, NEW)
        ]
    assert counts == [1, 0]
