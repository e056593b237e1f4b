"""What a contender did, as the judge is told it (state): its own books, without any truth about the world."""

from dataclasses import dataclass, field

from agent.desk.ticket import Story, Ticket
from agent.diagnose.promise import PromiseRecord


@dataclass(frozen=True, slots=True)
class Tale:
    """A ticket and its story, as they were in the end."""

    ticket: Ticket
    story: tuple[Story, ...]


@dataclass(slots=True)
class Ledger:
    """The books of one contender. Instants are Unix seconds, each with its device's id.

    ``noticed`` are moments at which it took up a device as not well, ``booked`` those at which it decided on a visit.
    ``touched`` names every matter a person had to see to. ``messages`` counts what owners were told, once where it came
    by mail and on the device; ``scores`` are their ratings. ``tickets`` counts the matters there were. ``promises``
    says how the times left it told came out; ``None``: it tells none. ``tales`` are its tickets, for whoever wants to
    follow one; nothing is judged by them.
    """

    noticed: list[tuple[str, float]] = field(default_factory=list)
    booked: list[tuple[str, float]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    scores: list[int] = field(default_factory=list)
    messages: int = 0
    tickets: int = 0
    promises: PromiseRecord | None = None
    tales: list[Tale] = field(default_factory=list)
