"""The ticket queue as staff see it (shell): reading only, newest matter first, a page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from agent.desk.ticket import TicketState
from agent.store.tables import RatingRow, TicketRow
from agent.store.ticket_words import SHORTEST, has_words, tickets_mentioning

NEEDS_A_PERSON = (TicketState.AWAITING_APPROVAL, TicketState.WITH_PERSON)
IN_PROGRESS = (
    TicketState.NOTICED,
    TicketState.FIXING,
    TicketState.VERIFYING,
    TicketState.VISIT_BOOKED,
    TicketState.WITH_OWNER,
)
LOW_SCORE = 2


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A ticket on one line. ``score`` is the owner's rating (``None``: not rated); the rest as on the ticket."""

    id: int
    device_id: str
    product: str
    fault: str | None
    probability: float
    state: TicketState
    opened_at: datetime
    changed_at: datetime
    explanation: str
    resolution: str
    owner: str | None
    fails_by: datetime | None
    score: int | None
    gathers: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets stand where; ``healed`` and ``score`` (mean of ``ratings``) since the instant asked for."""

    needs_a_person: int
    in_progress: int
    healed: int
    ratings: int
    score: float | None


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; empty fields match everything.

    ``text`` is looked for in number, device, fault and words; one or two letters in number and device only, where the
    database keeps an index of words.
    """

    states: tuple[TicketState, ...] = ()
    device: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """True when nothing narrows the search."""
        return not (self.states or self.device or self.text)


def _entries() -> Select[TicketRow, int]:
    # The chart of a ticket is many times as long as the rest of it, and no list shows it.
    query = select(TicketRow, RatingRow.score).options(defer(TicketRow.chart), defer(TicketRow.tried))  # type: ignore[arg-type]  # SQLModel types a column as its value
    return query.join(RatingRow, col(RatingRow.ticket_id) == col(TicketRow.id), isouter=True)


def _read(session: Session, query: Select[TicketRow, int]) -> tuple[QueueEntry, ...]:
    return tuple(_entry(row, score) for row, score in session.exec(query))


def _entry(row: TicketRow, score: int | None) -> QueueEntry:
    assert row.id is not None  # read from the database
    return QueueEntry(
        id=row.id,
        device_id=row.device_id,
        product=row.product,
        fault=row.fault,
        probability=row.probability,
        state=TicketState(row.state),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        explanation=row.explanation,
        resolution=row.resolution,
        owner=row.owner,
        fails_by=row.fails_by,
        score=score,
        gathers=row.gathers,
    )


def _unhappy() -> Any:  # noqa: ANN401 - SQLAlchemy's expressions have no public common type
    """A low rating that nobody has answered yet: the ticket is still watched as healed."""
    return and_(col(RatingRow.score) <= LOW_SCORE, col(TicketRow.state) == TicketState.HEALED)


def needing_a_person(session: Session, limit: int) -> tuple[QueueEntry, ...]:
    """Return what only a person can move: those that fail soonest first, then the rest, longest waiting first.

    What is healed fails no more, whatever was expected before.
    """
    fails_by = case((col(TicketRow.state) != TicketState.HEALED, col(TicketRow.fails_by)))
    query = (
        _entries()
        .where(
            col(TicketRow.state).in_((*NEEDS_A_PERSON, TicketState.HEALED)),  # implied by the next; it has an index
            or_(col(TicketRow.state).in_(NEEDS_A_PERSON), _unhappy()),
        )
        .order_by(fails_by.asc().nulls_last(), col(TicketRow.changed_at), col(TicketRow.id))
        .limit(limit)
    )
    return _read(session, query)


def in_progress(session: Session, limit: int) -> tuple[QueueEntry, ...]:
    """Return what the agent, a technician or the owner is at, newest change first."""
    query = _entries().where(col(TicketRow.state).in_(IN_PROGRESS)).order_by(col(TicketRow.changed_at).desc())
    return _read(session, query.limit(limit))


def recently_healed(session: Session, limit: int) -> tuple[QueueEntry, ...]:
    """Return what was verified as healed last and whose owner is not unhappy, newest first."""
    content = or_(col(RatingRow.score).is_(None), col(RatingRow.score) > LOW_SCORE)
    query = _entries().where(col(TicketRow.state) == TicketState.HEALED, content)
    return _read(session, query.order_by(col(TicketRow.changed_at).desc()).limit(limit))


