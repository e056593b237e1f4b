"""Visits on the day the clocks change: they stay at the hour of the wall that was agreed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlmodel import select

from agent.care.languages import calendar_for, phrases_for
from agent.care.mail import Mail
from agent.console.instants import moment
from agent.desk.ticket import TicketState
from agent.service.invitation import Occasion, Person, invitation
from agent.service.visit import Technician
from agent.store import visits
from agent.store.database import Database
from agent.store.outbox import EffectKind, due_effects
from agent.store.tables import MessageRow
from tests.agent.desk.office import HandClock, Office
from tests.builders import MINUTE, a_fault, a_playbook

# Zone, when it is booked, the visit: the last and the first day of summer time, and the day after each.
CHANGES = [
    ("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T14:00"),
    ("Europe/Berlin", "2026-03-28T12:00", "2026-03-30T09:00"),
    ("Europe/Berlin", "2026-10-24T12:00", "2026-10-25T14:00"),
    ("Europe/Berlin", "2026-10-24T12:00", "2026-10-26T09:00"),
    ("America/New_York", "2026-03-07T12:00", "2026-03-08T14:00"),
    ("America/New_York", "2026-03-07T12:00", "2026-03-09T09:00"),
    ("America/New_York", "2026-10-31T12:00", "2026-11-01T14:00"),
    ("America/New_York", "2026-10-31T12:00", "2026-11-02T09:00"),
]
PERSON = Person("Noor", "noor@example.org")


def booked(database: Database, zone: str, now: datetime, at: datetime) -> Office:
    """Return an office in which a person has booked the one free slot, on the wall of its zone."""
    playbook = a_playbook(a_fault(remedies=(), skill="cooling"))
    office = Office(database, playbooks={"frost-200": playbook}, clock=HandClock(now.astimezone(UTC)))
    office.birth()
    with database.transaction() as session:
        visits.save_technician(session, Technician("t1", "Noor", "noor@example.org", zone, ("cooling",)))
        visits.offer_slot(session, technician_id="t1", starts_at=at, ends_at=at + timedelta(hours=2))
    office.notice()
    office.later(5 * MINUTE)
    if office.ticket().state is not TicketState.VISIT_BOOKED:
        office.worker.book_visit(1, "mira")
    assert office.ticket().state is TicketState.VISIT_BOOKED
    return office


def invitations(office: Office) -> Sequence[Mail]:
    with office.database.reading() as session:
        found = due_effects(session, [EffectKind.INVITE], office.clock.at + timedelta(days=365))
    return [msgspec.convert(effect.payload, Mail) for effect in found]


@pytest.mark.parametrize(("zone", "now", "at"), CHANGES)
def test_a_visit_stays_at_its_hour_of_the_wall_when_the_clocks_change(
    database: Database, zone: str, now: str, at: str
) -> None:
    wall = ZoneInfo(zone)
    agreed = datetime.fromisoformat(at).replace(tzinfo=wall)
    office = booked(database, zone, datetime.fromisoformat(now).replace(tzinfo=wall), agreed)

    [mail] = invitations(office)

    assert mail.calendar is not None
    visit = mail.calendar.visit
    assert f"{visit.starts_at.astimezone(wall):%Y-%m-%dT%H:%M}" == at
    assert moment(visit.starts_at, office.clock.at, wall).clock == at[-5:]
    assert f"{at[-5:]} to " in mail.text
    german = calendar_for("de", phrases_for("de"), zone)
    assert german.time(visit.starts_at) == at[-5:]
    text = invitation(visit, Occasion("Visit", ""), organizer=PERSON, attendee=PERSON, now=office.clock.at)
    assert f"DTSTART:{agreed.astimezone(UTC):%Y%m%dT%H%M%SZ}" in text
    assert text.count("TRIGGER:-PT2H") == text.count("BEGIN:VALARM") == 1


@pytest.mark.parametrize(("zone", "now", "at"), CHANGES[::2])
def test_nobody_is_written_to_again_because_the_clocks_changed(
    database: Database, zone: str, now: str, at: str
) -> None:
    wall = ZoneInfo(zone)
    agreed = datetime.fromisoformat(at).replace(tzinfo=wall)
    office = booked(database, zone, datetime.fromisoformat(now).replace(tzinfo=wall), agreed)
    told = len(office.story())

    while office.clock.at < agreed - timedelta(hours=1):
        office.later(10 * MINUTE)

    assert len(invitations(office)) == 1
    assert len(office.story()) == told
    with database.reading() as session:
        assert list(session.exec(select(MessageRow))) == []
