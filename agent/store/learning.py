"""What the failure learner remembers (shell): rows to values and back, within the caller's transaction.

A lesson, the counts and the shadow it changes, and the row that says it was learned commit together with what they were
learned from: a crash neither loses a case nor learns it twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlmodel import Session, col, select

from agent.diagnose.contest import Standing
from agent.diagnose.errors import LearnerVersionError
from agent.diagnose.experience import Counts
from agent.diagnose.impression import Impression, Source
from agent.diagnose.learned import SHADOW, begun
from agent.diagnose.shadow_memory import EMPTY, VERSION, Memory
from agent.diagnose.signature_table import Tally
from agent.diagnose.time_left import Course
from agent.store.learning_tables import ImpressionRow, LearnerRow, SignCountRow
from agent.store.mapping import columns, from_row
from agent.store.tables import TicketRow

_MOST_COURSES: Final = 200  # newest first: how it goes today, not how it went with another generation


@dataclass(frozen=True, slots=True)
class School:
    """Who is in charge of a product's diagnoses, and what its shadow knows."""

    standing: Standing
    memory: Memory


def find_impression(session: Session, ticket_id: int) -> Impression | None:
    """Return what a ticket looked like when it was judged; ``None``: it never was."""
    row = session.get(ImpressionRow, ticket_id)
    if row is None:
        return None
    return from_row(row, Impression, source=Source(row.source) if row.source else None)


def save_impression(session: Session, impression: Impression) -> None:
    """Write down what a ticket looks like, and what it has taught."""
    session.merge(ImpressionRow(**(columns(impression) | {"source": impression.source or ""})))
    session.flush()


def passed_lately(session: Session, device_id: str, since: datetime) -> tuple[int, ...]:
    """Return the tickets of a device that passed by themselves, and taught that, at ``since`` or later."""
    query = select(ImpressionRow.ticket_id).join(TicketRow, col(TicketRow.id) == col(ImpressionRow.ticket_id))
    query = query.where(TicketRow.device_id == device_id, ImpressionRow.source == Source.SIGNAL)
    return tuple(session.exec(query.where(col(ImpressionRow.learned_at) >= since)).all())


def read_counts(session: Session, product: str, signatures: Collection[str]) -> Counts:
    """Return a product's confirmed cases under these signatures, by fault and signature."""
    rows = session.exec(
        select(SignCountRow).where(SignCountRow.product == product, col(SignCountRow.signature).in_(signatures))
    )
    return {(row.fault, row.signature): Tally(row.seen, row.followed) for row in rows}


def add_counts(session: Session, product: str, changes: Mapping[tuple[str, str], Tally], times: int) -> None:
    """Add changes to a product's counts ``times`` times; −1 takes back what was added before."""
    for (fault, signature), change in sorted(changes.items()):
        row = session.get(SignCountRow, (product, fault, signature))
        if row is None:
            row = SignCountRow(product=product, fault=fault, signature=signature)
        row.seen += times * change.seen
        row.followed += times * change.followed
        session.add(row)
    session.flush()


def read_school(session: Session, product: str) -> School:
    """Return who is in charge of a product; before the first case the counts are.

    Raises:
        LearnerVersionError: a newer version of amends wrote it.
    """
    row = session.get(LearnerRow, product)
    if row is None:
        return School(begun(), EMPTY)
    if row.version != VERSION:
        raise LearnerVersionError(product, row.version)
    return msgspec.convert(row.state, School)


def save_school(session: Session, product: str, school: School, now: datetime) -> None:
    """Write down how a product's learners stand."""
    session.merge(LearnerRow(product=product, version=VERSION, state=msgspec.to_builtins(school), at=now))
    session.flush()


def is_shadow_in_charge(session: Session, product: str) -> bool:
    """Tell whether the shadow speaks for a product, without reading all it knows."""
    in_charge = session.exec(
        select(LearnerRow.state["standing"]["in_charge"].as_string()).where(LearnerRow.product == product)
    ).first()
    return in_charge == SHADOW


def standings(session: Session) -> dict[str, Standing]:
    """Return how the contenders of every product stand."""
    rows = session.exec(select(LearnerRow).where(LearnerRow.version == VERSION).order_by(col(LearnerRow.product)))
    return {row.product: msgspec.convert(row.state, School).standing for row in rows}


def courses_of(session: Session, product: str, fault: str) -> tuple[Course, ...]:
    """Return how it went with devices of a product that had a fault, confirmed: until it failed or was put right."""
    rows = session.exec(
        select(ImpressionRow)
        .where(ImpressionRow.product == product, ImpressionRow.confirmed == fault)
        .order_by(col(ImpressionRow.ticket_id).desc())
        .limit(_MOST_COURSES)
    )
    found = []
    for row in rows:
        until = row.failed_at or row.over_at
        if until is not None:
            found.append(Course(until - row.began_at, failed=row.failed_at is not None))
    return tuple(found)
