"""The visits as staff see them (shell): reading only, newest first, a page at a time."""

from sqlmodel import Session, col, select

from agent.service.visit import Visit
from agent.store.mapping import from_row
from agent.store.tables import VisitRow


def list_visits(session: Session, *, after: int | None = None, limit: int) -> tuple[Visit, ...]:
    """Return visits with an id below ``after`` (``None``: from the newest on), newest first."""
    query = select(VisitRow)
    if after is not None:
        query = query.where(col(VisitRow.id) < after)
    return tuple(from_row(row, Visit) for row in session.exec(query.order_by(col(VisitRow.id).desc()).limit(limit)))
