"""What the kinds of model find in a living fleet (state): lives through the same days beside each other.

Nobody acts on what is found, so every fault grows to its full height: kinds of model differ, nothing else does. The
world is the scorecard's, and its chronicle the truth. A finding while nothing is the matter is false; one of a
look-alike is neither right nor wrong here, because telling those apart is the diagnosis's part.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from statistics import fmean, median
from typing import Final

from agent.health.findings import Finding, FindingKind
from agent.health.fleet import Fleet
from agent.health.models import KINDS
from agent.listen.own_records import tick
from agent.listen.pipeline import Pipeline
from agent.scorecard.world import Said, Trouble, World
from agent.store.segment import Entry, Record

_MINUTE: Final = timedelta(minutes=1)
_FAULTS: Final = ("healable", "visit")
_AFTERMATH_S: Final = 6 * 3_600.0  # after a trouble has ended a device may still be off, and coming back is a change
_LOOK_EVERY: Final = 10  # minutes
_HOUR_S: Final = 3_600.0
_DAY_S: Final = 86_400.0
_RECENT_ROWS: Final = 2


@dataclass(slots=True)
class Watcher:
    """One kind of model and what it said: instants of findings by device, and whether each device was normal."""

    pipeline: Pipeline
    found: dict[str, list[tuple[float, FindingKind]]] = field(default_factory=lambda: defaultdict(list))
    looked: list[tuple[float, str, bool]] = field(default_factory=list)

    @classmethod
    def of(cls, kind: str) -> "Watcher":
        """Return a watcher whose models are all of one kind."""
        return cls(Pipeline(Fleet(choice=lambda _: kind, kinds=KINDS, recent_rows=_RECENT_ROWS)))

    def hear(self, batch: Sequence[Entry]) -> None:
        """Take messages, and note what it makes of them, at the time of the sample that showed it."""
        for fact in self.pipeline.take(batch).facts:
            body = fact.body
            if isinstance(body, Finding) and body.kind is not FindingKind.SILENCE:
                self.found[fact.device_id].append((body.at.timestamp(), body.kind))

    def look(self, devices: Sequence[str], now: datetime) -> None:
        """Note which judged devices are normal."""
        for device_id in devices:
            view = self.pipeline.fleet.view(device_id)
            if view is not None and not view.warming and view.silent_since is None:
                self.looked.append((now.timestamp(), device_id, view.normal_since is not None))


@dataclass(slots=True)
class Tally:
    """What was found and what was not, of one fleet or several (``add``); hours from a fault's begin.

    ``found_h`` has an entry for each fault that was found; in ``unnoticed_h`` one that was not counts for as long as it
    lasted. ``false`` has the kinds of the false findings; ``looks`` and ``normal`` count the looks at healthy devices,
    and those that found them normal.
    """

    found_h: list[float] = field(default_factory=list)
    unnoticed_h: list[float] = field(default_factory=list)
    false: list[FindingKind] = field(default_factory=list)
    looks: int = 0
    normal: int = 0

    def add(self, other: "Tally") -> None:
        """Count another fleet's too."""
        self.found_h += other.found_h
        self.unnoticed_h += other.unnoticed_h
        self.false += other.false
        self.looks += other.looks
        self.normal += other.normal

    def figures(self) -> dict[str, float]:
        """Return the figures.

        The median is of faults that were found: who misses the slow ones looks quick.
        """
        faults, healthy_days = len(self.unnoticed_h), self.looks * _LOOK_EVERY * _MINUTE.total_seconds() / _DAY_S
        sooner = {"median_hours_to_finding": median(self.found_h)} if self.found_h else {}
        later = {"mean_hours_unnoticed": fmean(self.unnoticed_h)} if self.unnoticed_h else {}
        return (
            sooner
            | later
            | {
                "faults": faults,
                "found": len(self.found_h) / max(1, faults),
                "false_per_healthy_day": len(self.false) / max(healthy_days, 1.0),
                "false_drift_per_healthy_day": self.false.count(FindingKind.DRIFT) / max(healthy_days, 1.0),
                "healthy_days": healthy_days,
                "healthy_called_normal": self.normal / max(1, self.looks),
            }
        )


def live_through(world: World, kinds: Sequence[str], begins_at: datetime, days: float) -> dict[str, Tally]:
    """Live through days of a world with every kind of model beside each other; return what each found."""
    watchers = {kind: Watcher.of(kind) for kind in kinds}
    offset = 0

    def tell(said: Sequence[Said], now: datetime) -> None:
        nonlocal offset
        now_ms = int(now.timestamp() * 1000)
        records = [Record(now_ms, one.topic, one.payload) for one in said] + [tick(now_ms)]
        batch = [Entry(offset + place, *record) for place, record in enumerate(records)]
        offset += len(batch)
        for watcher in watchers.values():
            watcher.hear(batch)

    now = begins_at
    for said in world.history():
        tell(said, now)
    for minute in range(1, round(days * _DAY_S / _MINUTE.total_seconds()) + 1):
        now += _MINUTE
        tell(world.live(now).said, now)
        if minute % _LOOK_EVERY == 0:
            for watcher in watchers.values():
                watcher.look(world.devices, now)
    chronicle = world.chronicle()
    since_s, until_s = begins_at.timestamp(), now.timestamp()
    return {kind: tally(watcher, chronicle, since_s, until_s) for kind, watcher in watchers.items()}


def alarms(said: Sequence[tuple[float, FindingKind]]) -> Iterator[tuple[float, FindingKind]]:
    """Give at most one finding an hour: one that goes on is said again after ten minutes, and is one all the same."""
    last_s = -inf
    for at_s, kind in sorted(said):
        if at_s - last_s >= _HOUR_S:
            last_s = at_s
            yield at_s, kind


def tally(watcher: Watcher, chronicle: Sequence[tuple[str, Trouble]], since_s: float, until_s: float) -> Tally:
    """Hold what was found from ``since_s`` to ``until_s``, in Unix seconds, against the truth."""
    result = Tally()
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for device_id, trouble in chronicle:
        ended_s = until_s if trouble.ended_s is None else trouble.ended_s
        spans[device_id].append((trouble.began_s, ended_s + _AFTERMATH_S))
        if trouble.kind in _FAULTS:
            at = [at_s for at_s, _ in watcher.found[device_id] if trouble.began_s <= at_s <= ended_s]
            result.unnoticed_h.append((min(at, default=ended_s) - trouble.began_s) / _HOUR_S)
            if at:
                result.found_h.append(result.unnoticed_h[-1])

    def well(device_id: str, at_s: float) -> bool:
        return all(not begin <= at_s <= end for begin, end in spans[device_id])

    healthy = [normal for at_s, device_id, normal in watcher.looked if well(device_id, at_s)]
    result.looks, result.normal = len(healthy), sum(healthy)
    result.false = [
        kind
        for device_id, said in watcher.found.items()
        for at_s, kind in alarms(said)
        if at_s >= since_s and well(device_id, at_s)
    ]
    return result
