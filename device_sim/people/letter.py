"""A mail as its reader takes it in (pure): who it is for, what it is about, and what can be done."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from icalendar import Calendar

_TICKET: Final = re.compile(r"\bT-\d{1,18}\b")
_LINK: Final = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit put down in the calendar. ``cancelled``: it is off."""

    starts_at: datetime
    ends_at: datetime
    uid: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What a reader sees. ``ticket`` is empty and the links are ``None`` where the mail has none."""

    to: str
    ticket: str
    rate_url: str | None
    visit_url: str | None
    appointment: Appointment | None


def read_letter(mail: EmailMessage) -> Letter:
    """Return what a person would see in a mail. Links are taken from its plain text, as a careful reader would."""
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    links = _LINK.findall(text)
    about = _TICKET.search(f"{mail.get('X-Amends-Ticket', '')} {mail.get('Subject', '')} {text}")
    addresses = getattr(mail.get("To"), "addresses", ())
    return Letter(
        to=addresses[0].addr_spec.lower() if addresses else "",
        ticket=about.group() if about else "",
        rate_url=next((link for link in links if "/rate/" in link), None),
        visit_url=next((link for link in links if "/visit/" in link), None),
        appointment=_appointment(mail),
    )


def _appointment(mail: EmailMessage) -> Appointment | None:
    for part in mail.iter_attachments():
        if part.get_content_type() != "text/calendar":
            continue
        try:
            calendar = Calendar.from_ical(str(part.get_content()))
            events = [item for item in calendar.walk() if item.name == "VEVENT"]
            starts_at, ends_at = events[0].decoded("dtstart"), events[0].decoded("dtend")
        except (ValueError, KeyError, IndexError, TypeError):
            return None  # an owner who cannot open the attachment looks no further
        cancelled = str(calendar.get("method", "")) == "CANCEL"
        return Appointment(starts_at, ends_at, str(events[0].get("uid", "")), cancelled)
    return None
