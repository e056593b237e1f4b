"""One transaction of the slow path (shell): the moment it happens at, what it may read, and where it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from agent.decide.policy import Policy
from agent.desk.ticket import StoryKind, Ticket
from agent.diagnose.library import Version
from agent.diagnose.playbook import Fault, Playbook
from agent.health.findings import HealthView
from agent.health.reading import HealthReader
from agent.store import tickets
from agent.store.tickets import Line


@dataclass(frozen=True, slots=True)
class Turn:
    """Handed through the desk and the acting side; everything done in it commits together, or not at all.

    ``now`` is the one instant of the whole turn. ``playbooks`` are by product. ``public_url`` begins the links
    in messages to owners. ``staff_mail`` is where news for all staff go (``None``: to the console only).
    ``versions`` are the playbooks that rule older tickets. ``anew`` are devices whose long run begins anew once all is
    committed: what is rolled back begins nothing.
    """

    session: Session
    now: datetime
    playbooks: Mapping[str, Playbook]
    health: HealthReader
    policy: Policy
    public_url: str
    staff_mail: str | None = None
    versions: Mapping[Version, Playbook] = field(default_factory=dict)
    anew: list[str] = field(default_factory=list, init=False, compare=False)
    _views: dict[str, HealthView | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def view(self, device_id: str) -> HealthView | None:
        """Return what is known about a device's health, the same all turn long; ``None``: nothing was ever heard."""
        if device_id not in self._views:
            self._views[device_id] = self.health.view(device_id)
        return self._views[device_id]

    def ruling(self, ticket: Ticket) -> Playbook | None:
        """Return the playbook that rules a ticket: the version it was opened under, else today's; ``None``: none."""
        return self.versions.get((ticket.product, ticket.playbook_version)) or self.playbooks.get(ticket.product)

    def playbook_of(self, ticket: Ticket) -> Playbook:
        """Return the playbook that rules a ticket which has one; ``KeyError`` where it has none."""
        ruling = self.ruling(ticket)
        if ruling is None:
            raise KeyError(ticket.product)
        return ruling

    def fault_of(self, ticket: Ticket) -> Fault | None:
        """Return the fault a ticket is named after; ``None``: none, or no playbook has it any more."""
        playbook = self.ruling(ticket)
        faults = () if playbook is None else playbook.faults
        return next((fault for fault in faults if fault.name == ticket.fault), None)

    def tell(self, ticket_id: int, kind: StoryKind, text: str, actor: str = "agent") -> None:
        """Add a sentence to a ticket's story."""
        tickets.tell(self.session, ticket_id, Line(self.now, kind, text, actor))

    def tell_once(self, ticket_id: int, kind: StoryKind, text: str, since: datetime, actor: str = "agent") -> None:
        """Add the sentence unless it was told at ``since`` or later already."""
        if not tickets.has_told(self.session, ticket_id, kind, text, since):
            self.tell(ticket_id, kind, text, actor)
