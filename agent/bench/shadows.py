"""River classifiers that learn the same cases beside the count table (state).

One binary classifier a fault, because several faults may follow the same signs. Until a fault was confirmed once,
nothing is said about it. Signs heard of before are given as 0 or 1, never left out: a river scaler would flatten a
feature that is only ever 1 or absent, and a tree could not split on it. For the same reason nothing is scaled but by
hand.
"""

import math
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

from river import base, forest, linear_model, optim

from agent.bench.signatures import Chance, Signs


class Learner(Protocol):
    """Learns which faults follow which signs, online."""

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Take a confirmed outcome: the faults that followed in time, or none."""
        ...

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far, likeliest first."""
        ...


class RiverLearner:
    """A river classifier behind the interface of the count table.

    Args:
        make: returns a fresh classifier that knows ``predict_proba_one`` and ``learn_one``.
    """

    def __init__(self, make: Callable[[], base.Classifier]) -> None:
        self._make = make
        self._models: dict[str, base.Classifier] = {}
        self._followed: dict[str, int] = {}
        self._heard: set[str] = set()
        self._cases = 0

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Take a confirmed outcome: the faults that followed in time, or none."""
        happened = set(outcomes)
        self._cases += 1
        self._heard |= signs.recent
        for fault in happened:
            self._models.setdefault(fault, self._make())
            self._followed[fault] = self._followed.get(fault, 0) + 1
        for fault, model in self._models.items():
            model.learn_one(features_of(signs, fault, self._heard), fault in happened)

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far, likeliest first."""
        chances = [
            Chance(
                fault,
                float(model.predict_proba_one(features_of(signs, fault, self._heard)).get(True, 0.0)),
                self._cases,
                self._followed[fault],
            )
            for fault, model in self._models.items()
        ]
        return sorted(chances, key=lambda chance: (-chance.probability, chance.fault))


def features_of(signs: Signs, fault: str, heard: Iterable[str]) -> dict[Hashable, float]:
    """Return the signs as numbers from 0 to about 1: recent ones, the last one, the hour, the age of the part."""
    features: dict[Hashable, float] = {f"recent:{sign}": float(sign in signs.recent) for sign in sorted(heard)}
    features |= {f"last:{sign}": float(sign == signs.last) for sign in sorted(heard)}
    features |= {f"hour:{hour}": float(hour == signs.hour) for hour in range(24)}
    if fault in signs.age_days:
        features["age"] = math.log1p(max(signs.age_days[fault], 0.0)) / 5.0
    return features


def logistic() -> base.Classifier:
    """Return a logistic regression: small and quick."""
    return linear_model.LogisticRegression(optimizer=optim.Adam(0.05))


def adaptive_forest() -> base.Classifier:
    """Return an adaptive random forest (H. M. Gomes et al., Machine Learning 106, 2017): better, much slower."""
    return forest.ARFClassifier(n_models=10, seed=7)


@dataclass(slots=True)
class Record:
    """How a learner did on cases it had not learned yet."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Right calls among all calls; 0 before the first."""
        return self.right / max(1, self.right + self.false)

    @property
    def recall(self) -> float:
        """Right calls among all faults that came; 0 before the first."""
        return self.right / max(1, self.right + self.missed)

    @property
    def faults(self) -> int:
        """Faults that came."""
        return self.right + self.missed


class Contest:
    """The learner in charge of a product, and its shadows.

    All predict, then learn, every confirmed case (prequential evaluation; A. P. Dawid, J. R. Stat. Soc. A 147, 1984). A
    shadow takes over when its precision and its recall are both better over at least ``enough`` faults; ties leave
    things as they are.

    Args:
        learners: by name; the first is in charge to begin with.
        call_from: probability from which a prediction counts as a call.
        enough: faults that must have come before anyone is replaced.
    """

    def __init__(self, learners: dict[str, Learner], call_from: float = 0.5, enough: int = 30) -> None:
        self._learners = dict(learners)
        self._records = {name: Record() for name in learners}
        self._call_from = call_from
        self._enough = enough
        self.in_charge = next(iter(learners))

    def predict(self, signs: Signs) -> list[Chance]:
        """Return what the learner in charge says."""
        return self._learners[self.in_charge].predict(signs)

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Judge every learner on a confirmed case, teach it, and promote a shadow that has earned it."""
        happened = set(outcomes)
        for name, learner in self._learners.items():
            called = {c.fault for c in learner.predict(signs) if c.probability >= self._call_from}
            record = self._records[name]
            record.right += len(called & happened)
            record.false += len(called - happened)
            record.missed += len(happened - called)
            learner.learn(signs, happened)
        self._promote()

    def records(self) -> dict[str, Record]:
        """Return how each learner did so far, to be shown beside every diagnosis."""
        return dict(self._records)

    def _promote(self) -> None:
        reigning = self._records[self.in_charge]
        if reigning.faults < self._enough:
            return
        for name, record in self._records.items():
            if record.precision > reigning.precision and record.recall > reigning.recall:
                self.in_charge, reigning = name, record
