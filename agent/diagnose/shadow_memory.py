"""What a logistic shadow has learned, as plain figures (pure): kept in the database, and read back as it was.

Weights and the optimizer's moments by fault; nothing in it is code, so a database somebody else wrote to can make
predictions wrong but cannot make the agent do anything. Other classifiers of river are not kept: they can only be
saved as pickles, which run whatever is in them.
"""

from typing import Final

import msgspec
from river import linear_model, optim, utils

from agent.diagnose.shadows import RiverLearner, logistic

VERSION: Final = 1


class Weights(msgspec.Struct, frozen=True):
    """One fault's classifier; ``first`` and ``second`` are Adam's moments."""

    intercept: float
    steps: int
    weights: dict[str, float]
    first: dict[str, float]
    second: dict[str, float]


class Memory(msgspec.Struct, frozen=True):
    """A whole learner: its classifiers and how often each fault followed, by fault; signs heard of; cases."""

    models: dict[str, Weights]
    followed: dict[str, int]
    heard: list[str]
    cases: int


EMPTY: Final = Memory({}, {}, [], 0)


def recalled(memory: Memory) -> RiverLearner:
    """Return the learner as it was when it was remembered."""
    return RiverLearner(
        logistic,
        models={fault: _classifier(weights) for fault, weights in memory.models.items()},
        followed=memory.followed,
        heard=memory.heard,
        cases=memory.cases,
    )


def remembered(learner: RiverLearner) -> Memory:
    """Return what a learner made by ``recalled`` knows by now."""
    models = {
        fault: _weights(model)
        for fault, model in learner.models.items()
        if isinstance(model, linear_model.LogisticRegression)
    }
    return Memory(models, dict(learner.followed), sorted(learner.heard), learner.cases)


def _weights(model: linear_model.LogisticRegression) -> Weights:
    adam = model.optimizer
    assert isinstance(adam, optim.Adam)  # ``logistic`` makes no other
    first, second = ({} if moment is None else _plain(moment.to_dict()) for moment in (adam.m, adam.v))
    return Weights(float(model.intercept), int(adam.n_iterations), _plain(model.weights), first, second)


def _plain(figures: dict[object, float]) -> dict[str, float]:
    return {str(name): float(value) for name, value in sorted(figures.items(), key=lambda item: str(item[0]))}


def _classifier(weights: Weights) -> linear_model.LogisticRegression:
    model = logistic()
    assert isinstance(model, linear_model.LogisticRegression)  # see there
    model.intercept = weights.intercept
    model._weights = utils.VectorDict(dict(weights.weights))  # noqa: SLF001 - river has no other way in
    model.optimizer.n_iterations = weights.steps
    if weights.steps:
        model.optimizer.m = utils.VectorDict(dict(weights.first))
        model.optimizer.v = utils.VectorDict(dict(weights.second))
    return model
