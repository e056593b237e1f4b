"""Times left that were told (shell): kept until it is known what came of them."""

from sqlmodel import Session, col, select

from agent.diagnose.promise import Promise, PromiseRecord, record_of
from agent.store.learning_tables import PromiseRow
from agent.store.mapping import columns, from_row


def find_promise(session: Session, ticket_id: int) -> Promise | None:
    """Return what was promised on a ticket; ``None``: nothing was."""
    row = session.get(PromiseRow, ticket_id)
    return None if row is None else from_row(row, Promise)


def save_promise(session: Session, promise: Promise) -> None:
    """Write a promise down as it stands."""
    session.merge(PromiseRow(**columns(promise)))
    session.flush()


def promises(session: Session, product: str | None = None) -> tuple[Promise, ...]:
    """Return every promise, of one product or (``None``) of all, in the order of their tickets."""
    query = select(PromiseRow).order_by(col(PromiseRow.ticket_id))
    if product is not None:
        query = query.where(PromiseRow.product == product)
    return tuple(from_row(row, Promise) for row in session.exec(query))


def promise_record(session: Session) -> PromiseRecord:
    """Return how all promises did."""
    return record_of(promises(session))


def promise_figures(record: PromiseRecord) -> dict[str, float]:
    """Return how promises did as figures by name; a share or a mean nobody can tell yet is left out."""
    figures: dict[str, float] = {
        "promises_made": record.made,
        "promises_open": record.open,
        "promises_tested": record.tested,
        "promises_kept": record.kept,
        "promises_mended": record.mended,
    }
    if record.kept_share is not None:
        figures["promises_kept_share"] = record.kept_share
    if record.off_days is not None:
        figures["promises_off_days"] = record.off_days
    return figures
