"""Which fault it probably is, and why one may think so (pure values)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Suspect:
    """One possible fault. ``probability`` is 0..1; ``evidence`` are sentences a person reads."""

    fault: str
    probability: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Faults with probabilities, most likely first; they and ``unknown`` add up to 1.

    ``explanation`` is one sentence for staff. ``time_left`` is how long until the owner would notice
    (``None``: not known). ``shows`` is whether there is anything to see at all: a metric far from its usual, a word of
    the device's own, or its silence.
    """

    suspects: tuple[Suspect, ...]
    unknown: float
    explanation: str
    time_left: timedelta | None = None
    shows: bool = True
