"""Who may speak for a product: the learner in charge, and its shadows (pure; ``Contest`` is state).

All are judged on every confirmed case before they learn from it (prequential evaluation; A. P. Dawid, J. R. Stat. Soc.
A 147, 1984). Another takes over when its precision and its recall are both better over enough faults; the one replaced
goes on in the shadow and takes over again when it is better in turn. Ties leave things as they are.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from agent.diagnose.signature_table import Chance
from agent.diagnose.signs import Signs


@dataclass(frozen=True, slots=True)
class Record:
    """How a learner did on cases it had not learned yet; fractions where older cases count less. All ≥ 0."""

    right: float = 0.0
    false: float = 0.0
    missed: float = 0.0

    @property
    def precision(self) -> float:
        """Right calls among all calls, 0..1; 0 before the first."""
        return self.right / max(1.0, self.right + self.false)

    @property
    def recall(self) -> float:
        """Right calls among all faults that came, 0..1; 0 before the first."""
        return self.right / max(1.0, self.right + self.missed)

    @property
    def faults(self) -> float:
        """Faults that came."""
        return self.right + self.missed

    def after(self, called: Collection[str], happened: Collection[str], keep: float) -> "Record":
        """Return the record with one case more; what was before counts ``keep`` (0..1) of what it did."""
        called_set, happened_set = frozenset(called), frozenset(happened)
        return Record(
            right=keep * self.right + len(called_set & happened_set),
            false=keep * self.false + len(called_set - happened_set),
            missed=keep * self.missed + len(happened_set - called_set),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """When a learner is replaced.

    Attributes:
        enough: faults that must have come before anyone is replaced.
        keep: what a case counts after the next one came, 0..1; 1 never forgets, so a learner that was good once
            stays in charge long after it has stopped being so.
    """

    enough: float = 30.0
    keep: float = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is in charge, and how each did so far; the one in charge is among them."""

    in_charge: str
    records: Mapping[str, Record]

    def after(self, calls: Mapping[str, Collection[str]], happened: Collection[str], rule: Rule) -> "Standing":
        """Return how they stand after a case in which they made these calls, by learner."""
        records = {name: record.after(calls[name], happened, rule.keep) for name, record in self.records.items()}
        in_charge, reigning = self.in_charge, records[self.in_charge]
        if reigning.faults < rule.enough:
            return Standing(in_charge, records)
        for name, record in records.items():
            if record.precision > reigning.precision and record.recall > reigning.recall:
                in_charge, reigning = name, record
        return Standing(in_charge, records)


class Learner(Protocol):
    """Learns which faults follow which signs, online."""

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Take a confirmed outcome: the faults that followed in time, or none."""
        ...

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far, likeliest first."""
        ...


class Contest:
    """Learners that live in memory, the first in charge to begin with.

    Args:
        learners: by name.
        call_from: probability from which a prediction counts as a call.
        enough: faults that must have come before anyone is replaced.
    """

    def __init__(self, learners: dict[str, Learner], call_from: float = 0.5, enough: float = 30.0) -> None:
        self._learners = dict(learners)
        self._call_from = call_from
        self._rule = Rule(enough)
        self._standing = Standing(next(iter(learners)), {name: Record() for name in learners})

    @property
    def in_charge(self) -> str:
        """The name of the learner that speaks."""
        return self._standing.in_charge

    def predict(self, signs: Signs) -> list[Chance]:
        """Return what the learner in charge says."""
        return self._learners[self.in_charge].predict(signs)

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Judge every learner on a confirmed case, teach it, and let another take over that has earned it."""
        happened = frozenset(outcomes)
        calls: dict[str, frozenset[str]] = {}
        for name, learner in self._learners.items():
            calls[name] = frozenset(c.fault for c in learner.predict(signs) if c.probability >= self._call_from)
            learner.learn(signs, happened)
        self._standing = self._standing.after(calls, happened, self._rule)

    def records(self) -> dict[str, Record]:
        """Return how each learner did so far, to be shown beside every diagnosis."""
        return dict(self._standing.records)
