"""What the agent proposed and did not send by itself (shell): reading only."""

from itertools import islice
from typing import Final

from sqlmodel import Session, col, or_, select

from agent.act.command import CommandState
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.shadow import Proposed
from agent.desk.ticket import Outcome
from agent.store.tables import CommandRow, OutcomeRow, TicketRow

_NEVER_LEFT: Final = frozenset({CommandState.CANCELLED, CommandState.EXPIRED})


def proposals_of(session: Session, product: str, limit: int) -> tuple[Proposed, ...]:
    """Return the newest remedies that were proposed to a person on devices of a product, newest first."""
    unsent = col(CommandRow.sent_at).is_(None) & (col(CommandRow.state) != CommandState.QUEUED)
    with session.exec(
        select(CommandRow, TicketRow.resolution, TicketRow.device_id)
        .join(TicketRow, col(TicketRow.id) == CommandRow.ticket_id)
        .where(TicketRow.product == product, col(CommandRow.undoes).is_(None))
        .where(or_(col(CommandRow.approved_by).is_not(None), unsent))
        .order_by(col(CommandRow.created_at).desc(), col(CommandRow.id).desc())
        .execution_options(yield_per=limit)
    ) as found:
        rows = list(islice((row for row in found if _was_proposed(row[0])), limit))
    newest = _newest_outcomes(session, [command.id for command, _, _ in rows])
    return tuple(
        Proposed(
            command_id=command.id,
            ticket_id=command.ticket_id,
            device_id=device_id,
            remedy=command.remedy,
            at=command.created_at,
            state=CommandState(command.state),
            outcome=newest.get(command.id),
            resolution=resolution,
        )
        for command, resolution, device_id in rows
    )


def _was_proposed(command: CommandRow) -> bool:
    """Tell whether a command waited for a person; one that the agent decided itself may not have left either.

    Where neither a person's name nor its state says so, its time does: people have a day, a device has minutes.
    """
    if command.approved_by is not None or command.state not in _NEVER_LEFT:
        return True
    return command.not_after - command.created_at >= DEFAULT_POLICY.approval_within


def _newest_outcomes(session: Session, command_ids: list[str]) -> dict[str, Outcome]:
    rows = session.exec(
        select(OutcomeRow.command_id, OutcomeRow.outcome)
        .where(col(OutcomeRow.command_id).in_(command_ids))
        .order_by(col(OutcomeRow.id))
    ).all()
    return {command_id: Outcome(outcome) for command_id, outcome in rows}
