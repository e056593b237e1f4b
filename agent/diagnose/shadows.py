"""River classifiers that learn the same cases beside the count table (state).

One binary classifier a fault, because several faults may follow the same signs. Until a fault was confirmed once,
nothing is said about it. Signs heard of before are given as 0 or 1, never left out: a river scaler would flatten a
feature that is only ever 1 or absent, and a tree could not split on it. For the same reason nothing is scaled but by
hand.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping

from river import base, forest, linear_model, optim

from agent.diagnose.signature_table import Chance
from agent.diagnose.signs import Signs


class RiverLearner:
    """A river classifier behind the interface of the count table.

    Args:
        make: returns a fresh classifier that knows ``predict_proba_one`` and ``learn_one``.
        models: classifiers by fault, where it has learned before; the same faults as in ``followed``.
        followed: how often each fault followed.
        heard: signs it has heard of.
        cases: cases it has learned.
    """

    def __init__(
        self,
        make: Callable[[], base.Classifier],
        *,
        models: Mapping[str, base.Classifier] | None = None,
        followed: Mapping[str, int] | None = None,
        heard: Iterable[str] = (),
        cases: int = 0,
    ) -> None:
        self._make = make
        self.models = dict(models or {})
        self.followed = dict(followed or {})
        self.heard = set(heard)
        self.cases = cases

    def learn(self, signs: Signs, outcomes: Iterable[str]) -> None:
        """Take a confirmed outcome: the faults that followed in time, or none."""
        happened = set(outcomes)
        self.cases += 1
        self.heard |= signs.recent
        for fault in happened:
            self.models.setdefault(fault, self._make())
            self.followed[fault] = self.followed.get(fault, 0) + 1
        for fault, model in self.models.items():
            model.learn_one(features_of(signs, fault, self.heard), fault in happened)

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far, likeliest first."""
        chances = [
            Chance(
                fault,
                float(model.predict_proba_one(features_of(signs, fault, self.heard)).get(True, 0.0)),
                self.cases,
                self.followed[fault],
            )
            for fault, model in self.models.items()
        ]
        return sorted(chances, key=lambda chance: (-chance.probability, chance.fault))


def features_of(signs: Signs, fault: str, heard: Iterable[str]) -> dict[Hashable, float]:
    """Return the signs as numbers from 0 to about 1: recent ones, the last, the hour, the part's age, the playbook."""
    features: dict[Hashable, float] = {f"recent:{sign}": float(sign in signs.recent) for sign in sorted(heard)}
    features |= {f"last:{sign}": float(sign == signs.last) for sign in sorted(heard)}
    features |= {f"hour:{hour}": float(hour == signs.hour) for hour in range(24)}
    if fault in signs.age_days:
        features["age"] = math.log1p(max(signs.age_days[fault], 0.0)) / 5.0
    if fault in signs.leaning:
        features["playbook"] = signs.leaning[fault]
    return features


def logistic() -> base.Classifier:
    """Return a logistic regression: small and quick."""
    return linear_model.LogisticRegression(optimizer=optim.Adam(0.05))


def adaptive_forest() -> base.Classifier:
    """Return an adaptive random forest (H. M. Gomes et al., Machine Learning 106, 2017): better, much slower."""
    return forest.ARFClassifier(n_models=10, seed=7)
