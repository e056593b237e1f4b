from dataclasses import replace
from datetime import timedelta
from typing import Any

import icalendar

from agent.console.parts import ConsoleParts
from agent.console.visit_changes import move
from agent.desk.ticket import TicketState
from agent.service.visit import Technician, Visit, VisitState
from agent.store.tickets import find_ticket, story_of
from agent.store.visits import free_slots, offer_slot, save_technician, visit_by_id
from tests.agent.console.sample import Sample, StillClock, parts_over
from tests.agent.console.visitor import Visitor, visiting


async def test_the_visit_page_shows_the_owners_own_time(stranger: Visitor, sample: Sample) -> None:
    await stranger.get(f"/visit/{sample.visit_token}")

    text = stranger.text()
    assert "Dienstag, 22. September 2026 13:00 – 14:30" in text
    assert "Paula Brandt kommt zu Ihnen." in text
    assert "Europe/Berlin" in text


def visit(parts: ConsoleParts) -> Visit:
    with parts.database.reading() as session:
        found = visit_by_id(session, 1)
    assert found is not None
    return found


async def test_a_visit_is_confirmed_once(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    for _ in range(2):
        await stranger.get(f"/visit/{sample.visit_token}")
        form = stranger.forms()[0]
        await stranger.web.post(f"/visit/{sample.visit_token}", data={**form.fields, "do": "confirm"})

    with parts.database.reading() as session:
        told = [entry.text for entry in story_of(session, 1003)]
    assert told.count("Confirmed the time of the visit.") == 1
    await stranger.get(f"/visit/{sample.visit_token}")
    assert "Sie haben diese Zeit bestätigt." in stranger.text()


async def test_a_visit_is_moved_to_another_free_time(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    before = visit(parts)
    await stranger.get(f"/visit/{sample.visit_token}")
    _, wanted = next(button for form in stranger.forms() for button in form.buttons if button[1].startswith("move-"))

    await stranger.send("", None, do=wanted)

    after = visit(parts)
    assert after.starts_at != before.starts_at
    assert after.sequence == before.sequence + 1
    assert after.uid == before.uid


def test_a_visit_is_moved_by_the_playbook_its_ticket_was_opened_under(parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        ticket = find_ticket(session, 1003)
        save_technician(session, Technician("t-2", "Sam Lee", "sam@example.org", "Europe/Berlin", ("water",)))
        start = visit(parts).starts_at + timedelta(days=20)
        offer_slot(session, technician_id="t-2", starts_at=start, ends_at=start + timedelta(hours=2))
        unable = next(slot for slot in free_slots(session, skill="water", since=start))
        (able, *_) = free_slots(session, skill="heating", since=visit(parts).starts_at + timedelta(hours=12))
    opened_under = {(ticket.product, ticket.playbook_version): parts.playbooks[ticket.product]}
    edited = replace(parts, playbooks={}, versions=opened_under)

    assert not move(edited, 1, unable.id, parts.clock.now())
    assert move(edited, 1, able.id, parts.clock.now())

    with parts.database.reading() as session:
        assert find_ticket(session, 1003).due_at == visit(parts).ends_at  # and looked at when it is over


async def test_a_time_that_is_gone_changes_nothing(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    before = visit(parts)
    await stranger.get(f"/visit/{sample.visit_token}")

    await stranger.send("", None, do="move-99999")

    assert visit(parts) == before
    assert "Diese Zeit ist gerade vergeben worden." in stranger.text()


async def test_a_cancelled_visit_goes_to_a_person(stranger: Visitor, sample: Sample, parts: ConsoleParts) -> None:
    await stranger.get(f"/visit/{sample.visit_token}")

    await stranger.send("", None, do="cancel")

    assert visit(parts).state is VisitState.CANCELLED
    assert "Dieser Termin ist abgesagt." in stranger.text()
    with parts.database.reading() as session:
        assert find_ticket(session, 1003).state is TicketState.WITH_PERSON


async def test_opening_a_visit_or_posting_blindly_changes_nothing(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    before = visit(parts)
    path = f"/visit/{sample.visit_token}"

    await stranger.web.get(f"{path}?do=cancel")
    await stranger.web.head(path)
    answer = await stranger.web.post(path, data={"do": "cancel"})

    assert answer.status_code == 422
    assert visit(parts) == before


async def test_the_calendar_file_is_one_a_calendar_reads(
    stranger: Visitor, sample: Sample, parts: ConsoleParts
) -> None:
    answer = await stranger.web.get(f"/visit/{sample.visit_token}/calendar.ics")

    event: Any = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")[0]
    assert answer.headers["content-type"].startswith("text/calendar")
    assert event["dtstart"].dt == visit(parts).starts_at
    assert str(event["uid"]) == visit(parts).uid


async def test_a_visit_that_is_over_was_then_and_offers_nothing(parts: ConsoleParts, sample: Sample) -> None:
    before = visit(parts)
    over = parts_over(parts.database, sample, StillClock(before.ends_at))
    path = f"/visit/{sample.visit_token}"
    async with visiting(parts) as stranger:
        await stranger.get(path)
        pressed = stranger.forms()[0].fields
    async with visiting(over) as stranger:
        await stranger.get(path)

        assert "22. September 2026 13:00 – 14:30" in stranger.text()
        assert "Für diese Zeit war Ihr Termin vereinbart." in stranger.text()
        assert "kommt zu Ihnen" not in stranger.text()
        assert stranger.forms() == []
        for do in ("confirm", "cancel"):
            answer = await stranger.web.post(path, data={**pressed, "do": do})
            assert answer.status_code == 409
    assert visit(parts) == before
