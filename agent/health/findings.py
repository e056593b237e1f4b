"""Evidence that something is off with one device (pure values)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from agent.health.stays import Stay


class FindingKind(StrEnum):
    """What sort of evidence a finding is."""

    ONSET = "onset"
    DRIFT = "drift"
    SILENCE = "silence"
    GAP = "gap"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Because:
    """One metric's part in a finding.

    ``share`` is 0..1 of the whole evidence; ``z`` is in the device's own standard deviations, positive
    above usual; ``value`` and ``usual`` are in the metric's unit. ``None``: not known.
    """

    metric: str
    share: float
    z: float | None
    value: float | None
    usual: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence that something is off, raised by the hot path.

    ``score`` is −log10 of a tail probability for onset, multiples of the threshold for drift, minutes
    for silence, missed messages for a gap, and 0 for an event. ``because`` lists the metrics that
    explain it, largest share first. ``code`` and ``text`` are the device's words for an event, hostile
    until escaped; empty otherwise.
    """

    device_id: str
    at: datetime
    kind: FindingKind
    score: float
    because: tuple[Because, ...] = ()
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Worn:
    """How far one metric has been from its usual over most of a day.

    ``z`` is in what devices of the product stray as a rule over such a time, positive above usual. ``shift`` is that,
    ``usual`` what is expected now and ``lately`` the mean of the newest samples, in the metric's unit (``None``: none).
    """

    metric: str
    z: float
    shift: float
    usual: float | None
    lately: float | None

    @property
    def stands(self) -> bool:
        """Whether it is off to this hour: the newest samples are at least half as far off, on the same side."""
        if self.lately is None or self.usual is None:
            return True
        return (self.lately - self.usual) * self.shift >= self.shift * self.shift / 2


LEAST_PATIENCE_S: Final = 600.0
"""For how long any device may be quiet."""


@dataclass(frozen=True, slots=True)
class HealthView:
    """What is known about a device's health at one moment; never "healthy" without evidence.

    ``state`` is −log10 of the tail probability of being normal, ``normal_since`` the instant from which it
    has stayed below the threshold without a gap (``None``: it is not normal, or nothing is known).
    ``sample_at`` is the newest sample (``None``: none yet). ``now`` has an entry a metric with its short-run
    deviation, ``worn`` one with the long run's (empty: not known). ``incomplete_since`` marks a known gap not yet
    outlived (``None``: no gap). ``patience_s`` is for how many seconds the device may be quiet by its own habit.
    ``stays`` are its newest stays in operating regimes, oldest first (empty: it names none).
    """

    device_id: str
    state: float
    drift: float
    warming: bool
    normal_since: datetime | None
    sample_at: datetime | None
    silent_since: datetime | None
    incomplete_since: datetime | None
    now: tuple[Because, ...]
    worn: tuple[Worn, ...] = ()
    patience_s: float = LEAST_PATIENCE_S
    stays: tuple[Stay, ...] = ()
