import pytest

from device_sim.chance import seeded
from device_sim.faults import Cure, FaultKind
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import ODDS, Reaction, draw_reaction, is_cure

HEALABLE = [f for p in PRODUCTS.values() for f in p.faults.values() if f.kind is FaultKind.HEALABLE]


@pytest.mark.parametrize("verb", list(ODDS))
def test_the_odds_of_a_verb_add_up_to_one_and_mostly_heal(verb: str) -> None:
    assert sum(ODDS[verb].values()) == pytest.approx(1.0)
    assert ODDS[verb][Reaction.HEALS] >= 0.7


def test_every_cure_has_its_odds_and_every_reaction_can_come() -> None:
    assert {fault.cure.verb for fault in HEALABLE if fault.cure} == set(ODDS)
    assert {reaction for odds in ODDS.values() for reaction in odds} == set(Reaction)


def test_a_fault_without_a_cure_takes_nothing() -> None:
    worn = PRODUCTS["frost-200"].faults["fan_bearing_wear"]

    assert draw_reaction(worn, seeded("1")) is Reaction.NOTHING


def test_a_cure_needs_its_verb_and_all_its_arguments_and_minds_no_others() -> None:
    cure = Cure("set_config", {"setpoint_c": -18.0})

    assert is_cure(cure, "set_config", {"setpoint_c": -18})
    assert is_cure(cure, "set_config", {"setpoint_c": -18, "light": 1})
    assert not is_cure(cure, "set_config", {"setpoint_c": -16})
    assert not is_cure(cure, "set_config", {})
    assert not is_cure(cure, "restart", {"setpoint_c": -18})
    assert not is_cure(None, "set_config", {"setpoint_c": -18})
