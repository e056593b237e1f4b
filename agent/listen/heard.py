"""What was heard of one device so far (state): its numbering, its clock, its last birth and presence."""

from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from agent.listen.device_clock import can_be_right
from agent.listen.sequence import Order, Sequence
from broker.messages import Presence, Telemetry

_DIGEST_BYTES = 16
_STEP_S = 0.001  # between samples that came at once from a device without a clock


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

    ``late`` are places in the message of samples whose numbers had been missed.
    """

    at_s: list[float]
    duplicates: int
    missed: int
    holes: tuple[Hole, ...] = ()
    late: tuple[int, ...] = ()


class PackedHeard(msgspec.Struct, frozen=True, array_like=True):
    """A ``Heard`` as it is written down."""

    samples: list[tuple[str, int, list[int]]]
    events: list[tuple[str, int, list[int]]]
    has_clock: bool
    last_s: float
    birth: bytes
    presence: Presence | None


@dataclass(slots=True)
class Heard:
    """One device. ``last_s`` is the newest time given to a sample; ``presence`` ``None``: it never said.

    ``birth`` is a digest of the last one, empty before there was one.
    """

    samples: Sequence = field(default_factory=Sequence)
    events: Sequence = field(default_factory=Sequence)
    has_clock: bool = True
    last_s: float = float("-inf")
    birth: bytes = b""
    presence: Presence | None = None

    def time(self, telemetry: Telemetry, arrival_ms: int) -> Timed:
        """Number and time the samples of one message; the device's own time where it can be right."""
        timed = Timed([], 0, 0)
        for boot, seq, ts_ms in zip(telemetry.boot, telemetry.seq, telemetry.ts_ms, strict=True):
            placed = self.samples.place(boot, seq)
            timed.missed += placed.missed
            if placed.order is Order.DUPLICATE:
                timed.duplicates += 1
                timed.at_s.append(float("nan"))
                continue
            self.has_clock = can_be_right(ts_ms, arrival_ms)
            if ts_ms is not None and self.has_clock:
                moment = ts_ms / 1000
            else:
                moment = max(arrival_ms / 1000, self.last_s + _STEP_S)
            if placed.missed:
                since_s = min(self.last_s, moment)
                timed.holes += (Hole(boot, seq - placed.missed, placed.missed, since_s, moment),)
            elif placed.order is Order.LATE:
                timed.late += (len(timed.at_s),)
            self.last_s = max(self.last_s, moment)
            timed.at_s.append(moment)
        return timed

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
            self.samples.saved(), self.events.saved(), self.has_clock, self.last_s, self.birth, self.presence
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
        )
