"""What goes on across the devices of a product (shell): counted from rows, so that a restart forgets nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from agent.act.command import IN_FLIGHT, CommandState
from agent.desk.ticket import TicketState
from agent.health.findings import FindingKind
from agent.store.tables import CommandRow, DeviceRow, FindingRow, TicketRow
from agent.store.tickets import is_under_treatment


@dataclass(frozen=True, slots=True)
class AtWork:
    """One device with a remedy at work: decided, running or being verified.

    ``firmware`` is the one the remedy was decided for. ``verify_from`` is from when on its signal is judged, ``None``:
    not yet.
    """

    device_id: str
    firmware: str
    remedy: str
    verify_from: datetime | None = None


def at_work(session: Session, product: str) -> frozenset[AtWork]:
    """Return the devices of a product with a remedy at work; their number is bounded by the guards themselves."""
    treated = session.exec(
        select(TicketRow.tried, TicketRow.verify_from).where(TicketRow.product == product, is_under_treatment())
    )
    judged_from = {
        tried[-1]["command_id"]: verify_from for tried, verify_from in treated if tried and tried[-1]["outcome"] is None
    }
    under_way = and_(col(CommandRow.product) == product, col(CommandRow.state).in_(IN_FLIGHT))
    commands = session.exec(  # in flight also where a person has taken the ticket over meanwhile
        select(CommandRow.id, CommandRow.device_id, CommandRow.firmware, CommandRow.remedy).where(
            or_(under_way, col(CommandRow.id).in_(judged_from))
        )
    )
    return frozenset(
        AtWork(device_id, firmware, remedy, judged_from.get(command_id))
        for command_id, device_id, firmware, remedy in commands
    )


def count_decided(session: Session, product: str, since: datetime) -> int:
    """Return how many remedies went out to devices of a product at ``since`` or later, or are about to."""
    query = select(func.count()).select_from(CommandRow).where(CommandRow.product == product)
    sent = session.exec(query.where(col(CommandRow.sent_at) >= since)).one()
    return sent + session.exec(query.where(CommandRow.state == CommandState.QUEUED)).one()


def count_devices(session: Session, *, product: str = "", firmware: str | None = None, customer: str = "") -> int:
    """Return how many devices there are of a product, of one of its firmwares, or of a customer.

    ``firmware`` ``None``: of every one. Nothing named is nobody: 0, never "all".
    """
    if not product and not customer:
        return 0
    query = select(func.count()).select_from(DeviceRow)
    if product:
        query = query.where(DeviceRow.product == product)
    if firmware is not None:
        query = query.where(DeviceRow.firmware == firmware)
    if customer:
        query = query.where(DeviceRow.customer_id == customer)
    return session.exec(query).one()


def count_unclear(session: Session, product: str, since: datetime) -> int:
    """Return how many devices of a product have a ticket that a person has got since then, on metrics none can name."""
    seen = select(FindingRow.id).where(
        FindingRow.ticket_id == TicketRow.id, col(FindingRow.kind).in_((FindingKind.ONSET, FindingKind.DRIFT))
    )
    query = select(func.count(func.distinct(TicketRow.device_id))).where(
        TicketRow.product == product,
        TicketRow.state == TicketState.WITH_PERSON,
        col(TicketRow.fault).is_(None),
        col(TicketRow.changed_at) >= since,
        seen.exists(),
    )
    return session.exec(query).one()
