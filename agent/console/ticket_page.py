"""What a ticket's page shows (pure): where it stands, what gave it away, what is proposed, and the whole story."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from agent.act.command import Command
from agent.care.customer import Customer
from agent.care.rating import Rating
from agent.console.clues import Clue, clues
from agent.console.health_words import HealthWords, health_words
from agent.console.in_hand import Action, RemedyWords, fault_of, possible_actions, remedy_words
from agent.console.instants import Moment, day_words, moment, span, zone_named
from agent.console.proposal import Proposal, proposal_of, sends
from agent.console.reader import Reader
from agent.console.words import (
    COMMAND_STATES,
    KINDS,
    OUTCOMES,
    STATES,
    Label,
    Tone,
    sentence,
    title_of,
)
from agent.desk.lessons import IN_ORDER
from agent.desk.ticket import Outcome, Story, StoryKind, Ticket, TicketState
from agent.desk.two_people import ALONE_UP_TO
from agent.diagnose.experience import UNKNOWN
from agent.diagnose.explain import certainty
from agent.health.findings import HealthView
from agent.service.visit import Technician, Visit
from agent.store.ticket_file import Gathered, Record, TicketFile

AGENT, DEVICE, OWNER = "agent", "device", "owner"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the story. ``who`` is how its author is named."""

    id: int
    at: Moment
    label: Label
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one local day."""

    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class RecordWords:
    """How a remedy ended on devices like this one. ``share`` 0..100 is healed of tried, for a bar."""

    remedy: str
    summary: str
    rest: str
    share: int


@dataclass(frozen=True, slots=True)
class VisitWords:
    """A visit as staff read it, in the owner's local time where the owner is known."""

    id: int
    when: Moment
    until: str
    zone: str
    technician: str
    state: str
    parts: str
    report: str


@dataclass(frozen=True, slots=True)
class CommandWords:
    """A command of the journal on one line."""

    id: str
    sends: str
    state: str
    at: Moment
    detail: str


@dataclass(frozen=True, slots=True)
class Child:
    """One of the tickets that one about many devices holds back."""

    number: str
    device_id: str
    label: Label


@dataclass(frozen=True, slots=True)
class Gathering:
    """What a ticket about many devices holds back. ``more`` counts those not listed; ``holds``: it still does.

    ``matter`` names exactly these, so that nobody lets others go on than they have seen.
    """

    count: int
    matter: str
    first: tuple[Child, ...]
    more: int
    holds: bool
    takes_two: bool


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A ticket as staff see it. ``None`` where there is nothing (yet). ``faults``: what it may have been, and words.

    ``agreed_by`` is who has said yes to something that takes two people; empty: nobody.
    """

    ticket: Ticket
    label: Label
    title: str
    probability: str
    product: str
    opened: Moment
    changed: Moment
    time_left: str
    explanation: str
    health: HealthWords
    clues: tuple[Clue, ...]
    proposal: Proposal | None
    actions: frozenset[Action]
    days: tuple[Day, ...]
    records: tuple[RecordWords, ...]
    commands: tuple[CommandWords, ...]
    visit: VisitWords | None
    rating: Rating | None
    owner: Customer | None
    owner_clock: str
    faults: tuple[tuple[str, str], ...]
    remedies: tuple[RemedyWords, ...]
    gathering: Gathering | None
    agreed_by: str

    @property
    def key(self) -> str:
        """What the forms of this page depend on: while it stays the same, an open page keeps what is typed there."""
        waiting = "" if self.proposal is None else self.proposal.command_id
        return f"{self.ticket.state} {self.ticket.owner or ''} {waiting} {self.agreed_by}"


def ticket_page(file: TicketFile, view: HealthView | None, reader: Reader) -> TicketPage:
    """Return a ticket's page."""
    ticket = file.ticket
    reader = reader.of_ticket(ticket)
    proposal = proposal_of(file, reader)
    fault = fault_of(ticket, reader.playbooks)
    return TicketPage(
        ticket=ticket,
        label=STATES[ticket.state],
        title=_title(ticket, reader),
        probability=certainty(ticket.probability) if ticket.fault is not None and not ticket.gathers else "",
        product=reader.product(ticket.product),
        opened=reader.moment(ticket.opened_at),
        changed=reader.moment(ticket.changed_at),
        time_left=_time_left(ticket, reader),
        explanation=reader.local_times(ticket.explanation),
        health=health_words(view, file.device, reader),
        clues=clues(file, fault, reader),
        proposal=proposal,
        actions=possible_actions(ticket, file.visit, fault, reader.now, waiting=proposal is not None),
        days=days(file.story, reader),
        records=tuple(record_words(record, reader, ticket.product) for record in file.records),
        commands=tuple(_command(command, reader) for command in file.commands),
        visit=None if file.visit is None else _visit(file.visit, file.technician, file.owner, reader),
        rating=file.rating,
        owner=file.owner,
        owner_clock="" if file.owner is None else moment(reader.now, reader.now, zone_named(file.owner.zone)).clock,
        faults=_faults(ticket, reader),
        remedies=remedy_words(ticket, fault, reader),
        gathering=None if file.gathered is None else _gathering(file.gathered),
        agreed_by="" if file.agreed is None or not file.agreed.stands_at(reader.now) else file.agreed.by,
    )


