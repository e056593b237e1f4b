"""The people in the office (shell): they approve what waits for them, and see to what was handed to them.

They know no more than a console shows and an owner says on the telephone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from agent.decide.case import is_calm
from agent.demo import PROMOTED
from agent.desk.lessons import Word
from agent.desk.ticket import Ticket, TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import PersonError
from agent.scorecard.hotline import Hotline
from agent.scorecard.ledger import Ledger
from agent.scorecard.office_hours import is_open
from agent.store.commands import undecided_command
from agent.store.tickets import open_tickets_of, tickets_in
from agent.work import Worker

_NAME: Final = "office"
_SECOND: Final = "office, a second person"
_TAKES: Final = timedelta(hours=2)
_LOOKS_EVERY: Final = timedelta(minutes=10)
_LETS_GO_AFTER: Final = timedelta(days=3)


class Trust(StrEnum):
    """How far staff let the agent go."""

    PROMOTED = "promoted"  # every reversible remedy is promoted to act by itself, as after a good record
    CAREFUL = "careful"  # the demo's promotions; everything else waits for the office


@dataclass(slots=True)
class Office:
    """Staff at work, within office hours, two hours after a matter came to them.

    They approve what is proposed, and let devices go on that were frozen together. Where remedies or a visit have not
    helped they send a technician by themselves. Any other ticket they close once the device's signal is normal, or
    after three days in which the owner has not called.
    """

    worker: Worker
    ledger: Ledger
    hotline: Hotline
    trust: Trust
    looks_at: datetime | None = None

    def promote(self) -> None:
        """Let the agent go as far as the office trusts it."""
        for product, playbook in self.worker.playbooks.items():
            for remedy in playbook.remedies:
                autonomy = Autonomy.ACT_IF_REVERSIBLE
                if self.trust is Trust.CAREFUL:
                    autonomy = PROMOTED.get((product, remedy.name), Autonomy.ASK)
                self.worker.set_autonomy(product, remedy.name, autonomy, _NAME)

    def look(self, now: datetime) -> bool:
        """See to what waits, and tell whether anything was done."""
        if not is_open(now) or (self.looks_at is not None and now < self.looks_at):
            return False
        self.looks_at = now + _LOOKS_EVERY
        with self.worker.database.reading() as session:
            waiting = tickets_in(session, {TicketState.AWAITING_APPROVAL, TicketState.WITH_PERSON})
            proposed = {one.id for one in waiting if undecided_command(session, one.id) is not None}
        acted = False
        for ticket in waiting:
            if ticket.state is TicketState.WITH_PERSON:
                self.ledger.touched.add(ticket.number)
            if now - ticket.changed_at >= _TAKES:
                acted = self._see_to(ticket, now, is_proposed=ticket.id in proposed) or acted
        return acted

    def take_call(self, device_id: str, now: datetime) -> None:
        """Take an owner's call: with a technician on the way there is nothing more to do."""
        with self.worker.database.reading() as session:
            tickets = open_tickets_of(session, device_id)
        newest = tickets[-1].number if tickets else f"call about {device_id} at {now:%Y-%m-%d}"
        self.ledger.touched.add(newest)
        for ticket in tickets:
            if ticket.fault is not None and ticket.state is not TicketState.HEALED:
                self.worker.report_failure(ticket.id, _NAME)
        if not any(ticket.state is TicketState.VISIT_BOOKED for ticket in tickets):
            self.hotline.take_call(device_id, now)

    def close_after_visit(self, device_id: str, found: Callable[[Ticket], str]) -> None:
        """Close what a person had of a device where a technician was sent by telephone, with what that one found."""
        with self.worker.database.reading() as session:
            tickets = open_tickets_of(session, device_id)
        for ticket in tickets:
            if ticket.state is TicketState.WITH_PERSON:
                self.worker.close(
                    ticket.id, _NAME, "A technician was there, after the owner had called.", Word(found(ticket))
                )

    def _see_to(self, ticket: Ticket, now: datetime, *, is_proposed: bool) -> bool:
        if ticket.gathers:
            return self._lift(ticket)
        if is_proposed:
            return self._approve(ticket)
        if ticket.state is not TicketState.WITH_PERSON or ticket.device_id in self.hotline.coming:
            return False
        view = self.worker.health.view(ticket.device_id)
        calm = is_calm(view, self.worker.policy, now, during=_TAKES)
        if not calm and ticket.fault is not None and ticket.tried:
            self.hotline.take_call(ticket.device_id, now)
            self.ledger.booked.append((ticket.device_id, now.timestamp()))
            return False
        if calm or now - ticket.changed_at >= _LETS_GO_AFTER:
            words = "The signal is normal again." if calm else "Nothing is felt of it."
            self.worker.close(ticket.id, _NAME, words)
            return True
        return False

    def _lift(self, gathering: Ticket) -> bool:
        """Let devices with one fault at one time go on, the second person agreeing where it takes two."""
        why = "Looked at some of them: each has it by itself."
        if self.worker.lift_freeze(gathering.id, _NAME, why).state is not TicketState.CLOSED:
            self.worker.lift_freeze(gathering.id, _SECOND, why)
        return True

    def _approve(self, ticket: Ticket) -> bool:
        self.ledger.touched.add(ticket.number)
        try:
            self.worker.approve(ticket.id, _NAME)
        except PersonError:
            return False  # a guard speaks against it right now; they try again
        return True
