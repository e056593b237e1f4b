"""Telling owners: once, with consent, kindly timed, and every silence with its reason."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlmodel import Session

from agent.care.customer import Customer, Purpose
from agent.care.links import LinkPurpose, open_link
from agent.care.mail import Mail
from agent.care.message import Channel, Message, MessageState, Stage
from agent.care.tell import tell_owner
from agent.desk.ticket import Ticket
from agent.service.book import book_visit, cancel_visit, move_visit, other_slots, visit_done
from agent.store.database import Database
from agent.store.messages import mark_sent, messages_of_ticket
from agent.store.outbox import Effect, EffectKind, due_effects
from agent.store.people import set_consents
from broker.messages import Notice
from tests.agent.care.builders import ANNA, NOON, PLAYBOOK
from tests.agent.care.house import EVERYTHING, add_ticket, offer, settle_in

FAR = NOON + timedelta(days=365)
URL = "https://care.example.org/"


def tell(session: Session, ticket: Ticket, stage: Stage = Stage.FIXED, **changes: Any) -> str:
    wanted: dict[str, Any] = {"now": NOON, "playbook": PLAYBOOK, "public_url": URL, **changes}
    return tell_owner(session, ticket=ticket, stage=stage, **wanted)


def effects(session: Session, kind: EffectKind = EffectKind.MAIL, until: datetime = FAR) -> tuple[Effect, ...]:
    return due_effects(session, [kind], until)


def mails(session: Session) -> list[Mail]:
    return [msgspec.convert(effect.payload, Mail) for effect in effects(session)]


def by_channel(session: Session, ticket: Ticket) -> dict[Channel, Message]:
    return {message.channel: message for message in messages_of_ticket(session, ticket.id)}


def house(session: Session, customer: Customer = ANNA, *, agrees: Iterable[Purpose] = EVERYTHING) -> Ticket:
    return settle_in(session, customer, agrees=agrees)


def test_a_fix_that_was_asked_for_goes_by_mail_and_to_the_device_at_once(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)

        said = tell(session, ticket)

        assert said == "mail planned for 2026-11-24 12:00 UTC; notice put on the device"
        assert [effect.key for effect in effects(session)] == [f"mail:{ticket.number}:fixed"]
        assert [effect.key for effect in effects(session, EffectKind.NOTICE)] == [f"notice:{ticket.number}:fixed"]


def test_telling_the_same_again_tells_nothing(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)
        tell(session, ticket)

        said = tell(session, ticket, now=NOON + timedelta(hours=1))

        assert said.startswith("nothing new to tell")
        assert len(effects(session)) == 1


def test_a_fix_nobody_noticed_is_withheld_by_mail_but_may_stand_on_the_device(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session, replace(ANNA, tell_about_fixes=False))

        said = tell(session, ticket)

        assert "mail withheld: the owner did not and need not notice" in said
        assert by_channel(session, ticket)[Channel.MAIL].state is MessageState.WITHHELD
        assert by_channel(session, ticket)[Channel.MAIL].why
        assert effects(session) == ()
        assert len(effects(session, EffectKind.NOTICE)) == 1


def test_a_fix_after_the_moment_it_would_be_felt_is_told(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session, replace(ANNA, tell_about_fixes=False))

        tell(session, replace(ticket, fails_by=NOON - timedelta(minutes=1)))

        assert len(effects(session)) == 1


def test_an_owner_who_heard_of_the_fault_hears_of_its_end(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session, replace(ANNA, tell_about_fixes=False), agrees=EVERYTHING - {Purpose.DEVICE})
        tell(session, ticket, Stage.NEEDS_YOU)
        mark_sent(session, messages_of_ticket(session, ticket.id)[0].id, NOON)

        tell(session, ticket)

        assert len(effects(session)) == 2
        assert "Thank you for your help" not in mails(session)[1].text  # the freezer did it itself


def test_a_mail_not_yet_sent_is_taken_back_when_the_fault_is_gone(database: Database) -> None:
    night = NOON.replace(hour=23)
    with database.transaction() as session:
        ticket = house(session, agrees=EVERYTHING - {Purpose.DEVICE})
        tell(session, ticket, Stage.NEEDS_YOU, now=night)

        tell(session, ticket, now=night + timedelta(hours=1))

        asked = messages_of_ticket(session, ticket.id)[0]
        assert (asked.state, asked.why) == (MessageState.WITHHELD, "overtaken by fixed before it was sent")


@pytest.mark.parametrize(
    ("agrees", "mail", "notice"),
    [
        (EVERYTHING, 1, 1),
        (EVERYTHING - {Purpose.MAIL}, 0, 1),
        (EVERYTHING - {Purpose.DEVICE}, 1, 0),
        (frozenset[Purpose](), 0, 0),
    ],
)
def test_each_way_needs_its_own_consent(database: Database, agrees: frozenset[Purpose], mail: int, notice: int) -> None:
    with database.transaction() as session:
        ticket = house(session, agrees=agrees)

        tell(session, ticket, Stage.NEEDS_YOU)

        assert len(effects(session)) == mail
        assert len(effects(session, EffectKind.NOTICE)) == notice
        assert len(messages_of_ticket(session, ticket.id)) == 2


def test_a_device_nobody_owns_tells_nobody_and_says_so(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)

        said = tell(session, replace(ticket, device_id="frost-0404"))

        assert said == "nobody was told: the device's owner is not known"


def test_the_rating_link_opens_the_ticket_for_thirty_days(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)

        said = tell(session, ticket, ask_rating=True)
        token = mails(session)[0].text.split("/rate/")[1].split()[0]

        assert said.endswith("a rating is asked for")
        opened = open_link(session, token, LinkPurpose.RATE, NOON + timedelta(days=29))
        assert opened is not None
        assert opened.id == str(ticket.id)
        assert open_link(session, token, LinkPurpose.RATE, NOON + timedelta(days=30)) is None


def test_staff_never_see_a_link_that_votes(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)

        tell(session, ticket, ask_rating=True)

        assert all("/rate/" not in message.body for message in messages_of_ticket(session, ticket.id))


def test_a_survey_that_is_not_sent_says_why(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session, agrees=EVERYTHING - {Purpose.SURVEY})

        said = tell(session, ticket, ask_rating=True)

        assert said.endswith("no rating asked for: the owner has not agreed to surveys")
        assert "/rate/" not in mails(session)[0].text
        assert effects(session, EffectKind.NOTICE)[0].payload["ask_rating"] is False


def test_a_survey_with_no_way_to_the_owner_says_so(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session, agrees={Purpose.SURVEY})

        assert tell(session, ticket, ask_rating=True).endswith("no rating asked for: nothing reaches the owner")


def test_a_notice_is_one_the_protocol_knows(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)
        tell(session, ticket, ask_rating=True)

        payload = effects(session, EffectKind.NOTICE)[0].payload
        notice = msgspec.convert(payload, Notice)

        assert payload["device_id"] == ticket.device_id
        assert (notice.ticket, notice.lang, notice.ask_rating) == (ticket.number, "en", True)
        assert notice.not_after == int((NOON + timedelta(days=7)).timestamp() * 1000)


def test_three_mails_a_week_across_all_devices_and_no_more(database: Database) -> None:
    with database.transaction() as session:
        house(session)
        for hours in range(3):
            tell(session, add_ticket(session), now=NOON + timedelta(hours=hours))

        said = tell(session, add_ticket(session), now=NOON + timedelta(hours=3))

        assert len(effects(session)) == 3
        assert "mail withheld: the owner already hears from us 3 times" in said


def test_the_budget_renews(database: Database) -> None:
    with database.transaction() as session:
        house(session)
        for days in (0, 1, 2, 8):
            tell(session, add_ticket(session), now=NOON + timedelta(days=days))

        assert len(effects(session)) == 4


def test_safety_goes_out_by_night_and_past_the_budget(database: Database) -> None:
    night = NOON.replace(hour=2)
    with database.transaction() as session:
        house(session)
        for _ in range(3):
            tell(session, add_ticket(session), now=night - timedelta(hours=9))

        tell(session, add_ticket(session, fault="smouldering"), Stage.NEEDS_YOU, now=night)

        assert effects(session)[-1].due_at == night
        assert mails(session)[-1].urgent


def test_every_change_of_a_visit_is_told_once_with_its_calendar(database: Database) -> None:
    with database.transaction() as session:
        settle_in(session)
        ticket = add_ticket(session, fault="refrigerant_leak")
        offer(session, *(NOON + timedelta(days=days) for days in (1, 2, 3)))
        visit = book_visit(session, ticket=ticket, playbook=PLAYBOOK, now=NOON, not_before=NOON)
        assert visit is not None
        tell(session, ticket, Stage.VISIT_BOOKED, visit=visit)
        mark_sent(session, by_channel(session, ticket)[Channel.MAIL].id, NOON)

        for _ in range(2):
            slot = other_slots(session, visit_id=visit.id, playbook=PLAYBOOK, now=NOON)[-1]
            visit = move_visit(session, visit_id=visit.id, slot_id=slot.id, playbook=PLAYBOOK, now=NOON)
            assert visit is not None
            tell(session, ticket, Stage.VISIT_MOVED, visit=visit)
            tell(session, ticket, Stage.VISIT_MOVED, visit=visit)
        tell(session, ticket, Stage.VISIT_CANCELLED, visit=cancel_visit(session, visit_id=visit.id, now=NOON))

        sequences = [mail.calendar.visit.sequence for mail in mails(session) if mail.calendar is not None]
        assert sequences == [0, 1, 2, 3]
        assert len({mail.calendar.visit.uid for mail in mails(session) if mail.calendar is not None}) == 1
        assert "/visit/" in mails(session)[0].text
        assert "Jo Park" in mails(session)[0].text


@pytest.mark.parametrize("report", ["sealed the pipe", ""])
def test_what_a_technician_repaired_is_told_as_theirs_where_they_say_so(database: Database, report: str) -> None:
    with database.transaction() as session:
        settle_in(session)
        ticket = replace(add_ticket(session, fault="refrigerant_leak"), tried=())
        offer(session, NOON + timedelta(days=1))
        visit = book_visit(session, ticket=ticket, playbook=PLAYBOOK, now=NOON, not_before=NOON)
        assert visit is not None
        visit_done(session, visit_id=visit.id, report=report)

        tell(session, ticket, now=NOON + timedelta(days=2))

        text = mails(session)[0].text
        assert ("A technician repaired it during the visit." in text) is bool(report)
        assert "it came right by itself" not in text


def test_nobody_hears_of_the_end_of_a_visit_they_never_heard_of(database: Database) -> None:
    night = NOON.replace(hour=23)
    with database.transaction() as session:
        settle_in(session)
        ticket = add_ticket(session, fault="refrigerant_leak")
        offer(session, NOON + timedelta(days=2))
        visit = book_visit(session, ticket=ticket, playbook=PLAYBOOK, now=night, not_before=night)
        assert visit is not None
        tell(session, ticket, Stage.VISIT_BOOKED, visit=visit, now=night)

        said = tell(
            session,
            ticket,
            Stage.VISIT_CANCELLED,
            visit=cancel_visit(session, visit_id=visit.id, now=night),
            now=night,
        )

        assert "had not heard of the visit by mail" in said
        assert [m.state for m in messages_of_ticket(session, ticket.id) if m.channel is Channel.MAIL] == [
            MessageState.WITHHELD,
            MessageState.WITHHELD,
        ]


def test_consent_taken_back_counts_from_then_on(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)
        set_consents(session, ANNA.id, EVERYTHING - {Purpose.MAIL}, NOON)

        assert "not agreed to messages by mail" in tell(session, ticket)


def test_what_is_rolled_back_was_never_told(database: Database) -> None:
    with database.transaction() as session:
        ticket = house(session)
    with database.transaction() as session:
        tell(session, ticket, ask_rating=True)
        session.rollback()

    with database.transaction() as session:
        assert effects(session) == ()
        assert messages_of_ticket(session, ticket.id) == ()
