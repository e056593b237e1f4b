"""Telling an owner about a moment of a ticket (shell, inside the caller's transaction).

What is decided, the record of it and the effects it wants commit together. A message that is not sent is a record
too, with its reason. Nothing here talks to the world: mails and notices lie in the outbox afterwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlmodel import Session

from agent.care import matter as about
from agent.care.compose import compose, compose_notice, compose_occasion
from agent.care.customer import Customer, Purpose
from agent.care.letter import Letter
from agent.care.links import DATA_OPEN_FOR, RATING_OPEN_FOR, LinkPurpose, link_url, make_link
from agent.care.mail import CalendarEntry, Mail
from agent.care.matter import Appointment, Links, Matter
from agent.care.message import OVERTAKES, VISIT_STAGES, Channel, Draft, Message, MessageState, Stage
from agent.care.standing import occasion_of
from agent.care.timing import WEEK, Moment, SendAt, Withhold, sentence, when_to_send
from agent.desk.ticket import Ticket
from agent.diagnose.playbook import Playbook
from agent.service.invitation import Person
from agent.service.visit import Visit
from agent.store import messages, outbox, people, visits
from agent.store.outbox import EffectKind

NOTICE_SHOWN_FOR = timedelta(days=7)
_LINK_OUTLIVES_VISIT = timedelta(days=1)


def tell_owner(  # noqa: PLR0913 - the moment and all that a message may speak of; keywords keep them apart
    session: Session,
    *,
    ticket: Ticket,
    stage: Stage,
    playbook: Playbook,
    now: datetime,
    public_url: str,
    visit: Visit | None = None,
    ask_rating: bool = False,
) -> str:
    """Plan what the owner hears about this moment, or write down why they do not; return a sentence for the story.

    Once a stage and ticket: asking again changes nothing. ``visit`` is needed for the stages about one, and each of its
    changes is a moment of its own. ``ask_rating`` adds the link to the rating page, if they agreed to surveys.
    """
    customer = people.owner_of(session, ticket.device_id)
    if customer is None:
        return "nobody was told: the device's owner is not known"
    told = messages.messages_of_ticket(session, ticket.id)
    telling = _Telling(
        session=session,
        ticket=ticket,
        stage=stage,
        now=now,
        public_url=public_url,
        visit=visit,
        customer=customer,
        agreed=people.consents_of(session, customer.id),
        ask_rating=ask_rating,
        told=told,
        matter=about.matter_of(ticket, stage, playbook, customer, told=told),
        safety=(fault := about.fault_of(ticket, playbook)) is not None and fault.safety,
    )
    if any(message.stage is stage and message.occasion == telling.occasion for message in told):
        return f"nothing new to tell: the owner's message about {stage} was decided before"
    return telling.tell()


def is_told(session: Session, ticket_id: int, stages: Collection[Stage]) -> bool:
    """Tell whether the owner has heard of one of these moments of a ticket, or is about to."""
    return any(
        message.stage in stages and message.state in {MessageState.PLANNED, MessageState.SENT}
        for message in messages.messages_of_ticket(session, ticket_id)
    )


def has_heard(session: Session, ticket_id: int, stage: Stage) -> bool:
    """Tell whether a message about a moment of a ticket has reached the owner."""
    told = messages.messages_of_ticket(session, ticket_id)
    return any(message.stage is stage and about.has_reached(message) for message in told)


@dataclass(frozen=True, slots=True)
class _Written:
    """What staff read of a message: no link in it works."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class _Fate:
    """What was decided about a message; ``why`` is empty when it goes out."""

    state: MessageState
    due_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Telling:
    """One moment, with all that telling it needs."""

    session: Session
    ticket: Ticket
    stage: Stage
    now: datetime
    public_url: str
    visit: Visit | None
    customer: Customer
    agreed: frozenset[Purpose]
    ask_rating: bool
    told: Sequence[Message]
    matter: Matter
    safety: bool

    @property
    def occasion(self) -> str:
        """What tells this moment apart from others of its stage."""
        if self.visit is None or self.stage not in VISIT_STAGES:
            return ""
        return occasion_of(self.visit)

    def tell(self) -> str:
        shows = Purpose.DEVICE in self.agreed
        asks = self.ask_rating and Purpose.SURVEY in self.agreed
        matter = replace(self.matter, on_device=shows, appointment=self._appointment())
        self._overtake()
        verdict = self._timing()
        said = [f"mail {sentence(verdict)}"]
        match verdict:
            case SendAt(at):
                self._mail(matter, at, asks=asks)
            case Withhold(why):
                self._record(Channel.MAIL, _written(compose(matter)), _Fate(MessageState.WITHHELD, self.now, why))
        said.append(self._notice(matter, shows=shows, asks=asks))
        if self.ask_rating:
            said.append(_survey(asks=asks, reaches=shows or isinstance(verdict, SendAt)))
        return "; ".join(said)

    def _timing(self) -> SendAt | Withhold:
        if self.stage is Stage.VISIT_CANCELLED and not self._heard_of_visit():
            return Withhold("the owner had not heard of the visit by mail")
        moment = Moment(
            stage=self.stage,
            customer=self.customer,
            agrees=Purpose.MAIL in self.agreed,
            noticeable=about.is_noticeable(self.ticket, self.told, self.now),
            safety=self.safety,
            due_lately=messages.mail_due_since(self.session, customer_id=self.customer.id, since=self.now - WEEK),
        )
        return when_to_send(moment, self.now)

    def _heard_of_visit(self) -> bool:
        return any(
            message.stage in VISIT_STAGES and message.channel is Channel.MAIL and message.state is MessageState.SENT
            for message in self.told
        )

    def _overtake(self) -> None:
        """Take back mails about earlier moments that were not sent yet: the newest state is the one to tell."""
        for message in self.told:
            unsent = message.channel is Channel.MAIL and message.state is MessageState.PLANNED
            if unsent and message.stage in OVERTAKES[self.stage]:
                why = f"overtaken by {self.stage} before it was sent"
                messages.mark_unsent(self.session, message.id, MessageState.WITHHELD, why)

    def _mail(self, matter: Matter, at: datetime, *, asks: bool) -> None:
        linked = replace(matter, links=self._links(at, asks=asks))
        letter = compose(linked)
        record = self._record(Channel.MAIL, _written(letter), _Fate(MessageState.PLANNED, at))
        mail = Mail(
            ticket=self.ticket.number,
            to=Person(self.customer.name, self.customer.email),
            lang=letter.lang,
            subject=letter.subject,
            text=letter.as_text(),
            html=letter.as_html(),
            wanted_at=at,
            message_id=record.id,
            customer_id=self.customer.id,
            urgent=self.safety,
            not_after=self.visit.starts_at if self.visit is not None and self.stage in VISIT_STAGES else None,
            calendar=self._calendar(linked),
        )
        self._want(EffectKind.MAIL, msgspec.to_builtins(mail), at)

    def _links(self, at: datetime, *, asks: bool) -> Links:
        rate_url = visit_url = None
        rate_until = at + RATING_OPEN_FOR
        if asks:
            rate_url = self._link(LinkPurpose.RATE, str(self.ticket.id), rate_until)
        if self.visit is not None and self.stage in {Stage.VISIT_BOOKED, Stage.VISIT_MOVED}:
            visit_url = self._link(LinkPurpose.VISIT, str(self.visit.id), self.visit.ends_at + _LINK_OUTLIVES_VISIT)
        me_url = self._link(LinkPurpose.ME, self.customer.id, at + DATA_OPEN_FOR)
        return Links(rate_url=rate_url, rate_until=rate_until if asks else None, visit_url=visit_url, me_url=me_url)

    def _link(self, purpose: LinkPurpose, subject: str, expires_at: datetime) -> str:
        token = make_link(self.session, purpose=purpose, subject=subject, now=self.now, expires_at=expires_at)
        return link_url(self.public_url, purpose, token)

    def _calendar(self, matter: Matter) -> CalendarEntry | None:
        if self.visit is None or self.stage not in VISIT_STAGES:
            return None
        return CalendarEntry(self.visit, compose_occasion(matter))

    def _appointment(self) -> Appointment | None:
        visit = self.visit or visits.last_done_visit(self.session, self.ticket.id)
        if visit is None:
            return None
        technician = visits.technician_by_id(self.session, visit.technician_id)
        return Appointment(visit, technician.name if technician is not None else "")

    def _notice(self, matter: Matter, *, shows: bool, asks: bool) -> str:
        notice = compose_notice(matter)
        written = _Written(notice.title, notice.text)
        if not shows:
            why = "the owner has not agreed to messages on the device"
            self._record(Channel.DEVICE, written, _Fate(MessageState.WITHHELD, self.now, why))
            return f"notice withheld: {why}"
        record = self._record(Channel.DEVICE, written, _Fate(MessageState.PLANNED, self.now))
        payload = {
            "device_id": self.ticket.device_id,
            "message_id": record.id,
            "v": 1,
            "ticket": self.ticket.number,
            "lang": matter.lang,
            "title": notice.title,
            "text": notice.text,
            "ask_rating": asks,
            "not_after": int((self.now + NOTICE_SHOWN_FOR).timestamp() * 1000),
        }
        self._want(EffectKind.NOTICE, payload, self.now)
        return "notice put on the device"

    def _record(self, channel: Channel, written: _Written, fate: _Fate) -> Message:
        draft = Draft(
            ticket_id=self.ticket.id,
            customer_id=self.customer.id,
            stage=self.stage,
            occasion=self.occasion,
            channel=channel,
            lang=self.matter.lang,
            subject=written.subject,
            body=written.body,
            state=fate.state,
            why=fate.why,
            created_at=self.now,
            due_at=fate.due_at,
        )
        return messages.add_message(self.session, draft)

    def _want(self, kind: EffectKind, payload: Mapping[str, Any], due_at: datetime) -> None:
        key = ":".join(filter(None, (kind, self.ticket.number, self.stage, self.occasion)))
        outbox.put(self.session, kind=kind, key=key, payload=payload, due_at=due_at)


def _written(letter: Letter) -> _Written:
    return _Written(letter.subject, letter.as_text(with_links=False))


def _survey(*, asks: bool, reaches: bool) -> str:
    if not asks:
        return "no rating asked for: the owner has not agreed to surveys"
    return "a rating is asked for" if reaches else "no rating asked for: nothing reaches the owner"
