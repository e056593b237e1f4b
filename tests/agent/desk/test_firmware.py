"""A firmware that moved everyone's normal is one notice, not a ticket a device."""

import pytest

from agent.desk.ticket import TicketState
from agent.health.findings import Because, FindingKind
from agent.store.database import Database
from agent.store.notices import Notice, notices
from agent.store.tickets import tickets_in
from broker.messages import Event, Level
from tests.agent.desk.office import Office
from tests.builders import a_birth, a_view

WARMER = (Because("memory_free_kb", 1.0, 5.0, 90_000.0, 48_000.0),)
UPDATED = [f"frost-{n:04}" for n in range(20)]
OTHERS = [f"frost-{n:04}" for n in range(20, 40)]


@pytest.fixture
def office(database: Database) -> Office:
    """Forty devices, half of which are updated to 2.5.0."""
    office = Office(database)
    for device_id in (*UPDATED, *OTHERS):
        office.birth(device_id)
        office.health.views[device_id] = a_view(device_id=device_id, now=(), sample_at=office.clock.at)
    for device_id in UPDATED:
        office.birth(device_id, firmware="2.5.0")
    return office


def find(office: Office, device_id: str, now: tuple[Because, ...] = WARMER) -> None:
    office.sees(device_id, now=now)
    office.hear(office.finding(device_id=device_id, because=now), device_id=device_id)


def known(office: Office) -> tuple[Notice, ...]:
    with office.database.reading() as session:
        return notices(session, 10)


def tickets(office: Office) -> int:
    with office.database.reading() as session:
        return len(tickets_in(session, set(TicketState)))


def test_it_becomes_one_notice_and_no_further_tickets(office: Office) -> None:
    for device_id in UPDATED:
        office.sees(device_id, now=WARMER)

    for device_id in UPDATED:
        find(office, device_id)

    (notice,) = known(office)
    assert (notice.product, notice.firmware, notice.metric) == ("frost-200", "2.5.0", "memory_free_kb")
    assert (notice.moved, notice.watched) == (20, 20)
    assert tickets(office) == 0


def test_a_device_without_the_update_gets_its_ticket_as_ever(office: Office) -> None:
    for device_id in UPDATED:
        office.sees(device_id, now=WARMER)
    find(office, UPDATED[0])

    find(office, OTHERS[0])

    assert tickets(office) == 1


def test_another_sign_on_an_updated_device_gets_its_ticket(office: Office) -> None:
    for device_id in UPDATED:
        office.sees(device_id, now=WARMER)
    find(office, UPDATED[0])

    find(office, UPDATED[1], (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),))
    office.hear(Event(boot=a_birth().boot, seq=1, code="E21", level=Level.ERROR), device_id=UPDATED[2])

    assert tickets(office) == 2


def test_one_updated_device_that_is_ill_is_one_ticket(office: Office) -> None:
    find(office, UPDATED[0])

    assert known(office) == ()
    assert tickets(office) == 1


def test_who_was_always_on_that_firmware_counts_as_not_updated(office: Office) -> None:
    for n in range(40, 60):
        office.birth(f"frost-{n:04}", firmware="3.0.0")
        office.sees(f"frost-{n:04}", now=WARMER)

    office.hear(office.finding(device_id="frost-0040", kind=FindingKind.DRIFT, because=WARMER), device_id="frost-0040")

    assert known(office) == ()
