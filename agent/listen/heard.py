"""What was heard of one device so far (state): its numbering, its clock, its last birth and presence."""

from collections.abc import Sequence as Names
from dataclasses import dataclass, field
from hashlib import blake2b
from math import isfinite, isnan, nan

import msgspec

from agent.listen.budget import Budget
from agent.listen.device_clock import STEP_S, Lag, can_be_right
from agent.listen.sequence import Order, PackedBoot, Sequence
from broker.limits import MAX_METRICS
from broker.messages import Presence, Telemetry

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Hole:
    """``missed`` numbers from ``first`` on that did not come, between the samples of two instants in Unix seconds."""

    boot: str
    first: int
    missed: int
    since_s: float
    until_s: float


@dataclass(slots=True)
class Timed:
    """When the samples of one message were taken, in Unix seconds, NaN for a repeated one; and what was noticed.

    ``to_score`` is the same without those beyond the device's budget, which ``over`` counts.
    ``late`` are places in the message of samples whose numbers had been missed.
    """

    at_s: list[float]
    to_score: list[float]
    duplicates: int
    missed: int
    over: int = 0
    holes: tuple[Hole, ...] = ()
    late: tuple[int, ...] = ()


class PackedHeard(msgspec.Struct, frozen=True, array_like=True):
    """A ``Heard`` as it is written down."""

    samples: list[PackedBoot]
    events: list[PackedBoot]
    has_clock: bool
    last_s: float
    birth: bytes
    presence: Presence | None
    lag: Lag = msgspec.field(default_factory=Lag)
    budget: Budget = msgspec.field(default_factory=Budget)
    metrics: list[str] = msgspec.field(default_factory=list)


@dataclass(slots=True)
class Heard:
    """One device. ``last_s`` is the newest time given to a sample; ``presence`` ``None``: it never said.

    ``birth`` is a digest of the last one, empty before there was one; ``metrics`` are all it ever named.
    """

    samples: Sequence = field(default_factory=Sequence)
    events: Sequence = field(default_factory=Sequence)
    has_clock: bool = True
    last_s: float = float("-inf")
    birth: bytes = b""
    presence: Presence | None = None
    lag: Lag = field(default_factory=Lag)
    budget: Budget = field(default_factory=Budget)
    metrics: dict[str, None] = field(default_factory=dict)

    def time(self, telemetry: Telemetry, arrival_ms: int) -> Timed:
        """Number and time the samples of one message; the device's own time where it can be right."""
        newest_ms = max((ts for ts in telemetry.ts_ms if ts is not None and can_be_right(ts, arrival_ms)), default=None)
        if newest_ms is not None:
            self.lag.take(newest_ms, arrival_ms)
        before_s = self.last_s
        timed = Timed([], [], 0, 0)
        for boot, seq, ts_ms in zip(telemetry.boot, telemetry.seq, telemetry.ts_ms, strict=True):
            placed = self.samples.place(boot, seq)
            timed.missed += placed.missed
            if placed.order is Order.DUPLICATE:
                timed.duplicates += 1
                timed.at_s.append(nan)
                continue
            self.has_clock = can_be_right(ts_ms, arrival_ms) and not self.lag.behind
            if ts_ms is not None and self.has_clock:
                moment = ts_ms / 1000
            else:
                moment = max(arrival_ms / 1000, self.last_s + STEP_S)
            if placed.missed:
                since_s = min(self.last_s, moment)
                timed.holes += (Hole(boot, seq - placed.missed, placed.missed, since_s, moment),)
            elif placed.order is Order.LATE:
                timed.late += (len(timed.at_s),)
            self.last_s = max(self.last_s, moment)
            timed.at_s.append(moment)
        self._spend(timed, self.last_s - before_s if isfinite(before_s) else 0.0)
        return timed

    def has_room_for(self, metrics: Names[str]) -> bool:
        """Note the names of metrics; tell whether one device may have so many, or else note nothing."""
        new = [name for name in metrics if name not in self.metrics]
        if len(self.metrics) + len(new) > MAX_METRICS:
            return False
        self.metrics.update(dict.fromkeys(new))
        return True

    def _spend(self, timed: Timed, passed_s: float) -> None:
        """Leave out of ``to_score`` what is beyond the budget."""
        samples = len(timed.at_s) - timed.duplicates
        left = self.budget.spend(samples, passed_s)
        timed.over = samples - left
        for moment in timed.at_s:
            taken = not isnan(moment) and left > 0
            left -= taken
            timed.to_score.append(moment if taken else nan)

    def is_new_birth(self, payload: bytes) -> bool:
        """Tell whether a birth says something else than the last one; the broker repeats it at every subscription."""
        digest = blake2b(payload, digest_size=_DIGEST_BYTES).digest()
        changed, self.birth = digest != self.birth, digest
        return changed

    def is_new_presence(self, presence: Presence) -> bool:
        """Tell whether a status says something else than the last one."""
        changed, self.presence = presence is not self.presence, presence
        return changed

    def packed(self) -> PackedHeard:
        """Return all of it, for a snapshot."""
        return PackedHeard(
            self.samples.saved(),
            self.events.saved(),
            self.has_clock,
            self.last_s,
            self.birth,
            self.presence,
            self.lag,
            self.budget,
            list(self.metrics),
        )

    @classmethod
    def unpacked(cls, saved: PackedHeard) -> "Heard":
        """Return what was packed."""
        return cls(
            Sequence.restored(saved.samples),
            Sequence.restored(saved.events),
            saved.has_clock,
            saved.last_s,
            saved.birth,
            saved.presence,
            saved.lag,
            saved.budget,
            dict.fromkeys(saved.metrics),
        )
