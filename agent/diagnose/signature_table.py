"""Which fault follows these signs, and how many cases say so (state).

A table of counts over signatures: for each fault, how often it followed the sign that came last, the set of signs of
the last day, that set at this time of day, and that set with the part at this age. Finer signatures lean on coarser
ones until they have cases of their own, so the table answers from the first day and sharpens as outcomes come in. No
outcome is ever guessed: what nobody confirmed teaches nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.diagnose.signs import Signs

AGE_STEPS_DAYS = (7.0, 14.0, 28.0, 56.0, 112.0)
STRENGTH = 2.0
"""Cases that the coarser signature counts as. Source: backing off with a Dirichlet prior; D. J. C. MacKay, L. Peto, "A
hierarchical Dirichlet language model", Natural Language Engineering 1 (1995) 289-307."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Confirmed cases, ``seen`` ≥ 0, and in how many of them a fault was behind it, 0..``seen``."""

    seen: int = 0
    followed: int = 0


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a fault is to follow soon.

    ``cases`` are the confirmed ones with this very signature, whatever followed; ``followed`` those the fault followed.
    """

    fault: str
    probability: float
    cases: int
    followed: int


def backed_off(probability: float, tally: Tally, strength: float) -> float:
    """Return the probability 0..1 after a finer signature's cases; the coarser one counts as ``strength`` cases."""
    return (tally.followed + strength * probability) / (tally.seen + strength)


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
        newest = Tally()
        for key in _keys(signs, fault):
            tally = Tally(self._seen.get(key, 0), self._followed.get((fault, key), 0))
            probability = backed_off(probability, tally, STRENGTH)
            newest = tally if tally.seen else newest
        return Chance(fault, probability, newest.seen, newest.followed)


def _keys(signs: Signs, fault: str) -> list[Key]:
    """Return the signatures from coarse to fine; the fault is in every key, because ages differ by fault."""
    return [
        (fault,),
        (fault, "last", signs.last),
        (fault, "set", signs.together),
        (fault, "age", signs.together, _age(signs.age_days.get(fault))),
        (fault, "hour", signs.together, str(signs.hour)),
    ]


def _age(days: float | None) -> str:
    """Return the age as a step of ``AGE_STEPS_DAYS``."""
    if days is None:
        return "unknown"
    return str(sum(days >= step for step in AGE_STEPS_DAYS))
