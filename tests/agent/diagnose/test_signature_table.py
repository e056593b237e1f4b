"""The count table."""

from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.signature_table import SignatureTable
from tests.agent.bench.examples import signs


def test_nothing_is_said_before_the_first_case() -> None:
    assert SignatureTable().predict(signs("hot")) == []


def test_what_followed_the_same_signs_is_likeliest() -> None:
    table = SignatureTable()
    for _ in range(10):
        table.learn(signs("hot"), ["pump"])
        table.learn(signs("cold"), ["fan"])

    chances = table.predict(signs("hot"))

    assert chances[0].fault == "pump"
    assert chances[0].probability > 0.9
    assert (chances[0].cases, chances[0].followed) == (10, 10)


def test_a_set_of_signs_never_seen_leans_on_the_last_sign() -> None:
    table = SignatureTable()
    for _ in range(10):
        table.learn(signs("hot"), ["pump"])
        table.learn(signs("noise"), [])

    unseen = table.predict(signs("odd", "hot"))[0].probability

    assert unseen > table.predict(signs("odd", "noise"))[0].probability


def test_false_alarms_bring_the_chance_down() -> None:
    table = SignatureTable()
    table.learn(signs("hot"), ["pump"])
    before = table.predict(signs("hot"))[0].probability
    for _ in range(20):
        table.learn(signs("hot"), [])

    assert table.predict(signs("hot"))[0].probability < before / 3


@given(st.lists(st.tuples(st.sampled_from(["hot", "cold"]), st.booleans()), max_size=30))
def test_chances_are_probabilities(cases: list[tuple[str, bool]]) -> None:
    table = SignatureTable()
    for sign, failed in cases:
        table.learn(signs(sign), ["pump"] if failed else [])

    assert all(0 <= chance.probability <= 1 for chance in table.predict(signs("hot")))
