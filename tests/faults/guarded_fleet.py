"""A fleet of one product on one desk, for tests of what guards it as a whole: in this process, on a real database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlmodel import select

from agent.act.command import Command, CommandState
from agent.desk.ticket import TicketState
from agent.listen.facts import Fact
from agent.store.commands import commands_in
from agent.store.tables import OutboxRow, TicketRow
from agent.store.tickets import find_ticket
from broker.messages import Presence, Status
from tests.agent.desk.office import Office
from tests.builders import MINUTE, a_birth, a_finding, a_view

NORMAL = {"state": 0.1, "now": ()}


@dataclass(slots=True)
class GuardedFleet:
    """The devices ``frost-0001`` and on, born and connected, with the office that looks after them."""

    office: Office
    ids: Sequence[str]

    @classmethod
    def of(cls, office: Office, devices: int, **birth: object) -> "GuardedFleet":
        ids = [f"frost-{number:04}" for number in range(1, devices + 1)]
        office.worker.take([fact for one in ids for fact in _born(office, one, birth)])
        return cls(office, ids)

    def see(self, ids: Sequence[str] | None = None, **view: Any) -> None:
        """Set the health of devices (``None``: of all) with a sample of this moment."""
        for device_id in self.ids if ids is None else ids:
            given = {"sample_at": self.office.clock.at, "device_id": device_id, **view}
            self.office.health.views[device_id] = a_view(**given)

    def fall_ill(self, ids: Sequence[str] | None = None) -> None:
        """Let the model of each device (``None``: of all) find the same at once."""
        chosen = self.ids if ids is None else ids
        self.see(chosen)
        finding = a_finding(at=self.office.clock.at)
        self.office.worker.take([self.office.fact(replace(finding, device_id=one), one) for one in chosen])

    def later(self, duration: timedelta, *, on: Sequence[str] | None = None, **view: Any) -> None:
        """Let time pass in steps of a minute, with a fresh sample of every device in each, doing all that is due.

        ``view`` is what devices show (``on`` ``None``: all of them); the others go on as they fell ill.
        """
        end = self.office.clock.at + duration
        while self.office.clock.at < end:
            self.office.clock.at += MINUTE
            self.see()
            self.see(on, **view)
            self.office.work()

    def decided(self) -> tuple[Command, ...]:
        """Return every command that was ever let through by the guards, in whatever state it is now."""
        waiting = {CommandState.PROPOSED, CommandState.AWAITING_APPROVAL, CommandState.CANCELLED, CommandState.REFUSED}
        with self.office.database.reading() as session:
            return commands_in(session, set(CommandState) - waiting)

    def tickets(self, *states: TicketState) -> list[int]:
        """Return the tickets in these states."""
        with self.office.database.reading() as session:
            return [row.id for row in session.exec(select(TicketRow)) if row.state in states and row.id is not None]

    def gathering(self) -> list[int]:
        """Return the tickets that gather others."""
        with self.office.database.reading() as session:
            return [row.id for row in session.exec(select(TicketRow)) if row.gathers and row.id is not None]

    def ticket_of(self, device_id: str) -> int:
        """Return the newest ticket about one device that is its own."""
        with self.office.database.reading() as session:
            rows = session.exec(select(TicketRow).where(TicketRow.device_id == device_id))
            return max(row.id for row in rows if row.id is not None and not row.gathers)

    def staff_mails(self) -> list[str]:
        """Return what is to be mailed, by key."""
        with self.office.database.reading() as session:
            return [row.key for row in session.exec(select(OutboxRow))]

    def state_of(self, ticket_id: int) -> TicketState:
        with self.office.database.reading() as session:
            return find_ticket(session, ticket_id).state


def _born(office: Office, device_id: str, birth: dict[str, object]) -> list[Fact]:
    return [office.fact(a_birth(**birth), device_id), office.fact(Status(Presence.ONLINE), device_id)]
