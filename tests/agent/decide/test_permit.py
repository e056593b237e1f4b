"""Staff's word on a remedy holds for what it did when they gave it, and for nothing else under its name."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.permit import Permit, deed_of, lapsed, lets_act, level_of
from agent.diagnose.playbook import Autonomy, Remedy
from tests.builders import MINUTE, a_permit, a_remedy

LEVELS = tuple(Autonomy)
VALUES = st.sampled_from(("cold", 1.0, 0.0, True, False))
remedies = st.builds(
    a_remedy,
    verb=st.sampled_from(("restart", "set_config")),
    args=st.dictionaries(st.sampled_from(("wipe", "setpoint_c")), VALUES).map(lambda args: tuple(args.items())),
    reversible=st.booleans(),
    autonomy=st.sampled_from(Autonomy),
)


@given(then=remedies, now=remedies, word=st.sampled_from(Autonomy))
def test_a_word_counts_as_given_or_lets_the_agent_go_no_further_than_anybody_meant(
    then: Remedy, now: Remedy, word: Autonomy
) -> None:
    permit = a_permit(word, then)

    level = level_of(now, permit)

    if deed_of(then).digest == deed_of(now).digest:
        assert (level, lapsed(now, permit)) == (word, "")
    else:
        assert LEVELS.index(level) <= min(map(LEVELS.index, (word, now.autonomy, Autonomy.ASK)))
        assert lapsed(now, permit)


@given(remedy=remedies)
def test_a_playbook_alone_lets_nothing_be_done_that_may_do_harm(remedy: Remedy) -> None:
    level = level_of(remedy, None)

    if remedy.reversible:
        assert level is remedy.autonomy
    else:
        assert LEVELS.index(level) == min(LEVELS.index(remedy.autonomy), LEVELS.index(Autonomy.ASK))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"verb": "factory_reset"}, "its command was restart, and is factory_reset now"),
        ({"args": (("wipe", True),)}, "it was sent with nothing else, and is with wipe True now"),
        ({"reversible": False}, "it may do harm now if done for nothing"),
    ],
)
def test_what_was_changed_is_said(change: dict[str, Any], why: str) -> None:
    assert lapsed(a_remedy(**change), a_permit(Autonomy.ACT)) == why


def test_what_says_nothing_of_what_is_done_changes_nothing() -> None:
    reworded = a_remedy(words="started anew", verify_for=45 * MINUTE, autonomy=Autonomy.SUGGEST)

    assert level_of(reworded, a_permit(Autonomy.ACT)) is Autonomy.ACT
    assert level_of(reworded, None) is Autonomy.SUGGEST


def test_the_order_of_arguments_is_no_change_and_true_is_not_one() -> None:
    remedy = a_remedy(args=(("wipe", True), ("after_s", 5.0)))
    permit = a_permit(Autonomy.ACT, remedy)

    assert level_of(replace(remedy, args=remedy.args[::-1]), permit) is Autonomy.ACT
    assert lapsed(replace(remedy, args=(("wipe", 1.0), ("after_s", 5.0))), permit)


def test_a_word_on_nobody_knows_what_lets_nothing_be_sent() -> None:
    assert level_of(a_remedy(), Permit(Autonomy.ACT, None)) is Autonomy.ASK


@given(decided=remedies, then=remedies, word=st.sampled_from(Autonomy))
def test_a_word_lets_leave_what_it_would_let_be_decided_and_nothing_else(
    decided: Remedy, then: Remedy, word: Autonomy
) -> None:
    permit = a_permit(word, then)
    decided = replace(decided, reversible=then.reversible)  # which a command does not say

    level = level_of(decided, permit)

    by_itself = level is Autonomy.ACT or (level is Autonomy.ACT_IF_REVERSIBLE and decided.reversible)
    assert lets_act(permit, decided.verb, decided.args) is by_itself
