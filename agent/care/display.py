"""What a device's own display goes on showing (shell, inside the caller's transaction): nothing that is past."""

from datetime import datetime
from typing import Final

from sqlmodel import Session

from agent.care.message import Stage
from agent.care.tell import NOTICE_SHOWN_FOR
from agent.desk.ticket import Ticket
from agent.store import messages, outbox
from agent.store.outbox import EffectKind

_STAYS_TRUE: Final = frozenset({Stage.FIXED, Stage.VISIT_CANCELLED})


def clear_display(session: Session, ticket: Ticket, now: datetime) -> bool:
    """Want away what a ticket that is over still shows on its device; False: it shows nothing, or what stays true.

    "Please close the door" is no longer true once the door is closed. What another ticket has put there since stays.
    """
    shown = messages.newest_notice(session, ticket.device_id)
    if shown is None or shown.ticket_id != ticket.id or shown.stage in _STAYS_TRUE:
        return False
    if now >= shown.created_at + NOTICE_SHOWN_FOR:
        return False
    key = f"{EffectKind.NOTICE_OVER}:{ticket.number}:{shown.id}"
    return outbox.put(
        session, kind=EffectKind.NOTICE_OVER, key=key, payload={"device_id": ticket.device_id}, due_at=now
    )
