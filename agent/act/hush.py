"""Keeps a device's model from learning while a remedy is at work (state): nothing of that is its usual."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from agent.desk.ticket import Ticket, TicketState
from agent.health.reading import HealthReader
from agent.store.tickets import tickets_in


def at_work(tickets: tuple[Ticket, ...], now: datetime) -> frozenset[str]:
    """Return the devices with a remedy at work: from sending until its effect has settled."""
    return frozenset(
        ticket.device_id
        for ticket in tickets
        if ticket.state is TicketState.FIXING or (ticket.verify_from is not None and now < ticket.verify_from)
    )


@dataclass(slots=True)
class Hush:
    """Knows which devices it has quieted; what must be quiet is read from the tickets, so a restart loses nothing."""

    quieted: frozenset[str] = field(default_factory=frozenset)

    def follow(self, session: Session, health: HealthReader, now: datetime) -> None:
        """Quiet the devices with a remedy at work and let the others teach again."""
        wanted = at_work(tickets_in(session, {TicketState.FIXING, TicketState.VERIFYING}), now)
        for device_id in wanted - self.quieted:
            health.quiet(device_id)
        for device_id in self.quieted - wanted:
            health.teach(device_id)
        self.quieted = wanted
