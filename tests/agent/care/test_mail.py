"""The message that leaves the house: whole, marked as automatic, and always the same for the same key."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.care.compose import compose, compose_occasion
from agent.care.errors import MailAddressError
from agent.care.mail import CalendarEntry, Mail, message_id, mime_message, parse_sender
from agent.care.message import Stage
from agent.service.invitation import Occasion, Person
from agent.service.visit import VisitState
from tests.agent.care.builders import NOON, VISIT, matter

SENDER = Person("amends", "support@example.org")
LETTER = compose(matter())
MAIL = Mail(
    ticket="T-12",
    to=Person("Anna Ruiz", "anna@example.org"),
    lang="en",
    subject=LETTER.subject,
    text=LETTER.as_text(),
    html=LETTER.as_html(),
    wanted_at=NOON,
)
WITH_VISIT = replace(MAIL, calendar=CalendarEntry(VISIT, compose_occasion(matter(Stage.VISIT_BOOKED))))


def sent(mail: Mail = MAIL, key: str = "mail:T-12:fixed") -> EmailMessage:
    made = mime_message(mail, key=key, sender=SENDER, now=NOON)
    read = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_it_has_text_and_html_of_the_same_letter() -> None:
    message = sent()

    text, html = message.get_body(("plain",)), message.get_body(("html",))

    assert message.get_content_type() == "multipart/alternative"
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == LETTER.as_text()
    assert "<!doctype html>" in html.get_content()


def test_it_says_that_a_machine_wrote_it_and_about_which_ticket() -> None:
    message = sent()

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Amends-Ticket"] == "T-12"
    assert message["Content-Language"] == "en"
    assert message["To"] == "Anna Ruiz <anna@example.org>"
    assert message["Date"].datetime == NOON
    assert message["List-Unsubscribe"] is None


def test_unsubscribing_is_offered_where_there_is_a_page_for_it() -> None:
    assert (
        sent(replace(MAIL, unsubscribe_url="https://x.example/me/a"))["List-Unsubscribe"] == "<https://x.example/me/a>"
    )


def test_the_same_effect_has_the_same_message_id_and_another_has_another() -> None:
    assert message_id("mail:T-1:fixed", SENDER) == message_id("mail:T-1:fixed", SENDER)
    assert message_id("mail:T-1:fixed", SENDER) != message_id("mail:T-2:fixed", SENDER)
    assert message_id("mail:T-1:fixed", SENDER).endswith("@example.org>")


@pytest.mark.parametrize(("state", "method"), [(VisitState.BOOKED, "REQUEST"), (VisitState.CANCELLED, "CANCEL")])
def test_a_visit_comes_with_its_calendar_as_a_part_and_as_a_file(state: VisitState, method: str) -> None:
    assert WITH_VISIT.calendar is not None
    message = sent(replace(WITH_VISIT, calendar=replace(WITH_VISIT.calendar, visit=replace(VISIT, state=state))))

    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]

    assert [part.get_param("method") for part in calendars] == [method, method]
    assert [part.get_filename() for part in calendars] == [None, "visit.ics"]
    assert all(f"METHOD:{method}" in part.get_content() for part in calendars)


def test_what_is_not_ascii_in_a_calendar_reads_the_same_in_the_part_and_in_the_file() -> None:
    occasion = Occasion(title="Gefrierschrank", description="−25.0 °C: der Lüfter läuft zu schwer")

    message = sent(replace(MAIL, calendar=CalendarEntry(VISIT, occasion)))

    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(calendars) == 2
    assert all("−25.0 °C: der Lüfter" in part.get_content() for part in calendars)


@given(st.text(max_size=200), st.text(max_size=200))
def test_names_and_subjects_cannot_add_headers(name: str, subject: str) -> None:
    message = sent(replace(MAIL, subject=subject, to=Person(name, "anna@example.org")))

    assert set(message.keys()) == set(sent().keys())
    assert message["To"].addresses[0].addr_spec == "anna@example.org"


@given(st.text(max_size=2000))
def test_any_text_survives_the_journey_but_for_line_ends(text: str) -> None:
    clean = "".join(c for c in text if c.isprintable() and not "\ud800" <= c <= "\udfff")

    body = sent(replace(MAIL, text=clean)).get_body(("plain",))

    assert body is not None
    assert body.get_content().rstrip("\r\n") == clean


def test_what_lies_in_the_outbox_comes_back_as_it_was() -> None:
    assert msgspec.convert(msgspec.to_builtins(WITH_VISIT), Mail) == WITH_VISIT


def test_a_sender_is_a_name_and_an_address() -> None:
    assert parse_sender("amends <support@example.org>") == SENDER
    assert parse_sender("support@example.org") == Person("", "support@example.org")


@pytest.mark.parametrize("text", ["", "amends", "amends <>", "a@b@c", "@example.org", "support@"])
def test_a_sender_without_an_address_is_refused(text: str) -> None:
    with pytest.raises(MailAddressError):
        parse_sender(text)
