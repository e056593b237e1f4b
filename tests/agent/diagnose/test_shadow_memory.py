"""What a shadow has learned, kept as figures."""

from random import Random

import msgspec

from agent.diagnose.shadow_memory import EMPTY, Memory, recalled, remembered
from agent.diagnose.shadows import RiverLearner
from agent.diagnose.signs import Signs


def taught(learner: RiverLearner, chance: Random, cases: int) -> None:
    for _ in range(cases):
        sign = chance.choice(("hot", "cold", "loud"))
        signs = Signs(sign, frozenset({sign}), 12, leaning={"pump": chance.random()})
        learner.learn(signs, ["pump"] if sign == "hot" else ["fan"] if chance.random() < 0.5 else [])


def test_a_shadow_read_back_goes_on_as_if_nothing_had_happened() -> None:
    one = recalled(EMPTY)
    taught(one, Random(1), 40)

    kept = msgspec.json.encode(remembered(one))
    other = recalled(msgspec.json.decode(kept, type=Memory))
    taught(one, Random(2), 40)
    taught(other, Random(2), 40)

    assert remembered(other) == remembered(one)
    signs = Signs("hot", frozenset({"hot"}), 12)
    assert other.predict(signs) == one.predict(signs)


def test_what_is_kept_is_figures_and_names_only() -> None:
    learner = recalled(EMPTY)
    taught(learner, Random(1), 10)

    assert msgspec.convert(msgspec.to_builtins(remembered(learner)), Memory) == remembered(learner)
