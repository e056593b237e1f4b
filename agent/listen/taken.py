"""What one batch of the journal gives (state): filled while it is taken, then put in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent.health.product import Raised
from agent.listen.decode import example
from agent.listen.facts import Body, ClockJudged, Fact, Gap, Quarantined
from agent.listen.heard import Heard
from agent.store.segment import Entry


@dataclass(slots=True)
class Counts:
    """What a batch held. ``samples`` are those new to us; ``duplicates`` and ``missed`` count samples and events.

    ``over`` counts messages beyond their device's budget, ``one_by_one`` those that were not taken in bulk.
    """

    messages: int = 0
    samples: int = 0
    duplicates: int = 0
    missed: int = 0
    quarantined: int = 0
    over: int = 0
    one_by_one: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch gave: facts in the order of their offsets, and counts."""

    facts: tuple[Fact, ...]
    counts: Counts


@dataclass(slots=True)
class Batch:
    """What is gathered while a batch is taken."""

    facts: list[Fact] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    gaps: dict[str, tuple[Entry, int]] = field(default_factory=dict)
    quarantined: dict[tuple[str, str], tuple[Entry, int]] = field(default_factory=dict)
    clocks: dict[str, tuple[Entry, bool]] = field(default_factory=dict)  # as they were before the batch
    forgotten: list[str] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)

    def tell(self, entry: Entry, device_id: str, body: Body) -> None:
        """Add a fact."""
        self.facts.append(Fact(entry.offset, device_id, _instant(entry), body))

    def missed(self, entry: Entry, device_id: str, count: int) -> None:
        """Count messages that are missing before a record."""
        if count:
            self.counts.missed += count
            self.gaps[device_id] = (entry, self.gaps.get(device_id, (entry, 0))[1] + count)

    def refuse(self, entry: Entry, device_id: str, reason: str) -> None:
        """Put a message into quarantine."""
        self.counts.quarantined += 1
        key = (device_id, reason)
        before, count = self.quarantined.get(key, (entry, 0))
        self.quarantined[key] = (max(before, entry, key=lambda one: one.offset), count + 1)

    def finish(self, heard: Callable[[str], Heard]) -> Taken:
        """Tell what is told once a device and batch, and put everything in order."""
        for device_id, (entry, count) in self.gaps.items():
            self.tell(entry, device_id, Gap(count))
        for (device_id, reason), (entry, count) in self.quarantined.items():
            self.tell(entry, device_id, Quarantined(reason, example(entry.payload), count))
        for device_id, (entry, before) in self.clocks.items():
            if heard(device_id).has_clock is not before:
                self.tell(entry, device_id, ClockJudged(heard(device_id).has_clock))
        self.facts.sort(key=lambda fact: fact.offset)
        return Taken(tuple(self.facts), self.counts)


def _instant(entry: Entry) -> datetime:
    return datetime.fromtimestamp(entry.arrival_ms / 1000, UTC)
