from datetime import timedelta

import pytest

from agent.act.command import CommandState
from agent.console.parts import ConsoleParts
from agent.decide.permit import Deed
from agent.desk.ticket import Story, StoryKind, TicketState
from agent.desk.trust import matter_of
from agent.diagnose.playbook import Autonomy
from agent.store.agreements import Agreement, approval_of, keep_agreement
from agent.store.autonomy import Grant, permits_of, record_grant
from agent.store.commands import find_command
from agent.store.halts import is_halted
from agent.store.tables import CommandRow, DeviceRow
from agent.store.tickets import find_ticket, story_of
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor


def newest(parts: ConsoleParts, ticket_id: int) -> Story:
    with parts.database.reading() as session:
        return story_of(session, ticket_id)[-1]


def state_of(parts: ConsoleParts, ticket_id: int) -> TicketState:
    with parts.database.reading() as session:
        return find_ticket(session, ticket_id).state


async def test_an_approval_queues_the_command_and_says_so(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:  # nobody is at the machine
        session.connection().exec_driver_sql("UPDATE device SET busy = 0")
    await mira.get("/tickets/T-1002")

    await mira.send("/tickets/T-1002/approve")

    assert "Approved." in mira.text()
    with parts.database.reading() as session:
        command = find_command(session, "01K51002")
    assert command is not None
    assert command.state is CommandState.QUEUED
    assert command.approved_by == "mira"


async def test_a_refusal_of_a_guard_is_a_sentence_on_the_page(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1002")

    await mira.send("/tickets/T-1002/approve")

    assert "Approved." not in mira.text()
    assert state_of(parts, 1002) is TicketState.AWAITING_APPROVAL
    assert 'class="said bad"' in (mira.page.text if mira.page else "")


async def test_nobody_approves_a_proposal_they_have_not_seen(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1002")
    with parts.database.transaction() as session:
        seen = session.get_one(CommandRow, "01K51002")
        session.add(CommandRow(**{**seen.model_dump(), "id": "01K5ZZZZ"}))
        seen.state = CommandState.CANCELLED
        session.add(seen)

    await mira.send("/tickets/T-1002/approve")

    assert "not the one you saw" in mira.text()
    assert state_of(parts, 1002) is TicketState.AWAITING_APPROVAL


async def test_a_rejection_needs_a_reason_and_tells_it(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1002")
    await mira.send("/tickets/T-1002/reject", why=" ")
    assert state_of(parts, 1002) is TicketState.AWAITING_APPROVAL

    await mira.send("/tickets/T-1002/reject", why="the owner is brewing for a party")

    with parts.database.reading() as session:
        told = [entry.text for entry in story_of(session, 1002)]
    assert any("the owner is brewing for a party" in text for text in told)


async def test_a_note_stands_in_the_story_under_its_authors_name(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1005")

    await mira.send("/tickets/T-1005/note", text="Called the owner; they hear a hum.")

    entry = newest(parts, 1005)
    assert (entry.kind, entry.actor, entry.text) == (StoryKind.NOTE, "mira", "Called the owner; they hear a hum.")
    assert "Called the owner; they hear a hum." in mira.text()


async def test_a_ticket_is_taken_over_closed_and_reopened(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1005")

    await mira.send("/tickets/T-1005/take-over")
    assert "taken by mira" in mira.text()
    await mira.send("/tickets/T-1005/close", why="The fan was replaced.")
    assert state_of(parts, 1005) is TicketState.CLOSED
    assert "The fan was replaced." in mira.text()
    await mira.send("/tickets/T-1005/reopen", why="The hum is back.")
    with parts.database.reading() as session:
        told = [entry.text for entry in story_of(session, 1005) if entry.actor == "mira"]
    assert told[-1].endswith("The hum is back.")


async def test_a_visit_is_recorded_and_then_judged_by_the_signal(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1003")

    await mira.send("/tickets/T-1003/visited", why="Pump replaced.")

    assert state_of(parts, 1003) is TicketState.VERIFYING


async def test_a_halt_covers_every_page_until_somebody_resumes(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/devices")
    await mira.send("/halt", why="defrosts look wrong")

    for path in ("/", "/tickets/T-1001", "/remedies"):
        await mira.get(path)
        assert "Halted: no automatic fix is started." in mira.text()
        assert "defrosts look wrong" in mira.text()
    await mira.send("/resume")

    assert "Halted: no automatic fix" not in mira.text()
    assert "Resumed" in mira.text()
    with parts.database.reading() as session:
        assert not is_halted(session)


async def test_nothing_is_approved_while_everything_is_halted_and_the_page_says_the_same(
    mira: Visitor, parts: ConsoleParts
) -> None:
    await mira.get("/tickets/T-1002")
    parts.desk.halt("tom", "look at this first")

    await mira.send("/tickets/T-1002/approve")

    assert "every automatic fix is halted." in mira.text()
    assert "halted.." not in mira.text()
    assert "It can be approved once somebody resumes." in mira.text()
    assert mira.page is not None
    assert '<button class="main" disabled>' in mira.page.text
    assert state_of(parts, 1002) is TicketState.AWAITING_APPROVAL


async def test_an_open_page_hears_of_a_halt_by_its_ticket(mira: Visitor, parts: ConsoleParts) -> None:
    seen = (await mira.get("/tickets/T-1002")).text.partition('name="seen" value="')[2].partition('"')[0]
    assert 'id="decide"' not in (await mira.get(f"/tickets/T-1002/live?seen={seen}")).text

    parts.desk.halt("tom", "look at this first")

    assert 'id="decide"' in (await mira.get(f"/tickets/T-1002/live?seen={seen}")).text


async def test_what_staff_write_cannot_turn_the_page_around(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1002")
    await mira.send("/tickets/T-1002/note", text="first \u202ereversed\u202c\nשלג second")
    assert newest(parts, 1002).text == "first reversed\nשלג second"
    assert mira.page is not None
    assert "<bdi>First reversed\nשלג second</bdi>" in mira.page.text

    await mira.get("/")
    await mira.send("/halt", why="\u202eשלג\u2066 (1)")

    assert "<bdi>שלג (1)</bdi>" in mira.page.text


async def test_a_halt_without_a_reason_does_not_happen(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/")

    await mira.send("/halt", why="")

    with parts.database.reading() as session:
        assert not is_halted(session)


async def test_autonomy_is_set_for_one_remedy_of_one_product(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/remedies")
    form = next(
        form for form in mira.forms() if form.fields.get("remedy") == "restart" and form.fields["product"] == "bean-9"
    )

    await mira.web.post("/remedies", data={**form.fields, "autonomy": "act"})

    with parts.database.reading() as session:
        assert {name: one.autonomy for name, one in permits_of(session, "bean-9").items()} == {"restart": Autonomy.ACT}


async def test_a_remedy_that_is_another_than_the_page_showed_is_not_promoted(
    mira: Visitor, parts: ConsoleParts
) -> None:
    await mira.get("/remedies")
    form = next(
        form for form in mira.forms() if form.fields.get("remedy") == "restart" and form.fields["product"] == "bean-9"
    )
    assert "Sends restart()" in mira.text()

    for seen in ("0123456789ab", ""):
        await mira.web.post("/remedies", data={**form.fields, "autonomy": "act", "read": seen})
        await mira.get("/remedies")
        assert "does something else now than what you saw; look at it again" in mira.text()

    with parts.database.reading() as session:
        assert permits_of(session, "bean-9") == {}


async def test_a_level_that_was_set_for_another_remedy_no_longer_counts_and_the_page_says_why(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        wiping = Deed("restart", (("wipe", True),), reversible=True)
        record_grant(session, Grant("bean-9", "restart", Autonomy.ACT, "tom", NOW, wiping))

    await mira.get("/remedies")

    assert "“Act” no longer counts" in mira.text()
    assert "it was sent with wipe True, and is with nothing else now" in mira.text()


async def test_an_unknown_remedy_or_level_changes_nothing(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/remedies")
    token = mira.form("/remedies").fields["form"]

    for product, remedy, level in (("bean-9", "all", "act"), ("", "", "act"), ("bean-9", "restart", "everything")):
        await mira.web.post("/remedies", data={"form": token, "product": product, "remedy": remedy, "autonomy": level})

    with parts.database.reading() as session:
        assert permits_of(session, "bean-9") == {}


async def test_an_open_page_is_renewed_without_touching_what_somebody_types(mira: Visitor) -> None:
    page = await mira.get("/tickets/T-1002")
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]

    same = await mira.get(f"/tickets/T-1002/live?seen={seen}")
    assert 'id="decide"' not in same.text
    assert "<textarea" not in same.text

    await mira.get("/tickets/T-1002")
    await mira.send("/tickets/T-1002/take-over")
    changed = await mira.get(f"/tickets/T-1002/live?seen={seen}")
    assert 'id="decide" hx-swap-oob="true"' in changed.text
    assert "<textarea" not in changed.text.partition('id="hand"')[0]


async def test_a_sentence_about_what_was_done_is_said_once_and_cannot_be_forged(mira: Visitor) -> None:
    await mira.get("/tickets/T-1005")
    await mira.send("/tickets/T-1005/note", text="a note")
    assert "Noted." in mira.text()

    await mira.get("/tickets/T-1005")
    assert "Noted." not in mira.text()
    mira.web.cookies.set("amends_said", "Your account is locked, call 555")
    await mira.get("/")
    assert "call 555" not in mira.text()


async def test_the_sample_moment_is_before_the_proposal_expires(parts: ConsoleParts) -> None:
    with parts.database.reading() as session:
        command = find_command(session, "01K51002")

    assert command is not None
    assert command.not_after - NOW > timedelta(hours=3)


async def test_what_a_technician_found_is_chosen_from_the_playbook_and_learned(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.reading() as session:
        ticket = find_ticket(session, 1003)
    await mira.get("/tickets/T-1003")
    assert 'name="found"' in (mira.page.text if mira.page else "")

    await mira.send("/tickets/T-1003/visited", why="Changed it.", found=ticket.fault or "", works="no")

    with parts.database.reading() as session:
        told = [entry.text for entry in story_of(session, 1003) if entry.kind is StoryKind.DIAGNOSIS]
    assert told[-1].startswith("It was ")


async def test_a_fault_nobody_offered_is_refused(mira: Visitor, parts: ConsoleParts) -> None:
    before = state_of(parts, 1003)
    await mira.get("/tickets/T-1003")

    await mira.send("/tickets/T-1003/visited", why="Changed it.", found="<script>")

    assert "has no fault" in mira.text()
    assert state_of(parts, 1003) is before


async def test_many_devices_take_a_second_person_and_the_page_says_who_waits(
    mira: Visitor, parts: ConsoleParts
) -> None:
    with parts.database.transaction() as session:
        for number in range(12):
            session.add(
                DeviceRow(id=f"crowd-{number:03}", product="bean-9", birth={}, first_seen_at=NOW, status_at=NOW)
            )
    await mira.get("/remedies")
    form = next(
        form for form in mira.forms() if form.fields.get("remedy") == "rinse" and form.fields["product"] == "bean-9"
    )
    await mira.web.post("/remedies", data={**form.fields, "autonomy": "act"})
    await mira.get("/remedies")

    assert "changes once a second person says the same" in mira.text()
    assert "mira wants “Act”" in mira.text()
    with parts.database.reading() as session:
        assert "rinse" not in permits_of(session, "bean-9")


@pytest.mark.parametrize(("hours", "shown"), [(23, True), (25, False)])
async def test_a_first_yes_is_shown_for_as_long_as_it_counts(
    mira: Visitor,
    parts: ConsoleParts,
    hours: int,
    shown: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    at = NOW - timedelta(hours=hours)
    remedy = parts.playbooks["bean-9"].remedy("rinse")
    with parts.database.transaction() as session:
        keep_agreement(session, Agreement(approval_of("01K51002"), "tom", at))
        keep_agreement(session, Agreement(matter_of("bean-9", remedy, Autonomy.ACT), "tom", at))

    await mira.get("/remedies")
    assert ("tom wants “Act”" in mira.text()) is shown
    await mira.get("/tickets/T-1002")
    assert ("tom has agreed" in mira.text()) is shown


async def test_a_ticket_with_a_person_is_no_dead_end(mira: Visitor, parts: ConsoleParts) -> None:
    with parts.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE device SET busy = 0")
    await mira.get("/tickets/T-1002")
    await mira.send("/tickets/T-1002/take-over")
    assert state_of(parts, 1002) is TicketState.WITH_PERSON

    assert "Try " in mira.text()
    await mira.send("/tickets/T-1002/try")

    assert state_of(parts, 1002) is TicketState.FIXING
    assert "Try " not in mira.text()


async def test_staff_book_a_visit_where_the_fault_takes_a_skill(mira: Visitor, parts: ConsoleParts) -> None:
    await mira.get("/tickets/T-1009")
    await mira.send("/tickets/T-1009/take-over")

    await mira.send("/tickets/T-1009/visit")

    assert state_of(parts, 1009) is TicketState.VISIT_BOOKED
    assert "A visit is booked." in mira.text()
