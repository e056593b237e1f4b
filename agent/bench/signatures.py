"""Which fault follows these signs, and how many cases say so (state).

A table of counts over signatures: for each fault, how often it followed the sign that came last, the set of signs of
the last day, that set at this time of day, and that set with the part at this age. Finer signatures lean on coarser
ones until they have cases of their own, so the table answers from the first day and sharpens as outcomes come in. No
outcome is ever guessed: what nobody confirmed teaches nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

AGE_STEPS_DAYS = (7.0, 14.0, 28.0, 56.0, 112.0)
STRENGTH = 2.0
"""Cases that the coarser signature counts as. Source: backing off with a Dirichlet prior; D. J. C. MacKay, L. Peto, "A
hierarchical Dirichlet language model", Natural Language Engineering 1 (1995) 289-307."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signs:
    """What was known about a device when it had to be judged."""

    last: str
    """The sign that came last: an event code, or a finding."""
    recent: frozenset[str]
    """Signs of the last day, the last one among them."""
    hour: int
    """Hour of the day, in the device's own time where known."""
    age_days: dict[str, float]
    """For each fault, days since the part behind it was new; missing: not known."""


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a fault is to follow soon."""

    fault: str
    probability: float
    cases: int
    """Confirmed cases with this very signature, whatever followed."""
    followed: int
    """How many of them this fault followed."""


class SignatureTable:
    """Counts what followed which signs."""

    def __init__(self) -> None:
        self._faults: set[str] = set()
        self._seen: dict[Key, int] = {}
        self._followed: dict[tuple[str, Key], int] = {}

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Take a confirmed outcome: the faults that followed, or none. Late is fine; give the signs as they were."""
        happened = set(outcomes)
        self._faults |= happened | set(signs.age_days)
        for fault in self._faults:
            for key in _keys(signs, fault):
                self._seen[key] = self._seen.get(key, 0) + 1
                if fault in happened:
                    self._followed[fault, key] = self._followed.get((fault, key), 0) + 1

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far, likeliest first."""
        chances = [self._chance(signs, fault) for fault in self._faults]
        return sorted(chances, key=lambda chance: (-chance.probability, chance.fault))

    def _chance(self, signs: Signs, fault: str) -> Chance:
        probability = 0.0
        cases = followed = 0
        for key in _keys(signs, fault):
            seen = self._seen.get(key, 0)
            hits = self._followed.get((fault, key), 0)
            probability = (hits + STRENGTH * probability) / (seen + STRENGTH)
            if seen:
                cases, followed = seen, hits
        return Chance(fault, probability, cases, followed)


def _keys(signs: Signs, fault: str) -> list[Key]:
    """Return the signatures from coarse to fine; the fault is in every key, because ages differ by fault."""
    together = "+".join(sorted(signs.recent))
    return [
        (fault,),
        (fault, "last", signs.last),
        (fault, "set", together),
        (fault, "age", together, _age(signs.age_days.get(fault))),
        (fault, "hour", together, str(signs.hour)),
    ]


def _age(days: float | None) -> str:
    """Return the age as a step of ``AGE_STEPS_DAYS``."""
    if days is None:
        return "unknown"
    return str(sum(days >= step for step in AGE_STEPS_DAYS))
