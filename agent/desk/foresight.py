"""How long a device will last, what was promised of it, and what came of that (shell, in the caller's transaction)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from agent.desk.ticket import StoryKind, Ticket
from agent.desk.turn import Turn
from agent.diagnose.playbook import Fault, FaultKind
from agent.diagnose.promise import Ending, Promise, ended
from agent.diagnose.time_left import Look, TimeLeft, time_left
from agent.health.findings import FindingKind
from agent.store.findings import findings_of_device
from agent.store.learning import courses_of, find_impression, save_impression
from agent.store.promises import find_promise, save_promise

_BEFORE: Final = timedelta(days=3)  # a ticket on slow wear may have passed once, and be back
_NEWEST_FINDINGS: Final = 200
_DAY: Final = timedelta(days=1)


def foresee(turn: Turn, ticket: Ticket, fault: Fault) -> TimeLeft | None:
    """Return how long the device will last with this fault; ``None``: nothing to say it from, or it is none of its."""
    if fault.kind in {FaultKind.BENIGN, FaultKind.OWNER}:
        return None
    courses = courses_of(turn.session, ticket.product, fault.name)
    return time_left(courses, turn.now - ticket.opened_at, _looks(turn, ticket.device_id, ticket.opened_at - _BEFORE))


def _looks(turn: Turn, device_id: str, since: datetime) -> tuple[Look, ...]:
    """Return the drift of a device since then: what it was weeks ago has nothing to do with this ticket."""
    filed = findings_of_device(turn.session, device_id, _NEWEST_FINDINGS)
    past = [one.finding for one in filed if one.finding.kind is FindingKind.DRIFT and one.finding.at >= since]
    looks = [Look((finding.at - turn.now) / _DAY, finding.score) for finding in reversed(past)]
    view = turn.view(device_id)
    if view is not None and view.sample_at is not None and looks:
        looks.append(Look((view.sample_at - turn.now) / _DAY, view.drift))
    return tuple(looks)


def promise(turn: Turn, ticket: Ticket, fault: str, left: TimeLeft | None) -> None:
    """Write down what is promised now; one promise a ticket.

    A fault named anew replaces one that is open, and what came true or not stands.
    """
    made = find_promise(turn.session, ticket.id)
    if made is not None and made.ending not in {None, Ending.DROPPED}:
        return
    drop_promise(turn, ticket.id)
    if left is None:
        return
    save_promise(
        turn.session,
        Promise(
            ticket_id=ticket.id,
            product=ticket.product,
            fault=fault,
            made_at=turn.now,
            early_at=turn.now + left.earliest,
            late_at=turn.now + left.latest,
            basis=left.basis,
            alike=left.alike,
            within=left.within,
        ),
    )


def drop_promise(turn: Turn, ticket_id: int) -> None:
    """Take back what was promised on a ticket whose fault turned out to be another; what came true or not stands."""
    made = find_promise(turn.session, ticket_id)
    if made is not None and made.ending is None:
        save_promise(turn.session, replace(made, ending=Ending.DROPPED, ended_at=turn.now))


def note_failure(turn: Turn, ticket_id: int, actor: str) -> None:
    """Note that the device no longer does its work, by now; the first time counts."""
    kept = find_impression(turn.session, ticket_id)
    if kept is not None and kept.failed_at is None and kept.over_at is None:
        turn.tell(ticket_id, StoryKind.FINDING, "It no longer does its work.", actor=actor)
        save_impression(turn.session, replace(kept, failed_at=turn.now))
        _end_promise(turn, ticket_id, turn.now, failed=True)


def note_over(turn: Turn, ticket_id: int) -> None:
    """Note that the device was put right, or left alone, before it failed; the first time counts."""
    kept = find_impression(turn.session, ticket_id)
    if kept is not None and kept.failed_at is None and kept.over_at is None:
        save_impression(turn.session, replace(kept, over_at=turn.now))
        _end_promise(turn, ticket_id, turn.now, failed=False)


def _end_promise(turn: Turn, ticket_id: int, at: datetime, *, failed: bool) -> None:
    made = find_promise(turn.session, ticket_id)
    if made is not None and made.ending is None:
        save_promise(turn.session, ended(made, at, failed=failed))
