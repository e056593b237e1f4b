"""How far staff let the agent go (shell): overrides of the playbook, a product and remedy each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from agent.decide.permit import Deed, Permit, deed_of
from agent.diagnose.playbook import Autonomy, Playbook
from agent.store.mapping import from_row
from agent.store.tables import AutonomyRow

_NOTHING = Deed("", (), reversible=False)  # no remedy is sent without a verb


@dataclass(frozen=True, slots=True)
class Grant:
    """Staff's word on one remedy of one product. ``by`` is who gave it; ``deed`` as in ``Permit``."""

    product: str
    remedy: str
    autonomy: Autonomy
    by: str
    at: datetime
    deed: Deed | None = None

    @property
    def permit(self) -> Permit:
        """What a decision needs of it."""
        return Permit(self.autonomy, self.deed)


def record_grant(session: Session, grant: Grant) -> None:
    """Let staff's word count from now on, in place of an earlier one."""
    row = AutonomyRow(
        product=grant.product, remedy=grant.remedy, autonomy=grant.autonomy.value, by=grant.by, at=grant.at
    )
    if grant.deed is not None:
        _bind(row, grant.deed)
    session.merge(row)
    session.flush()


def permits_of(session: Session, product: str) -> dict[str, Permit]:
    """Return staff's word by remedy; for a remedy that is not in it the playbook's counts."""
    rows = session.exec(select(AutonomyRow).where(AutonomyRow.product == product))
    return {row.remedy: _grant(row).permit for row in rows}


def grants(session: Session) -> tuple[Grant, ...]:
    """Return every remedy for which staff have said a word."""
    rows = session.exec(select(AutonomyRow).order_by(col(AutonomyRow.product), col(AutonomyRow.remedy)))
    return tuple(_grant(row) for row in rows)


def bind_grants(session: Session, playbooks: Mapping[str, Playbook]) -> None:
    """Bind what staff had said before it was kept of what, to the remedies as they are now; the others to nothing.

    For what an earlier version kept, once: staff had these playbooks before them when they spoke, as far as anybody
    knows, and an upgrade that took every word back would leave all remedies to people overnight.
    """
    for row in session.exec(select(AutonomyRow).where(col(AutonomyRow.verb).is_(None))).all():
        playbook = playbooks.get(row.product)
        deeds = {} if playbook is None else {remedy.name: deed_of(remedy) for remedy in playbook.remedies}
        _bind(row, deeds.get(row.remedy, _NOTHING))
        session.add(row)
    session.flush()


def _bind(row: AutonomyRow, deed: Deed) -> None:
    row.verb, row.args, row.reversible = deed.verb, dict(deed.args), deed.reversible


def _grant(row: AutonomyRow) -> Grant:
    return from_row(row, Grant, deed=_deed(row))


def _deed(row: AutonomyRow) -> Deed | None:
    return None if row.verb is None else from_row(row, Deed, args=tuple((row.args or {}).items()))
