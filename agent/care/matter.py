"""What a message to an owner is about (pure): drawn from the ticket, the playbook and the visit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agent.care.customer import Customer
from agent.care.languages import phrases_for
from agent.care.message import Channel, Message, MessageState, Stage
from agent.desk.ticket import Outcome, Ticket, TicketState
from agent.diagnose.playbook import Fault, Playbook, Words
from agent.service.visit import Visit

_DID_NOT_HELP = frozenset({Outcome.NOT_HEALED, Outcome.WORSE, Outcome.RECURRED})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something the device did to itself, in the reader's language ("restarted its controller"), and when.

    ``sets``: it left a setting as the playbook has it, which somebody at the device may have wanted otherwise.
    """

    words: str
    at: datetime
    sets: bool = False


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit as the owner needs to know it. ``technician`` may be empty."""

    visit: Visit
    technician: str


@dataclass(frozen=True, slots=True)
class Links:
    """What the owner can press. ``None``: there is no such page for this message."""

    rate_url: str | None = None
    rate_until: datetime | None = None
    visit_url: str | None = None
    me_url: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """All a message is about.

    ``device`` names it with its article in the reader's language ("your freezer"). ``words`` are ``None`` when no
    fault was named. ``deeds`` are what helped, or at the stage ``with_person`` what did not. ``verified``: the
    device's own signal is back to its normal. ``asked_owner``: they were asked to do something about it.
    ``on_device``: the device's display shows the ticket number.
    """

    ticket: str
    stage: Stage
    customer: Customer
    lang: str  # one of ``LANGUAGES``; all words are in it
    device: str
    words: Words | None
    deeds: tuple[Deed, ...] = ()
    verified: bool = False
    asked_owner: bool = False
    appointment: Appointment | None = None
    on_device: bool = False
    links: Links = Links()


def matter_of(
    ticket: Ticket, stage: Stage, playbook: Playbook, customer: Customer, *, told: Collection[Message]
) -> Matter:
    """Return the matter in the best language the customer and the playbook share.

    ``told`` are the ticket's messages so far. Links, the appointment and whether the device shows the number are for
    the caller to add.
    """
    fault = fault_of(ticket, playbook)
    languages = {words.lang for words in fault.words} if fault is not None else {lang for lang, _ in playbook.called}
    lang = phrases_for(customer.lang, languages).lang
    return Matter(
        ticket=ticket.number,
        stage=stage,
        customer=customer,
        lang=lang,
        device=playbook.called_in(lang),
        words=_words(fault, lang),
        deeds=_deeds(ticket, stage, playbook, lang),
        verified=is_verified(ticket),
        asked_owner=any(message.stage is Stage.NEEDS_YOU for message in told),
    )


def fault_of(ticket: Ticket, playbook: Playbook) -> Fault | None:
    """Return the fault the ticket names; ``None``: it names none, or this playbook does not know it any more."""
    return next((fault for fault in playbook.faults if fault.name == ticket.fault), None)


def is_verified(ticket: Ticket) -> bool:
    """Whether the device's own signal has proven that it is normal again."""
    return ticket.state is TicketState.HEALED or any(tried.outcome is Outcome.HEALED for tried in ticket.tried)


def is_noticeable(ticket: Ticket, told: Collection[Message], now: datetime) -> bool:
    """Whether the owner knows or feels that something was wrong: they heard of it, or the time left has run out."""
    heard = any(message.stage is not Stage.FIXED and has_reached(message) for message in told)
    return heard or (ticket.fails_by is not None and ticket.fails_by <= now)


def has_reached(message: Message) -> bool:
    """Whether the owner has had the chance to read it: a mail that is only planned they have not."""
    shown = message.channel is Channel.DEVICE and message.state is MessageState.PLANNED  # goes out at once
    return shown or message.state is MessageState.SENT


def _words(fault: Fault | None, lang: str) -> Words | None:
    if fault is None or not fault.words:
        return None
    by_lang = {words.lang: words for words in fault.words}
    return by_lang.get(lang) or by_lang.get("en")


def _deeds(ticket: Ticket, stage: Stage, playbook: Playbook, lang: str) -> tuple[Deed, ...]:
    telling = _DID_NOT_HELP if stage is Stage.WITH_PERSON else {Outcome.HEALED}
    remedies = {remedy.name: remedy for remedy in playbook.remedies}
    return tuple(
        Deed(remedies[tried.remedy].words_in(lang), tried.at, remedies[tried.remedy].rollback)
        for tried in ticket.tried
        if tried.outcome in telling and tried.remedy in remedies
    )
