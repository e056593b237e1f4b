"""What a device's own display goes on saying once a ticket is over."""

import pytest

from agent.care.customer import Purpose
from agent.desk.ticket import StoryKind, TicketState
from agent.health.findings import Because
from agent.store.database import Database
from agent.store.outbox import EffectKind, due_effects
from broker.messages import Event, Level, ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE

NORMAL = {"state": 0.1, "now": ()}
DOOR = (Because("door_open_s", 1.0, 9.0, 900.0, 10.0),)
SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    office.own()
    return office


def display(office: Office) -> list[EffectKind]:
    """Return what is done to the display, in order; whatever came last stands there."""
    with office.database.reading() as session:
        effects = due_effects(session, {EffectKind.NOTICE, EffectKind.NOTICE_OVER}, office.clock.at)
    assert {effect.payload["device_id"] for effect in effects} <= {"frost-0001"}
    return [effect.kind for effect in effects]


def door_left_open(office: Office) -> None:
    office.sees(now=DOOR)
    office.hear(office.finding(because=DOOR))
    office.later(6 * MINUTE, now=DOOR)
    assert office.ticket().state is TicketState.WITH_OWNER


def test_a_display_does_not_ask_for_a_week_for_a_door_that_was_closed(office: Office) -> None:
    door_left_open(office)
    assert display(office) == [EffectKind.NOTICE]

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    assert display(office) == [EffectKind.NOTICE, EffectKind.NOTICE_OVER]
    assert office.told(StoryKind.MESSAGE)[-1] == "What the device's display still says of it is taken away."


def test_that_something_was_fixed_is_still_said_when_its_ticket_is_closed(office: Office) -> None:
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.answer(command, ResultStatus.SUCCEEDED)
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED

    office.worker.close(1, "mira", "All is well.")

    assert display(office) == [EffectKind.NOTICE]


def test_what_another_ticket_has_put_there_since_is_left_alone(office: Office) -> None:
    door_left_open(office)
    office.worker.take_over(1, "mira")
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(10 * MINUTE, now=SLOWER)
    assert office.ticket(2).state is TicketState.WITH_PERSON  # nobody is free

    office.worker.close(1, "mira", "They were on the telephone.")
    assert display(office) == [EffectKind.NOTICE, EffectKind.NOTICE]

    office.worker.close(2, "mira", "Mended by telephone.")
    assert display(office)[2:] == [EffectKind.NOTICE_OVER]


def test_nothing_is_taken_off_a_display_on_which_nothing_was_put(database: Database) -> None:
    office = Office(database)
    office.birth()
    office.own(agreed={Purpose.MAIL})
    door_left_open(office)

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    assert display(office) == []
