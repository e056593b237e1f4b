"""How far staff let the agent go (shell): overrides of the playbook, a product and remedy each."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from agent.diagnose.playbook import Autonomy
from agent.store.mapping import columns
from agent.store.tables import AutonomyRow


@dataclass(frozen=True, slots=True)
class Grant:
    """Staff's word on one remedy of one product. ``by`` is who gave it."""

    product: str
    remedy: str
    autonomy: Autonomy
    by: str
    at: datetime


def record_grant(session: Session, grant: Grant) -> None:
    """Let staff's word count from now on, in place of an earlier one."""
    session.merge(AutonomyRow(**columns(grant)))
    session.flush()


def autonomy_of(session: Session, product: str) -> dict[str, Autonomy]:
    """Return staff's word by remedy; for a remedy that is not in it the playbook's counts."""
    rows = session.exec(select(AutonomyRow).where(AutonomyRow.product == product))
    return {row.remedy: Autonomy(row.autonomy) for row in rows}
