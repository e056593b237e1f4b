"""What owners hear of a ticket by mail, and what they do not hear any more once it is past."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from random import Random

import pytest

from agent.care.customer import Purpose
from agent.care.dispatch import Dispatcher
from agent.decide.same_cause import Scope
from agent.desk.ticket import StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.health.findings import Because
from agent.service.invitation import Person
from agent.service.visit import Technician
from agent.store import visits
from agent.store.database import Database
from agent.store.freezes import Freeze, add_freeze, open_gathering
from agent.store.learning import find_impression
from agent.store.tickets import save_ticket
from broker.messages import Event, Level, ResultStatus
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import MINUTE, NOON, a_playbook

NORMAL = {"state": 0.1, "now": ()}
SLOWER = (Because("fan_rpm", 1.0, -9.0, 300.0, 900.0),)
DOOR = (Because("door_open_s", 1.0, 9.0, 900.0, 10.0),)
COMING = "Frost 200: a technician is coming on Tue 22 Sept (T-1)"
OFF = "Frost 200: the visit on Tue 22 Sept is cancelled (T-1)"
LATE, MORNING = NOON + timedelta(hours=11), NOON + timedelta(hours=19, minutes=1)


@dataclass
class Letterbox:
    """Keeps what is sent."""

    kept: list[EmailMessage] = field(default_factory=list)

    async def deliver(self, message: EmailMessage) -> None:
        self.kept.append(message)


@pytest.fixture
def office(database: Database) -> Office:
    """An office whose device has an owner."""
    office = Office(database)
    office.birth()
    office.own()
    return office


def mails(office: Office) -> list[str]:
    """Send what is due and return the subjects of what the owner gets."""
    box = Letterbox()
    post = Dispatcher(office.database, box, Person("amends", "a@example.org"), office.clock, Random(1))
    asyncio.run(post.send_due())
    return [mail["Subject"] for mail in box.kept if "ada@example.org" in mail["To"]]


def offer(office: Office, days: int) -> None:
    starts_at = NOON + timedelta(days=days)
    with office.database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", "UTC", ("cooling",)))
        visits.offer_slot(session, technician_id="t1", starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))


def book(office: Office, days: int = 1) -> None:
    """Let the agent book a visit for a fan that wears out."""
    offer(office, days)
    office.sees(now=SLOWER)
    office.hear(Event(boot="b", seq=1, code="E21", level=Level.ERROR), office.finding(because=SLOWER))
    office.later(5 * MINUTE, now=SLOWER)
    assert office.ticket().state is TicketState.VISIT_BOOKED


def test_what_came_back_by_night_is_not_called_fixed_in_the_morning(office: Office) -> None:
    office.clock.at = LATE
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.answer(command, ResultStatus.SUCCEEDED)
    office.later(40 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.HEALED

    office.later(60 * MINUTE, normal_since=office.clock.at, **NORMAL)
    office.sees()
    office.hear(office.finding())
    office.clock.at = MORNING

    assert mails(office) == []


def test_an_owner_is_not_asked_for_what_was_put_right_by_night(office: Office) -> None:
    office.clock.at = LATE
    office.birth()
    office.sees(now=DOOR)
    office.hear(office.finding(because=DOOR))
    office.later(6 * MINUTE, now=DOOR)
    assert office.ticket().state is TicketState.WITH_OWNER

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)
    assert office.ticket().state is TicketState.CLOSED
    office.clock.at = MORNING

    assert mails(office) == []


def test_a_closed_ticket_is_on_nobody_s_list(database: Database) -> None:
    office = Office(database, {"frost-200": with_autonomy(a_playbook(), restart=Autonomy.SUGGEST)})
    office.clock.at = NOON + timedelta(hours=7)  # after the hour at which they like to hear from us
    office.birth()
    office.own()
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.WITH_PERSON

    office.worker.close(1, "mira", "Mended by telephone.")
    office.clock.at += timedelta(days=1)

    assert mails(office) == []


def test_an_owner_hears_that_closing_the_ticket_has_cancelled_the_visit(office: Office) -> None:
    book(office)
    assert mails(office) == [COMING]

    office.worker.close(1, "mira", "Mended by telephone.")

    assert mails(office) == [OFF]


def test_a_visit_that_closing_has_cancelled_by_night_is_not_announced_in_the_morning(office: Office) -> None:
    office.clock.at = LATE
    office.birth()
    book(office)

    office.worker.close(1, "mira", "Mended by telephone.")
    office.clock.at = MORNING

    assert mails(office) == []


def test_closing_a_ticket_after_its_visit_tells_nobody_that_it_is_off(office: Office) -> None:
    book(office)
    mails(office)
    office.clock.at = NOON + timedelta(days=1, hours=3)

    office.worker.close(1, "mira", "Nobody came, and it is fine.")

    assert office.told(StoryKind.VISIT)[-1] == "The visit is cancelled."
    assert not any("cancelled" in told for told in office.told(StoryKind.MESSAGE))


def test_an_owner_hears_it_also_while_a_freeze_lasts(office: Office) -> None:
    book(office)
    mails(office)
    with office.database.transaction() as session:
        gathering = open_gathering(session, office.ticket(), office.clock.at)
        frozen = Freeze(gathering.id, "fan_bearing_wear", Scope.PRODUCT, "frost-200", "frost-200", office.clock.at)
        add_freeze(session, frozen)
        save_ticket(session, replace(office.ticket(), parent_id=gathering.id))

    office.worker.close(1, "mira", "All get another fan.")

    assert mails(office) == [OFF]


def a_door(office: Office) -> None:
    office.sees(now=DOOR)
    office.hear(office.finding(because=DOOR))
    office.later(6 * MINUTE, now=DOOR)


@pytest.mark.parametrize("known", [True, False])
def test_where_nobody_could_be_told_a_person_gets_at_once_what_only_the_owner_can_put_right(
    database: Database,
    known: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = Office(database)
    office.birth()
    if known:
        office.own({Purpose.DIAGNOSE, Purpose.FIX})  # and not to be told anything

    a_door(office)

    assert office.ticket().state is TicketState.WITH_PERSON
    why = "A person decides. Only its owner can put it right, and nobody could be told."
    assert office.told(StoryKind.MOVE)[-1] == why


def test_where_no_message_arrived_nobody_is_said_to_have_been_told(office: Office) -> None:
    office.own({Purpose.DIAGNOSE, Purpose.MAIL})
    a_door(office)
    assert office.ticket().state is TicketState.WITH_OWNER

    office.clock.at += office.policy.owner_within  # and no mail has gone out
    office.later(MINUTE, now=DOOR)

    why = "A person decides. Only its owner can put it right, and no message has reached them."
    assert office.told(StoryKind.MOVE)[-1] == why


def test_an_owner_who_has_not_read_of_it_yet_has_confirmed_nothing(office: Office) -> None:
    office.own({Purpose.DIAGNOSE, Purpose.MAIL})
    office.clock.at = LATE
    office.birth()
    a_door(office)
    assert office.ticket().state is TicketState.WITH_OWNER

    office.later(20 * MINUTE, normal_since=office.clock.at, **NORMAL)

    assert office.ticket().state is TicketState.CLOSED
    with office.database.reading() as session:
        kept = find_impression(session, 1)
    assert kept is not None
    assert kept.confirmed is None
