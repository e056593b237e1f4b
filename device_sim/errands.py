"""What a device's notices make its owner do (state): shut the door, fill the tank, rate on the device."""

from dataclasses import dataclass
from random import Random

from broker.messages import Notice
from device_sim.ailments import Lived
from device_sim.faults import Fault, FaultKind
from device_sim.people.opinion import Opinion, opinion
from device_sim.people.owner import Owner, RatesBy


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating the owner taps in at the device."""

    ticket: str
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class Done:
    """What the owner has just done. ``chore``: put right what an owner can."""

    chore: bool
    ratings: tuple[Rated, ...]


_NOTHING = Done(chore=False, ratings=())


class Errands:
    """The notices a device keeps, and what its owner still means to do about them. Instants are Unix seconds."""

    def __init__(self, owner: Owner, chance: Random) -> None:
        self.notices: dict[str, list[Notice]] = {}
        self._owner = owner
        self._chance = chance
        self._chore_at_s: float | None = None  # None: none is planned
        self._rate_at_s: dict[str, float] = {}
        self._rated: set[str] = set()

    def take(self, notice: Notice, fault: Fault | None, now_s: float) -> None:
        """Keep a notice; one that was heard before (it is retained) changes nothing."""
        kept = self.notices.setdefault(notice.ticket, [])
        if notice in kept:
            return
        kept.append(notice)
        if fault and fault.kind is FaultKind.OWNER and self._chore_at_s is None:
            self._chore_at_s = now_s + self._owner.chore_after_s
        if notice.ask_rating and self._owner.rates_by is RatesBy.DEVICE and notice.ticket not in self._rated:
            self._rate_at_s.setdefault(notice.ticket, now_s + self._owner.answers_after_s)

    def messages(self, ticket: str) -> int:
        """Return how many different notices came about a ticket."""
        return len(self.notices.get(ticket, ()))

    def due(self, now_s: float, lived: Lived | None) -> Done:
        """Return what the owner does by now; ``lived`` is what they rate."""
        if self._chore_at_s is None and not self._rate_at_s:
            return _NOTHING
        chore = self._chore_at_s is not None and now_s >= self._chore_at_s
        if chore:
            self._chore_at_s = None
        tickets = [ticket for ticket, at_s in self._rate_at_s.items() if now_s >= at_s]
        for ticket in tickets:
            del self._rate_at_s[ticket]
            self._rated.add(ticket)
        return Done(
            chore,
            tuple(Rated(t, opinion(lived, self.messages(t), self._owner, self._chance)) for t in tickets),
        )
