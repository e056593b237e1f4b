"""Which fault it probably is, and why one may think so (pure values)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto


class Shows(Enum):
    """What there is to see of a device at all, whatever it means."""

    NOTHING = auto()  # every metric is close to its usual, and nothing was said
    UNCLEAR = auto()  # metrics are far off
    FOREIGN = auto()  # it said what no playbook knows
    WORD = auto()  # it said a code that the playbook knows, or fell silent


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
    (``None``: not known). ``shows`` is what there is to see at all.
    """

    suspects: tuple[Suspect, ...]
    unknown: float
    explanation: str
    time_left: timedelta | None = None
    shows: Shows = Shows.UNCLEAR
