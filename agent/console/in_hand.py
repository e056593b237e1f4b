"""What staff can do with a ticket now (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.console.reader import Reader
from agent.desk.ticket import Ticket, TicketState
from agent.diagnose.playbook import Fault, Playbook
from agent.service.visit import Visit


class Action(StrEnum):
    """What staff can do with a ticket now."""

    APPROVE = "approve"
    REJECT = "reject"
    TAKE_OVER = "take_over"
    CLOSE = "close"
    REOPEN = "reopen"
    VISITED = "visited"
    FAILED = "failed"
    THAW = "thaw"
    TRY = "try"
    VISIT = "visit"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class RemedyWords:
    """A remedy of the fault that staff can send. ``words`` is like "Restart again"; ``takes_two``: it may do harm."""

    name: str
    words: str
    takes_two: bool


def fault_of(ticket: Ticket, playbooks: Mapping[str, Playbook]) -> Fault | None:
    """Return what the playbook says of the ticket's fault; ``None``: none is named, or it is not there any more."""
    playbook = playbooks.get(ticket.product)
    known = () if playbook is None else playbook.faults
    return next((fault for fault in known if fault.name == ticket.fault), None)


def possible_actions(
    ticket: Ticket, visit: Visit | None, fault: Fault | None, now: datetime, *, waiting: bool
) -> frozenset[Action]:
    """Return what staff can do now; a note can always be written. ``waiting``: a command waits for their word."""
    actions = {Action.NOTE}
    if ticket.state is TicketState.CLOSED:
        if not ticket.gathers:
            actions.add(Action.REOPEN)
    elif ticket.gathers:
        actions.add(Action.THAW)
    else:
        actions.add(Action.CLOSE)
        if ticket.state is not TicketState.HEALED:
            actions.add(Action.FAILED)
    agent_is_at_it = ticket.state not in {TicketState.CLOSED, TicketState.WITH_PERSON}
    if agent_is_at_it or (ticket.state is TicketState.WITH_PERSON and ticket.owner is None):
        actions.add(Action.TAKE_OVER)
    if visit is not None and visit.lacks_report:
        actions.add(Action.VISITED)
    if waiting:
        actions |= {Action.APPROVE, Action.REJECT}
    return frozenset(actions | _with_person(ticket, visit, fault, now))


def _with_person(ticket: Ticket, visit: Visit | None, fault: Fault | None, now: datetime) -> frozenset[Action]:
    """Return what a person can set going: also where the agent has nothing left, a ticket is no dead end."""
    if ticket.state is not TicketState.WITH_PERSON or ticket.gathers or fault is None:
        return frozenset()
    ahead = visit is not None and visit.is_ahead(now)
    return frozenset(
        ({Action.TRY} if fault.remedies else set()) | ({Action.VISIT} if fault.skill and not ahead else set())
    )


def remedy_words(ticket: Ticket, fault: Fault | None, reader: Reader) -> tuple[RemedyWords, ...]:
    """Return the remedies of the fault, in the playbook's order."""
    tried = {one.remedy for one in ticket.tried}
    found = (reader.remedy(ticket.product, name) for name in (() if fault is None else fault.remedies))
    return tuple(
        RemedyWords(
            remedy.name,
            remedy.name.replace("_", " ") + (" again" if remedy.name in tried else ""),
            not remedy.reversible,
        )
        for remedy in found
        if remedy is not None
    )