def search(session: Session, wanted: Search, *, after: int | None, limit: int) -> tuple[QueueEntry, ...]:
    """Return matching tickets with a number below ``after`` (``None``: from the newest on), newest first."""
    wanted = replace(wanted, text=wanted.text.replace("\0", ""))  # no ticket has one, and it would end the pattern
    query = _entries()
    if wanted.states:
        query = query.where(col(TicketRow.state).in_(wanted.states))
    if wanted.device:
        query = query.where(col(TicketRow.device_id) == wanted.device)
    if after is not None:
        query = query.where(col(TicketRow.id) < after)
    if wanted.text and not wanted.device and len(wanted.text) >= SHORTEST and has_words(session):
        found = tickets_mentioning(session, wanted.text, wanted.states, after=after, limit=limit)
        number = _number_in(wanted.text)
        query = query.where(col(TicketRow.id).in_(found if number is None else (*found, number)))
    elif wanted.text and not wanted.device and has_words(session):
        query = query.where(_is_named(wanted.text))
    elif wanted.text:
        query = query.where(_mentions(wanted.text))
    return _read(session, query.order_by(col(TicketRow.id).desc()).limit(limit))


def _number_in(text: str) -> int | None:
    """Return the ticket's number a text may be, ``T-1042`` or ``1042``; ``None``: it is none."""
    number = text.upper().removeprefix("T-")
    return int(number) if number.isdecimal() and len(number) < len(str(2**63)) else None


def _is_named(text: str) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions have no public common type
    """A number, or part of a device's id: of one or two letters that is all there is an index for."""
    named = col(TicketRow.id).in_(select(TicketRow.id).where(col(TicketRow.device_id).icontains(text, autoescape=True)))
    number = _number_in(text)
    return named if number is None else or_(named, col(TicketRow.id) == number)


def _mentions(text: str) -> Any:  # noqa: ANN401 - SQLAlchemy's expressions have no public common type
    places = [
        col(TicketRow.device_id).icontains(text, autoescape=True),
        col(TicketRow.fault).icontains(text.replace(" ", "_"), autoescape=True),
        col(TicketRow.explanation).icontains(text, autoescape=True),
        col(TicketRow.resolution).icontains(text, autoescape=True),
    ]
    number = _number_in(text)
    if number is not None:
        places.append(col(TicketRow.id) == number)
    return or_(*places)


def counts(session: Session, since: datetime) -> Counts:
    """Return how many tickets stand where; cost grows with the number of open tickets, not of all."""
    by_state = dict(
        session.exec(
            select(TicketRow.state, func.count())
            .where(col(TicketRow.state).in_((*NEEDS_A_PERSON, *IN_PROGRESS)))
            .group_by(TicketRow.state)
        ).all()
    )
    unhappy = session.exec(
        select(func.count())
        .select_from(RatingRow)
        .join(TicketRow, col(RatingRow.ticket_id) == TicketRow.id)
        .where(_unhappy())
    ).one()
    healed = session.exec(
        select(func.count()).where(TicketRow.state == TicketState.HEALED, col(TicketRow.changed_at) >= since)
    ).one()
    ratings, score = session.exec(
        select(func.count(), func.avg(RatingRow.score)).where(col(RatingRow.at) >= since)
    ).one()
    return Counts(
        needs_a_person=_total(by_state, NEEDS_A_PERSON) + unhappy,
        in_progress=_total(by_state, IN_PROGRESS),
        healed=healed,
        ratings=ratings,
        score=None if score is None else float(score),
    )


def _total(by_state: dict[str, int], states: Sequence[TicketState]) -> int:
    return sum(by_state.get(state, 0) for state in states)


def tickets_of(session: Session, device_id: str, limit: int) -> tuple[QueueEntry, ...]:
    """Return a device's tickets, newest first."""
    query = _entries().where(col(TicketRow.device_id) == device_id).order_by(col(TicketRow.id).desc()).limit(limit)
    return _read(session, query)


def open_ticket_counts(session: Session, device_ids: Collection[str]) -> dict[str, int]:
    """Return how many open tickets each of these devices has; devices with none are left out."""
    query = (
        select(TicketRow.device_id, func.count())
        .where(col(TicketRow.device_id).in_(device_ids))
        .where(col(TicketRow.state).in_((*NEEDS_A_PERSON, *IN_PROGRESS)))
        .group_by(TicketRow.device_id)
    )
    return dict(session.exec(query).all())
