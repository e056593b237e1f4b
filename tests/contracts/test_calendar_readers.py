"""PPL-3: an invitation, its change and its end, read back by two calendar libraries."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from agent.service.invitation import Method, Occasion, Person, invitation, method_of
from agent.service.visit import Visit, VisitState
from tests.agent.care.builders import NOON, VISIT

SUPPORT = Person("amends; support", "support@example.org")
ANNA = Person('Anna "Ann", Ruiz', "anna@example.org")
OCCASION = Occasion(
    "A technician is coming; soon, really",
    "Line one\nLine two, with commas; and \\ more",
    "",
    "https://x.example/visit/a",
)
MOVED = replace(
    VISIT, sequence=1, starts_at=VISIT.starts_at + timedelta(days=1), ends_at=VISIT.ends_at + timedelta(days=1)
)
CANCELLED = replace(MOVED, sequence=2, state=VisitState.CANCELLED)
LIFE = pytest.mark.parametrize("visit", [VISIT, MOVED, CANCELLED], ids=["booked", "moved", "cancelled"])


def written(visit: Visit, occasion: Occasion = OCCASION) -> str:
    return invitation(visit, occasion, organizer=SUPPORT, attendee=ANNA, now=NOON)


@LIFE
def test_icalendar_reads_back_what_was_meant(visit: Visit) -> None:
    calendar = icalendar.Calendar.from_ical(written(visit))
    [event] = calendar.walk("VEVENT")

    assert calendar["METHOD"] == method_of(visit).value
    assert event["UID"] == VISIT.uid
    assert event["SEQUENCE"] == visit.sequence
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (visit.starts_at, visit.ends_at)
    assert event["STATUS"] == ("CANCELLED" if visit.state is VisitState.CANCELLED else "CONFIRMED")
    assert str(event["SUMMARY"]) == OCCASION.title
    assert str(event["DESCRIPTION"]) == OCCASION.description
    assert str(event["ORGANIZER"]) == "mailto:support@example.org"
    assert event["ATTENDEE"].params["CN"] == "Anna 'Ann', Ruiz"


@LIFE
def test_vobject_reads_back_the_same(visit: Visit) -> None:
    calendar = vobject.readOne(written(visit))
    event = calendar.vevent

    assert calendar.method.value == method_of(visit).value
    assert event.uid.value == VISIT.uid
    assert int(event.sequence.value) == visit.sequence
    assert (event.dtstart.value, event.dtend.value) == (visit.starts_at, visit.ends_at)
    assert event.status.value == ("CANCELLED" if visit.state is VisitState.CANCELLED else "CONFIRMED")
    assert event.summary.value == OCCASION.title
    assert event.description.value == OCCASION.description
    assert event.attendee.value == "mailto:anna@example.org"


def test_only_a_visit_that_is_off_is_cancelled() -> None:
    assert [method_of(visit) for visit in (VISIT, MOVED, CANCELLED)] == [Method.REQUEST, Method.REQUEST, Method.CANCEL]


@pytest.mark.parametrize("wall", ["2026-03-29T09:00+02:00", "2026-10-25T09:00+01:00", "2026-07-01T09:00+02:00"])
def test_a_visit_at_nine_is_at_nine_on_either_side_of_a_clock_change(wall: str) -> None:
    starts_at = datetime.fromisoformat(wall)
    visit = replace(
        VISIT, starts_at=starts_at.astimezone(UTC), ends_at=(starts_at + timedelta(hours=1)).astimezone(UTC)
    )

    text = written(visit)

    assert icalendar.Calendar.from_ical(text).walk("VEVENT")[0].decoded("DTSTART") == starts_at
    assert vobject.readOne(text).vevent.dtstart.value == starts_at


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_words_break_out_of_their_line(title: str, description: str) -> None:
    text = written(VISIT, Occasion(title, description))
    [event] = icalendar.Calendar.from_ical(text).walk("VEVENT")

    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == 1 or "VEVENT" in title + description
    assert event["UID"] == VISIT.uid
    assert len(event.walk("VALARM")) == 1
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_a_cancelled_visit_rings_no_reminder() -> None:
    assert "VALARM" in written(VISIT)
    assert "VALARM" not in written(CANCELLED)
