"""A mail on its way (pure): what lies in the outbox, and the RFC 5322 message it becomes."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from agent.care.clean import one_line
from agent.care.errors import MailAddressError, MailRefusedError
from agent.service.invitation import Occasion, Person, invitation, method_of
from agent.service.visit import Visit

_NAME_LIMIT = 80


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A visit to put into the reader's calendar, and what to write there."""

    visit: Visit
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as the outbox keeps it until it is sent.

    ``message_id`` is the message's record and ``customer_id`` its reader (``None``: it goes to a technician and
    has neither). ``wanted_at`` is when it was first due; after ``not_after`` it is no use any more (``None``: it
    does not age). ``urgent``: by night too. ``calendar`` is ``None`` unless it is about a visit.
    """

    ticket: str
    to: Person
    lang: str
    subject: str
    text: str = field(repr=False)  # both hold links that let whoever has them act
    html: str = field(repr=False)
    wanted_at: datetime
    message_id: int | None = None
    customer_id: str | None = None
    not_after: datetime | None = None
    urgent: bool = False
    calendar: CalendarEntry | None = None
    unsubscribe_url: str | None = None


def parse_sender(text: str) -> Person:
    """Return the sender written as ``Name <address>``.

    Raises:
        MailAddressError: there is no address in it.
    """
    name, email = parseaddr(text)
    if email.count("@") != 1 or not all(email.split("@")):
        msg = f"{text!r} is not a sender like: amends <support@example.org>"
        raise MailAddressError(msg)
    return Person(name, email)


def message_id(key: str, sender: Person) -> str:
    """Return the Message-ID of the effect with that key: always the same one, so that a repetition is recognised."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{sender.email.rpartition('@')[2]}>"


def mime_message(mail: Mail, *, key: str, sender: Person, now: datetime) -> EmailMessage:
    """Return the message to hand over: text, HTML, and the calendar's part when there is a visit.

    Raises:
        MailRefusedError: the reader's address is none that a mail can go to.
    """
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id(key, sender)
    message["Date"] = format_datetime(now)
    message["From"] = _address(sender)
    message["To"] = _address(mail.to)
    message["Subject"] = one_line(mail.subject, 200)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: out-of-office replies stay away
    message["X-Amends-Ticket"] = mail.ticket
    if mail.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar, sender=sender, attendee=mail.to, now=now)
    # Last: what begins with Content- would move into the first part while parts are added.
    message["Content-Language"] = mail.lang
    return message


def _add_calendar(
    message: EmailMessage, calendar: CalendarEntry, *, sender: Person, attendee: Person, now: datetime
) -> None:
    method = method_of(calendar.visit)
    text = invitation(calendar.visit, calendar.occasion, organizer=sender, attendee=attendee, now=now)
    # Once as an alternative, which calendars in mail programs act on, once as a file for everybody else.
    message.add_alternative(text, subtype="calendar", params={"method": method.value})
    message.add_attachment(
        text.encode(),
        maintype="text",
        subtype="calendar",
        filename="visit.ics",
        params={"method": method.value, "charset": "utf-8"},
    )


def _address(person: Person) -> Address:
    try:
        return Address(display_name=one_line(person.name, _NAME_LIMIT), addr_spec=person.email)
    except (ValueError, IndexError, MessageError) as error:
        msg = "the address is none that a mail can go to"
        raise MailRefusedError(msg) from error
