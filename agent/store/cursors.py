"""How far a reader of the journal has come (shell): saved in the transaction of what it decided."""

from sqlmodel import Session

from agent.store.tables import CursorRow

FACTS = "facts"  # the slow path's


def read_cursor(session: Session, name: str) -> int:
    """Return the offset of the newest record the reader has done; −1: none yet."""
    row = session.get(CursorRow, name)
    return -1 if row is None else row.offset


def save_cursor(session: Session, name: str, offset: int) -> None:
    """Remember that the reader has done everything up to and including ``offset``."""
    session.merge(CursorRow(name=name, offset=offset))
    session.flush()
