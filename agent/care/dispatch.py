"""Sending the mails that are due (shell): looks, hands over, writes down what came of it.

Looking and writing down are transactions of their own in a thread, and no lock is held while the world is waited
for. A process killed in between sends the same mail again with the same Message-ID, by which the mailbox drops it
and mail servers recognise it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import assert_never

import msgspec
import structlog
from sqlmodel import Session

from agent.care.backoff import is_hopeless, next_try
from agent.care.channel import MailChannel
from agent.care.customer import Purpose
from agent.care.errors import MailError, MailRefusedError
from agent.care.mail import Mail, mime_message
from agent.care.maildir import Maildir
from agent.care.message import MessageState
from agent.care.smtp import Smtp, parse_smtp_url
from agent.care.standing import untrue
from agent.care.timing import SendAt, Withhold, waking
from agent.clock import Clock
from agent.desk.ticket import StoryKind
from agent.service.invitation import Person
from agent.store import messages, outbox, people
from agent.store.database import Database
from agent.store.outbox import Effect, EffectKind
from agent.store.tickets import Line, find_ticket, tell
from agent.store.visits import booked_visit

_KINDS = (EffectKind.MAIL, EffectKind.INVITE)
_AT_ONCE = 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A mail that will not be sent. The story of the ticket (``T-1042``) has the sentence already."""

    ticket: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the outbox came to."""

    sent: int
    given_up: tuple[GivenUp, ...]


@dataclass(frozen=True, slots=True)
class _Due:
    """A mail that may go out now."""

    effect: Effect
    mail: Mail


def open_channel(smtp_url: str | None, mailbox: Path) -> MailChannel:
    """Return the way mails take: SMTP where an address is set, otherwise the local mailbox.

    Raises:
        MailAddressError: the SMTP address cannot be used.
    """
    return Maildir(mailbox) if smtp_url is None else Smtp(parse_smtp_url(smtp_url))


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Sends mails to owners and invitations to technicians; one at work for a database at a time."""

    database: Database
    channel: MailChannel
    sender: Person
    clock: Clock
    chance: Random

    async def send_due(self) -> Round:
        """Send what is due now and return what came of it. Call it again and again.

        A mail that fails is tried again, later and later, for a day. Cancelling lets the mail at work go out or be
        tried again.
        """
        due, given_up = await asyncio.to_thread(self._look)
        sent = 0
        for item in due:
            failed = await self._send(item)
            sent += failed is None
            gone = await asyncio.to_thread(self._write_down, item, failed)
            given_up = (*given_up, *gone)
        return Round(sent, given_up)

    async def _send(self, item: _Due) -> MailError | None:
        try:
            message = mime_message(item.mail, key=item.effect.key, sender=self.sender, now=self.clock.now())
            await self.channel.deliver(message)
        except MailError as error:
            if item.effect.attempts == 0:  # said once; each attempt is counted in the outbox
                log.warning("mail.failed", key=item.effect.key, error=str(error))
            return error
        return None

    def _look(self) -> tuple[Sequence[_Due], tuple[GivenUp, ...]]:
        now = self.clock.now()
        ready: list[_Due] = []
        given_up: list[GivenUp] = []
        with self.database.reading() as session:
            if not outbox.due_effects(session, _KINDS, now, 1):
                return (), ()  # the usual case takes no lock
        with self.database.transaction() as session:
            for effect in outbox.due_effects(session, _KINDS, now, _AT_ONCE):
                try:
                    mail = msgspec.convert(effect.payload, Mail)
                except msgspec.ValidationError as error:
                    # Of another version, or edited by hand: it must not stand in the others' way.
                    log.exception("mail.unreadable", key=effect.key)
                    outbox.mark_done(session, effect.id, now=now, error=f"unreadable: {error}")
                    continue
                match _still_right(session, mail, now):
                    case SendAt(at) if at <= now:
                        ready.append(_Due(effect, mail))
                    case SendAt(at):
                        messages.put_off(session, effect.id, at)
                    case Withhold(why):
                        given_up += _give_up(session, _Due(effect, mail), MessageState.WITHHELD, why, now)
                    case never:
                        assert_never(never)
        return ready, tuple(given_up)

    def _write_down(self, item: _Due, failed: MailError | None) -> tuple[GivenUp, ...]:
        now = self.clock.now()
        with self.database.transaction() as session:
            if failed is None:
                outbox.mark_done(session, item.effect.id, now=now)
                messages.forget_letter(session, item.effect.id)
                if item.mail.message_id is not None:
                    messages.mark_sent(session, item.mail.message_id, now)
                return ()
            attempts = item.effect.attempts + 1
            if isinstance(failed, MailRefusedError) or is_hopeless(attempts, item.mail.wanted_at, now):
                return _give_up(session, item, MessageState.FAILED, str(failed), now)
            again_at = next_try(attempts, now, self.chance.random())
            outbox.mark_failed(session, item.effect.id, error=str(failed), try_again_at=again_at)
            return ()


def _still_right(session: Session, mail: Mail, now: datetime) -> SendAt | Withhold:
    """Judge again what was planned: much may have happened since, and it may be night."""
    if mail.not_after is not None and now >= mail.not_after:
        return Withhold("it would come too late")
    if mail.message_id is None or mail.customer_id is None:
        return SendAt(now)
    record = messages.message_by_id(session, mail.message_id)
    if record is None or record.state is not MessageState.PLANNED:
        return Withhold(record.why if record is not None else "its record is gone")
    ticket = find_ticket(session, record.ticket_id)
    past = untrue(record.stage, record.occasion, ticket, booked_visit(session, ticket.id))
    if past:
        return Withhold(past)
    customer = people.customer_by_id(session, mail.customer_id)
    if customer is None or Purpose.MAIL not in people.consents_of(session, customer.id):
        return Withhold("the owner does not agree to messages by mail any more")
    return SendAt(now if mail.urgent else waking(customer, now))


def _give_up(session: Session, item: _Due, state: MessageState, why: str, now: datetime) -> tuple[GivenUp, ...]:
    """Put the mail aside for good; what its record says already is not said again."""
    outbox.mark_done(session, item.effect.id, now=now, error=why)
    messages.forget_letter(session, item.effect.id)
    said_before = item.mail.message_id is not None and not messages.mark_unsent(
        session, item.mail.message_id, state, why
    )
    if said_before:
        return ()
    sentence = f"The mail “{item.mail.subject}” was not sent: {why}."
    tell(session, int(item.mail.ticket.removeprefix("T-")), Line(now, StoryKind.MESSAGE, sentence))
    return (GivenUp(item.mail.ticket, sentence),)