def _title(ticket: Ticket, reader: Reader) -> str:
    return title_of(reader.fault(ticket.product, ticket.fault), gathers=ticket.gathers)


def _gathering(gathered: Gathered) -> Gathering:
    first = tuple(Child(child.number, child.device_id, STATES[child.state]) for child in gathered.first)
    holds = gathered.freeze is not None and gathered.freeze.lifted_at is None
    return Gathering(
        count=gathered.count,
        matter=gathered.matter,
        first=first,
        more=gathered.count - len(first),
        holds=holds,
        takes_two=gathered.count > ALONE_UP_TO,
    )


def _faults(ticket: Ticket, reader: Reader) -> tuple[tuple[str, str], ...]:
    """Return what somebody may say it was: each fault of the playbook, none of them, and nothing at all."""
    playbook = reader.playbooks.get(ticket.product)
    if playbook is None:
        return ()
    known = sorted((fault.words_in("en").name, fault.name) for fault in playbook.faults)
    return (
        *((name, words[:1].upper() + words[1:]) for words, name in known),
        (UNKNOWN, "Something else"),
        (IN_ORDER, "Nothing was wrong"),
    )


def _time_left(ticket: Ticket, reader: Reader) -> str:
    if ticket.fails_by is None or ticket.state in (TicketState.HEALED, TicketState.CLOSED):
        return ""
    left = ticket.fails_by - reader.now
    return f"{span(left)} before the owner would notice" if left.total_seconds() > 0 else "The owner may notice by now"


def days(story: Sequence[Story], reader: Reader) -> tuple[Day, ...]:
    """Return the story by local day, in the order it was told."""
    return tuple(
        Day(name, tuple(_entry(entry, reader) for entry in entries))
        for name, entries in groupby(story, key=lambda entry: day_words(entry.at, reader.now, reader.zone))
    )


def _entry(entry: Story, reader: Reader) -> Entry:
    who = {AGENT: "The agent", DEVICE: "The device", OWNER: "The owner"}.get(entry.actor, entry.actor)
    label = KINDS[entry.kind]
    if entry.kind is StoryKind.NOTE and entry.actor not in (AGENT, DEVICE, OWNER):
        label = Label("Note", Tone.ASK, "note")
    return Entry(entry.id, reader.moment(entry.at), label, who, sentence(reader.local_times(entry.text)))


def record_words(record: Record, reader: Reader, product: str) -> RecordWords:
    """Return how a remedy ended, in words."""
    rest = [f"{OUTCOMES[outcome]} {count}" for outcome, count in record.outcomes if outcome is not Outcome.HEALED]
    known = reader.remedy(product, record.remedy)
    return RecordWords(
        remedy=(record.remedy if known is None else known.name).replace("_", " ").capitalize(),
        summary=f"healed {record.healed} of {record.tried}" if record.tried else "not tried yet",
        rest=", ".join(rest),
        share=round(100 * record.healed / record.tried) if record.tried else 0,
    )


def _command(command: Command, reader: Reader) -> CommandWords:
    at = reader.moment(command.answered_at or command.sent_at or command.created_at)
    return CommandWords(command.id, sends(command), COMMAND_STATES[command.state], at, command.detail)


def _visit(visit: Visit, technician: Technician | None, owner: Customer | None, reader: Reader) -> VisitWords:
    zone = zone_named(owner.zone) if owner is not None else reader.zone
    return VisitWords(
        id=visit.id,
        when=moment(visit.starts_at, reader.now, zone),
        until=moment(visit.ends_at, reader.now, zone).clock,
        zone="" if owner is None else owner.zone,
        technician="" if technician is None else technician.name,
        state=visit.state.value,
        parts=", ".join(part.replace("_", " ") for part in visit.parts),
        report=visit.report,
    )
