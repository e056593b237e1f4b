"""The calendar's side of a visit (pure): an iCalendar invitation, its changes and its end.

Calendars find an appointment again by UID and believe the highest SEQUENCE (RFC 5545, RFC 5546), so a
moved visit is the same UID one higher, and a cancelled one says so in METHOD and STATUS. Instants are
written in UTC: every calendar shows them on its owner's wall clock, and no zone table can be out of date.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from agent.care.clean import one_line, paragraphs
from agent.service.visit import Visit, VisitState

PRODUCT_ID = "-//amends//visits//EN"
_REMIND_BEFORE = timedelta(hours=2)


class Method(StrEnum):
    """What the calendar is asked to do."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on an invitation. ``name`` may be empty, ``email`` not."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the visit is about, in the reader's language. ``place`` and ``url`` may be empty."""

    title: str
    description: str
    place: str = ""
    url: str = ""


def method_of(visit: Visit) -> Method:
    """Return what a calendar is to do with the visit as it stands."""
    return Method.CANCEL if visit.state is VisitState.CANCELLED else Method.REQUEST


def invitation(visit: Visit, occasion: Occasion, *, organizer: Person, attendee: Person, now: datetime) -> str:
    """Return the iCalendar text to attach; ``now`` is when it was made."""
    event = Event()
    event.add("uid", visit.uid)
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("summary", one_line(occasion.title, 200))
    event.add("description", paragraphs(occasion.description, 2000))
    event.add("organizer", _address(organizer))
    event.add("attendee", _asked(attendee))
    event.add("transp", "OPAQUE")
    if occasion.place:
        event.add("location", one_line(occasion.place, 200))
    if occasion.url:
        event.add("url", occasion.url)
    method = method_of(visit)
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    if method is Method.REQUEST:
        event.add_component(_reminder(occasion))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    calendar.add_component(event)
    text: str = calendar.to_ical().decode("utf-8")
    return text


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    if person.name:
        # A parameter value in quotes may hold anything but quotes and control characters (RFC 5545 3.2).
        address.params["CN"] = vText(one_line(person.name, 100).replace('"', "'"))
    return address


def _asked(person: Person) -> vCalAddress:
    address = _address(person)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("ACCEPTED")
    address.params["RSVP"] = vText("FALSE")
    return address


def _reminder(occasion: Occasion) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one_line(occasion.title, 200))
    alarm.add("trigger", -_REMIND_BEFORE)
    return alarm
