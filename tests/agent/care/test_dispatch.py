"""Sending what is due: once, not by night, not against a will, and not forever."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from agent.care.channel import MailChannel
from agent.care.customer import Purpose
from agent.care.dispatch import Dispatcher, open_channel
from agent.care.errors import MailAddressError, MailError, MailRefusedError, MailUndeliveredError
from agent.care.maildir import Maildir
from agent.care.message import Channel, Message, MessageState, Stage
from agent.care.smtp import Smtp
from agent.care.tell import tell_owner
from agent.desk.ticket import StoryKind, Ticket, TicketState
from agent.service.book import book_visit
from agent.service.invitation import Person
from agent.store.database import Database
from agent.store.messages import messages_of_ticket
from agent.store.outbox import EffectKind, put
from agent.store.people import set_consents
from agent.store.tables import OutboxRow
from agent.store.tickets import save_ticket, story_of
from tests.agent.care.builders import ANNA, NOON, PLAYBOOK
from tests.agent.care.house import EVERYTHING, add_ticket, offer, settle_in

NO_SUCH_MAILBOX = MailRefusedError("no such mailbox")
SENDER = Person("amends", "support@example.org")


@dataclass
class HandClock:
    """A clock that stands until it is moved."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def wall_seconds(self, duration: timedelta) -> float:
        return duration.total_seconds()


@dataclass
class Memory:
    """A channel that keeps what it is given, or fails as it is told to."""

    failing: MailError | None = None
    kept: list[EmailMessage] = field(default_factory=list)

    async def deliver(self, message: EmailMessage) -> None:
        if self.failing is not None:
            raise self.failing
        self.kept.append(message)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def dispatcher(database: Database, channel: MailChannel, clock: HandClock) -> Dispatcher:
    return Dispatcher(database, channel, SENDER, clock, Random(1))


def tell(
    database: Database,
    stage: Stage = Stage.FIXED,
    now: datetime = NOON,
    state: TicketState = TicketState.HEALED,
) -> Ticket:
    with database.transaction() as session:
        ticket = replace(settle_in(session), state=state)
        save_ticket(session, ticket)
        tell_owner(
            session,
            ticket=ticket,
            stage=stage,
            playbook=PLAYBOOK,
            now=now,
            public_url="https://care.example.org",
            ask_rating=True,
        )
    return ticket


def told(database: Database, ticket: Ticket) -> Message:
    with database.reading() as session:
        return next(m for m in messages_of_ticket(session, ticket.id) if m.channel is Channel.MAIL)


def outbox(database: Database) -> OutboxRow:
    with database.reading() as session:
        return session.exec(select(OutboxRow).where(OutboxRow.kind == "mail")).one()


async def test_what_is_due_is_sent_once_and_written_down(database: Database, clock: HandClock) -> None:
    ticket = tell(database)
    channel = Memory()

    first = await dispatcher(database, channel, clock).send_due()
    second = await dispatcher(database, channel, clock).send_due()

    assert (first.sent, second.sent) == (1, 0)
    assert [message["X-Amends-Ticket"] for message in channel.kept] == [ticket.number]
    assert (told(database, ticket).state, told(database, ticket).sent_at) == (MessageState.SENT, NOON)


async def test_what_is_not_due_waits(database: Database, clock: HandClock) -> None:
    tell(database, Stage.WITH_PERSON, state=TicketState.WITH_PERSON)
    channel = Memory()

    assert (await dispatcher(database, channel, clock).send_due()).sent == 0
    clock.at = NOON.replace(hour=17)
    assert (await dispatcher(database, channel, clock).send_due()).sent == 1


async def test_once_sent_its_text_and_its_links_are_forgotten(database: Database, clock: HandClock) -> None:
    tell(database)
    assert "/rate/" in str(outbox(database).payload)

    await dispatcher(database, Memory(), clock).send_due()

    assert outbox(database).payload == {}


async def test_a_mail_that_comes_due_in_quiet_hours_waits_for_the_morning(database: Database, clock: HandClock) -> None:
    tell(database)
    channel = Memory()
    clock.at = NOON.replace(hour=23)  # we were away, or somebody set the clock

    assert (await dispatcher(database, channel, clock).send_due()).sent == 0
    assert outbox(database).due_at == NOON.replace(day=25, hour=7)
    clock.at = NOON.replace(day=25, hour=7)
    assert (await dispatcher(database, channel, clock).send_due()).sent == 1


