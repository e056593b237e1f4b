"""The kill switch (shell): its history; the newest entry counts, so it survives restarts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from agent.store.mapping import columns, from_row
from agent.store.tables import HaltRow


@dataclass(frozen=True, slots=True)
class Halt:
    """One use of the kill switch: ``halted`` True stops every automatic fix, False lets them go on."""

    halted: bool
    by: str
    why: str
    at: datetime


def record_halt(session: Session, halt: Halt) -> None:
    """Throw the switch, one way or the other."""
    session.add(HaltRow(**columns(halt)))
    session.flush()


def newest_halt(session: Session) -> Halt | None:
    """Return the switch's newest use; ``None``: never used, so nothing is halted."""
    row = session.exec(select(HaltRow).order_by(col(HaltRow.id).desc()).limit(1)).first()
    return None if row is None else from_row(row, Halt)


def is_halted(session: Session) -> bool:
    """Tell whether every automatic fix is halted."""
    halt = newest_halt(session)
    return halt is not None and halt.halted
