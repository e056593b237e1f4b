"""What an owner sees behind a link (pure): what happened in two sentences, and one thing to do."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agent.care.customer import Customer
from agent.care.languages import Calendar, calendar_for, phrases_for
from agent.care.matter import Matter, matter_of
from agent.care.message import Message, Stage
from agent.care.rating import Rating
from agent.console.owner_words import OwnerWords, owner_words
from agent.desk.ticket import Story, StoryKind, Ticket
from agent.diagnose.playbook import Playbook
from agent.service.visit import Slot, Technician, Visit, VisitState

CONFIRMED = "Confirmed the time of the visit."


@dataclass(frozen=True, slots=True)
class Score:
    """One of five buttons."""

    value: int
    words: str
    stars: str


@dataclass(frozen=True, slots=True)
class RatePage:
    """The rating page. ``rating`` is the owner's earlier answer; ``None``: not answered yet."""

    words: OwnerWords
    ticket: str
    title: str
    happened: tuple[str, ...]
    scores: tuple[Score, ...]
    rating: Rating | None
    said: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A time the visit could move to."""

    slot_id: int
    day: str
    time: str


@dataclass(frozen=True, slots=True)
class VisitPage:
    """The visit page. ``past``: its end has come, and nothing about it can change.

    ``notice`` says what was just done or why it was not; empty otherwise.
    """

    words: OwnerWords
    ticket: str
    title: str
    happened: tuple[str, ...]
    day: str
    time: str
    who: str
    zone: str
    state: VisitState
    past: bool
    confirmed: bool
    choices: tuple[Choice, ...]
    notice: str


def nobody(zone: str = "UTC") -> Customer:
    """Return an owner of whom nothing is known; pages are then in English and in that zone."""
    return Customer(id="", name="", email="", zone=zone)


def _matter(ticket: Ticket, playbook: Playbook, owner: Customer, told: Collection[Message], stage: Stage) -> Matter:
    return matter_of(ticket, stage, playbook, owner, told=told)


def happened(matter: Matter, calendar: Calendar) -> tuple[str, ...]:
    """Return what was noticed and what was done, a sentence each, in the owner's language."""
    phrases = phrases_for(matter.lang)
    fields = {"device": matter.device, "ticket": matter.ticket}
    seen = matter.words.seen if matter.words is not None else phrases.something_unusual.format(**fields)
    if matter.deeds:
        deed = matter.deeds[-1]
        done = phrases.device_did.format(done=deed.words, when=calendar.date_and_time(deed.at), **fields)
    elif matter.verified:
        done = phrases.by_itself
    else:
        done = ""
    proof = phrases.verified_short if matter.verified else ""
    said = " ".join(part for part in (_capital(done), proof) if part)
    return tuple(part for part in (_capital(seen), said) if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def rate_page(
    ticket: Ticket, playbook: Playbook, owner: Customer, told: Collection[Message], rating: Rating | None
) -> RatePage:
    """Return the rating page."""
    matter = _matter(ticket, playbook, owner, told, Stage.FIXED)
    words = owner_words(matter.lang)
    calendar = calendar_for(owner.lang, phrases_for(matter.lang), owner.zone)
    scores = tuple(Score(value, words.scores[value - 1], "★" * value + "☆" * (5 - value)) for value in (5, 4, 3, 2, 1))
    said = "" if rating is None else words.you_said.format(score=rating.score, words=words.scores[rating.score - 1])
    return RatePage(
        words=words,
        ticket=words.your_ticket.format(ticket=ticket.number),
        title=_capital(matter.device),
        happened=happened(matter, calendar),
        scores=scores,
        rating=rating,
        said=said,
    )


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit with all its page needs. ``others`` are times it could move to; ``story`` is its ticket's.

    ``past``: its end has come.
    """

    visit: Visit
    technician: Technician | None
    others: Sequence[Slot]
    story: Sequence[Story]
    past: bool = False


def visit_page(
    ticket: Ticket, playbook: Playbook, owner: Customer, appointment: Appointment, notice: str = ""
) -> VisitPage:
    """Return the visit page, in the owner's language and local time."""
    matter = _matter(ticket, playbook, owner, (), Stage.VISIT_BOOKED)
    words = owner_words(matter.lang)
    calendar = calendar_for(owner.lang, phrases_for(matter.lang), owner.zone)
    visit = appointment.visit
    name = "" if appointment.technician is None else appointment.technician.name
    return VisitPage(
        words=words,
        ticket=words.your_ticket.format(ticket=ticket.number),
        title=_capital(matter.device),
        happened=happened(matter, calendar)[:1],
        day=calendar.date(visit.starts_at),
        time=f"{calendar.time(visit.starts_at)} – {calendar.time(visit.ends_at)}",
        who=words.visit_who.format(technician=name) if name else "",
        zone=words.times_in.format(zone=owner.zone.replace("_", " ")),
        state=visit.state,
        past=appointment.past,
        confirmed=is_confirmed(appointment.story),
        choices=tuple(
            Choice(slot.id, calendar.date(slot.starts_at), calendar.time(slot.starts_at))
            for slot in appointment.others
            if slot.starts_at != visit.starts_at
        ),
        notice=notice,
    )


def is_confirmed(story: Sequence[Story]) -> bool:
    """Tell whether the owner confirmed the time as it is now: the newest word about the visit is theirs, and yes."""
    about = [entry for entry in story if entry.kind is StoryKind.VISIT]
    return bool(about) and about[-1].text == CONFIRMED