async def test_consent_taken_back_in_the_meantime_stops_the_mail(database: Database, clock: HandClock) -> None:
    ticket = tell(database)
    with database.transaction() as session:
        set_consents(session, ANNA.id, EVERYTHING - {Purpose.MAIL}, NOON)
    channel = Memory()

    done = await dispatcher(database, channel, clock).send_due()

    assert channel.kept == []
    assert told(database, ticket).state is MessageState.WITHHELD
    assert [given_up.ticket for given_up in done.given_up] == [ticket.number]
    assert "does not agree" in done.given_up[0].sentence


async def test_what_is_past_when_it_would_leave_is_not_said(database: Database, clock: HandClock) -> None:
    ticket = tell(database, now=NOON.replace(hour=22))
    channel = Memory()
    with database.transaction() as session:
        save_ticket(session, replace(ticket, state=TicketState.NOTICED))  # it came back in the night

    clock.at = NOON + timedelta(days=1)
    assert (await dispatcher(database, channel, clock).send_due()).sent == 0

    assert channel.kept == []
    assert told(database, ticket).state is MessageState.WITHHELD
    with database.reading() as session:
        (said,) = [entry.text for entry in story_of(session, ticket.id) if entry.kind is StoryKind.MESSAGE]
    assert said.endswith("was not sent: it is not known to be fixed any more.")


async def test_a_mail_about_a_visit_that_has_begun_is_not_sent(database: Database, clock: HandClock) -> None:
    with database.transaction() as session:
        settle_in(session)
        ticket = add_ticket(session, fault="refrigerant_leak")
        offer(session, NOON + timedelta(days=1))
        visit = book_visit(session, ticket=ticket, playbook=PLAYBOOK, now=NOON, not_before=NOON)
        tell_owner(
            session,
            ticket=ticket,
            stage=Stage.VISIT_BOOKED,
            playbook=PLAYBOOK,
            now=NOON,
            public_url="https://care.example.org",
            visit=visit,
        )
    clock.at = NOON + timedelta(days=2)
    channel = Memory()

    done = await dispatcher(database, channel, clock).send_due()

    assert channel.kept == []
    assert all("too late" in given_up.sentence for given_up in done.given_up)
    assert told(database, ticket).state is MessageState.WITHHELD


async def test_a_failure_is_tried_again_later_and_counted(database: Database, clock: HandClock) -> None:
    ticket = tell(database)
    channel = Memory(failing=MailUndeliveredError("the server is away"))
    at_work = dispatcher(database, channel, clock)

    await at_work.send_due()

    row = outbox(database)
    assert (row.attempts, row.error) == (1, "the server is away")
    assert NOON < row.due_at <= NOON + timedelta(minutes=1)
    assert told(database, ticket).state is MessageState.PLANNED


async def test_an_hour_without_a_server_doubles_nothing(database: Database, clock: HandClock) -> None:
    tell(database)
    channel = Memory(failing=MailUndeliveredError("the server is away"))
    at_work = dispatcher(database, channel, clock)
    for minute in range(60):
        clock.at = NOON + timedelta(minutes=minute)
        await at_work.send_due()

    channel.failing = None
    for minute in range(60, 180):
        clock.at = NOON + timedelta(minutes=minute)
        await at_work.send_due()

    assert len(channel.kept) == 1
    assert 4 <= outbox(database).attempts <= 12


async def test_after_a_day_of_failures_it_is_given_up_and_said(database: Database, clock: HandClock) -> None:
    ticket = tell(database)
    at_work = dispatcher(database, Memory(failing=MailUndeliveredError("the server is away")), clock)
    sentences = []
    for quarter in range(4 * 48):
        clock.at = NOON + timedelta(minutes=15 * quarter)
        sentences += [given_up.sentence for given_up in (await at_work.send_due()).given_up]

    assert sentences == [
        f"The mail “Your freezer: fixed and checked ({ticket.number})” was not sent: the server is away."
    ]
    assert (told(database, ticket).state, told(database, ticket).why) == (MessageState.FAILED, "the server is away")


