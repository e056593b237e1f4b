from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

from icalendar import Calendar, Event

from device_sim.people.letter import Appointment, Letter, read_letter
from device_sim.people.owner import RatesBy
from device_sim.people.plans import Admit, Confirm, Mend, Rate, plans_for, revised
from tests.device_sim.examples import NOON, owner

STARTS = datetime(2026, 11, 23, 9, tzinfo=UTC)


def mail(text: str, *, calendar: bytes | None = None) -> EmailMessage:
    written = EmailMessage(policy=SMTP)
    written["To"] = "Anna Ahrend <Customer-0001@example.org>"
    written["Subject"] = "Ihr Gefrierschrank"
    written["X-Amends-Ticket"] = "T-1042"
    written.set_content(text)
    written.add_alternative("<p>the same, in colour</p>", subtype="html")
    if calendar is not None:
        written.add_attachment(calendar, maintype="text", subtype="calendar", filename="visit.ics")
    read = message_from_bytes(written.as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def invitation(method: str = "REQUEST") -> bytes:
    event = Event()
    event.add("uid", "v-1")
    event.add("dtstart", STARTS)
    event.add("dtend", STARTS + timedelta(hours=1))
    calendar = Calendar()
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def test_reader_ticket_and_links_are_found_in_the_plain_text() -> None:
    letter = read_letter(mail("Guten Tag\n\nhttp://127.0.0.1:8620/rate/a-b_c\nTermin: http://127.0.0.1:8620/visit/x\n"))

    assert letter.to == "customer-0001@example.org"
    assert letter.ticket == "T-1042"
    assert letter.rate_url == "http://127.0.0.1:8620/rate/a-b_c"
    assert letter.visit_url == "http://127.0.0.1:8620/visit/x"
    assert letter.appointment is None


def test_an_invitation_is_put_down_and_a_cancelled_one_is_known_as_such() -> None:
    asked = read_letter(mail("Besuch", calendar=invitation())).appointment
    off = read_letter(mail("Besuch", calendar=invitation("CANCEL"))).appointment

    assert asked == Appointment(STARTS, STARTS + timedelta(hours=1), "v-1", cancelled=False)
    assert off is not None
    assert off.cancelled


def test_an_attachment_that_is_no_calendar_is_left_closed() -> None:
    assert read_letter(mail("Besuch", calendar=b"BEGIN:NONSENSE")).appointment is None


def letter(**changed: object) -> Letter:
    appointment = Appointment(STARTS, STARTS + timedelta(hours=1), "v-1", cancelled=False)
    given = {"rate_url": "http://x/rate/a", "visit_url": "http://x/visit/b", "appointment": appointment} | changed
    return Letter(to="customer-0001@example.org", ticket="T-1", **given)  # type: ignore[arg-type]  # by name above


def test_an_owner_rates_by_the_link_confirms_and_is_at_home() -> None:
    plans = plans_for(letter(), owner(), NOON, confirms=True)

    assert {type(plan) for plan in plans} == {Mend, Rate, Confirm, Admit}
    assert next(plan.at for plan in plans if isinstance(plan, Admit)) == STARTS + timedelta(hours=1)
    assert all(plan.at > NOON for plan in plans)


def test_an_owner_who_rates_elsewhere_leaves_the_link_alone() -> None:
    for rates_by in (RatesBy.DEVICE, RatesBy.NEVER):
        plans = plans_for(letter(), owner(rates_by=rates_by), NOON, confirms=False)
        assert {type(plan) for plan in plans} == {Mend, Admit}


def test_a_moved_visit_replaces_the_one_put_down() -> None:
    planned = plans_for(letter(), owner(), NOON, confirms=False)

    left = revised(planned, letter())

    assert not any(isinstance(plan, Admit) for plan in left)
    assert revised(planned, letter(appointment=None)) == planned
