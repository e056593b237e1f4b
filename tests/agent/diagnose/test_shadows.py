"""River classifiers in the shadow of the count table."""

import pytest

from agent.diagnose.contest import Contest
from agent.diagnose.shadows import RiverLearner, adaptive_forest, logistic
from agent.diagnose.signature_table import Chance, SignatureTable
from agent.diagnose.signs import Signs
from tests.agent.bench.examples import signs


class Oracle:
    """Always right about the sign "hot", or always wrong."""

    def __init__(self, *, right: bool) -> None:
        self.right = right

    def learn(self, signs: Signs, outcomes: object) -> None:
        """Nothing to learn."""

    def predict(self, signs: Signs) -> list[Chance]:
        return [Chance("pump", float((signs.last == "hot") == self.right), 0, 0)]


def taught(contest: Contest, cases: int) -> Contest:
    for _ in range(cases):
        contest.learn(signs("hot"), ["pump"])
        contest.learn(signs("noise"), [])
    return contest


@pytest.mark.parametrize("make", [logistic, adaptive_forest])
def test_a_river_classifier_learns_what_follows(make: object) -> None:
    learner = RiverLearner(make)  # type: ignore[arg-type] # both are factories
    for _ in range(200):
        learner.learn(signs("hot"), ["pump"])
        learner.learn(signs("noise"), [])

    assert learner.predict(signs("hot"))[0].probability > 0.6
    assert learner.predict(signs("noise"))[0].probability < 0.4


def test_a_shadow_that_is_better_in_both_takes_over() -> None:
    contest = Contest({"table": Oracle(right=False), "river": Oracle(right=True)}, enough=30)

    assert taught(contest, 40).in_charge == "river"


def test_nobody_is_replaced_before_enough_faults_came() -> None:
    contest = Contest({"table": Oracle(right=False), "river": Oracle(right=True)}, enough=30)

    assert taught(contest, 29).in_charge == "table"


def test_equals_leave_things_as_they_are() -> None:
    contest = Contest({"table": SignatureTable(), "twin": SignatureTable()}, enough=5)

    assert taught(contest, 50).in_charge == "table"


def test_what_is_said_comes_from_the_one_in_charge() -> None:
    contest = taught(Contest({"table": Oracle(right=False), "river": Oracle(right=True)}, enough=5), 20)

    assert contest.predict(signs("hot"))[0].probability == 1.0
