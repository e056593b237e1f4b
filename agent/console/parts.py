"""What the console is handed (pure): everything it touches, named, so that a test can hand it the real thing too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agent.care.rating import RatingSource
from agent.clock import Clock
from agent.decide.moves import Book
from agent.desk.lessons import NO_WORD, Word
from agent.desk.ticket import Ticket
from agent.diagnose.library import Version
from agent.diagnose.playbook import Autonomy, Playbook
from agent.health.reading import HealthReader
from agent.history.reading import History
from agent.service.visit import Visit
from agent.store.database import Database


class Desk(Protocol):
    """What staff and owners can do; ``agent.work.Worker`` does it. Each returns when it is committed.

    What cannot be done raises a ``PersonError`` with a sentence for whoever asked, and changes nothing; a guard's no is
    written on the ticket.
    """

    def approve(self, ticket_id: int, staff: str, command_id: str | None = None) -> Ticket:
        """Let the proposed remedy run, if it is the one asked about (``None``: whichever waits).

        The ticket goes on waiting where a second person must agree.
        """
        ...

    def lift_freeze(self, ticket_id: int, staff: str, why: str) -> Ticket:
        """Let the devices go on that a ticket holds back; it stays open where a second person must agree."""
        ...

    def reject(self, ticket_id: int, staff: str, why: str, command_id: str | None = None) -> object:
        """Refuse the proposed remedy, if it is the one asked about; the agent looks for what else it may do."""
        ...

    def try_again(self, ticket_id: int, remedy: str, staff: str) -> Ticket:
        """Send a remedy of the fault once more; the ticket stays where a second person must agree."""
        ...

    def book_visit(self, ticket_id: int, staff: str, bounds: Book | None = None) -> Visit:
        """Take the best free slot for a ticket, as soon as can be without bounds; one booked already is returned."""
        ...

    def note(self, ticket_id: int, staff: str, text: str) -> object:
        """Write on the story."""
        ...

    def take_over(self, ticket_id: int, staff: str) -> object:
        """Make the ticket this person's: the agent stops acting on it."""
        ...

    def close(self, ticket_id: int, staff: str, resolution: str, word: Word = NO_WORD) -> object:
        """End the ticket, saying how, and what it was."""
        ...

    def reopen(self, ticket_id: int, staff: str, why: str) -> object:
        """Put a closed ticket back on the desk."""
        ...

    def record_visit_result(self, visit_id: int, by: str, report: str, word: Word = NO_WORD) -> object:
        """Take a technician's word that a visit is done, and what they found."""
        ...

    def report_failure(self, ticket_id: int, staff: str) -> object:
        """Take down that the device no longer does its work."""
        ...

    def rate(self, ticket_id: int, score: int, comment: str, source: RatingSource) -> None:
        """Record an owner's rating; the caller has checked that they may rate."""
        ...

    def halt(self, by: str, why: str) -> None:
        """Stop every automatic fix, at once."""
        ...

    def resume(self, by: str, why: str) -> None:
        """Let the agent act again."""
        ...

    def set_autonomy(self, product: str, remedy: str, autonomy: Autonomy, staff: str, read: str | None = None) -> bool:
        """Set how far the agent may go with the remedy they have read; False: a second person must say so too."""
        ...


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the agent's parts are. ``problems`` are sentences; empty: ready. ``counters`` are name and value."""

    problems: tuple[str, ...] = ()
    counters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """Everything the console touches.

    ``public_url`` is how people reach it, without a slash at the end. ``secret`` signs sessions and forms; changing
    it ends them all. ``zone`` is shown to staff whose browser has not said theirs.
    ``history`` ``None``: what is in memory is all there is. ``scorecard`` is the file of the one kept last (``None``:
    none is kept here). ``complaints`` are about playbooks that were changed and cannot be taken up. ``versions`` are
    the playbooks that rule older tickets.
    """

    database: Database
    desk: Desk
    health: HealthReader
    playbooks: Mapping[str, Playbook]
    clock: Clock
    secret: str = field(repr=False)
    public_url: str
    vitals: Callable[[], Vitals] = Vitals
    history: History | None = None
    scorecard: Path | None = None
    complaints: Callable[[], Sequence[object]] = tuple
    versions: Mapping[Version, Playbook] = field(default_factory=dict)

    @property
    def past(self) -> History:
        """What was measured, in files and memory."""
        return self.history or History(None, self.health.recent)

    zone: str = "UTC"