async def test_a_refusal_for_good_is_not_repeated(database: Database, clock: HandClock) -> None:
    ticket = tell(database)

    done = await dispatcher(database, Memory(failing=NO_SUCH_MAILBOX), clock).send_due()

    with database.reading() as session:
        assert [story.text for story in story_of(session, ticket.id)] == [
            given_up.sentence for given_up in done.given_up
        ]
    assert told(database, ticket).state is MessageState.FAILED
    assert outbox(database).done_at == NOON


async def test_what_cannot_be_read_or_addressed_stands_in_nobodys_way(database: Database, clock: HandClock) -> None:
    with database.transaction() as session:
        put(session, kind=EffectKind.INVITE, key="invite:broken", payload={"no": "mail"}, due_at=NOON)
        nowhere = replace(ANNA, id="c-2", email="a b@example.org")
        ticket = settle_in(session, nowhere, device_id="frost-0002")
        tell_owner(
            session, ticket=ticket, stage=Stage.FIXED, playbook=PLAYBOOK, now=NOON, public_url="https://x.example"
        )
    with database.transaction() as session:
        ticket = settle_in(session)
        tell_owner(
            session, ticket=ticket, stage=Stage.FIXED, playbook=PLAYBOOK, now=NOON, public_url="https://x.example"
        )
    channel = Memory()

    done = await dispatcher(database, channel, clock).send_due()

    assert (done.sent, len(done.given_up)) == (1, 1)
    assert "address" in done.given_up[0].sentence
    assert (await dispatcher(database, channel, clock).send_due()).sent == 0


async def test_one_bad_address_does_not_hold_up_the_others(database: Database, clock: HandClock) -> None:
    class Picky(Memory):
        async def deliver(self, message: EmailMessage) -> None:
            if "ben@" in str(message["To"]):
                raise NO_SUCH_MAILBOX
            await super().deliver(message)

    tell(database)
    with database.transaction() as session:
        ben = replace(ANNA, id="c-2", name="Ben", email="ben@example.org")
        ticket = settle_in(session, ben, device_id="frost-0002")
        tell_owner(
            session, ticket=ticket, stage=Stage.FIXED, playbook=PLAYBOOK, now=NOON, public_url="https://x.example"
        )
    channel = Picky()

    done = await dispatcher(database, channel, clock).send_due()

    assert (done.sent, len(done.given_up)) == (1, 1)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), NOON - NOON.replace(year=1970)]
)
async def test_whatever_the_clock_does_a_mail_is_sent_once(
    database: Database, clock: HandClock, jump: timedelta
) -> None:
    tell(database)
    channel = Memory()
    at_work = dispatcher(database, channel, clock)

    for offset in (timedelta(0), -abs(jump), timedelta(0), abs(jump), timedelta(0)):
        clock.at = NOON + offset
        await at_work.send_due()

    assert len(channel.kept) == 1


async def test_a_kill_between_sending_and_writing_down_leaves_one_mail_in_the_mailbox(
    database: Database, clock: HandClock, tmp_path: Path
) -> None:
    class Killed(Maildir):
        async def deliver(self, message: EmailMessage) -> None:
            await super().deliver(message)
            raise asyncio.CancelledError

    tell(database)
    with pytest.raises(asyncio.CancelledError):
        await dispatcher(database, Killed(tmp_path / "mailbox"), clock).send_due()

    done = await dispatcher(database, Maildir(tmp_path / "mailbox"), clock).send_due()

    assert done.sent == 1
    assert len(list((tmp_path / "mailbox" / "new").iterdir())) == 1


async def test_the_mail_on_disk_is_the_mail_that_was_composed(
    database: Database, clock: HandClock, tmp_path: Path
) -> None:
    tell(database)
    await dispatcher(database, Maildir(tmp_path / "mailbox"), clock).send_due()

    [path] = (tmp_path / "mailbox" / "new").iterdir()
    message = message_from_bytes(path.read_bytes())

    assert message["Subject"].startswith("Your freezer: fixed and checked")


def test_the_way_is_chosen_by_the_setting(tmp_path: Path) -> None:
    assert isinstance(open_channel(None, tmp_path), Maildir)
    assert isinstance(open_channel("smtp://localhost:2525", tmp_path), Smtp)
    with pytest.raises(MailAddressError):
        open_channel("http://localhost", tmp_path)
