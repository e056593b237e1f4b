"""Which kind of model a product gets, and what becomes of it when another is chosen."""

import numpy as np
import pytest

from agent.health.errors import ModelChoiceError
from agent.health.fleet import Fleet
from agent.health.fleet_snapshot import fill_fleet, pack_fleet
from agent.health.gathering import Source
from agent.health.models import Choice, read_choice
from broker.messages import Birth, MetricSpec, Telemetry

PRODUCTS = ("frost-200", "bean-9")


def chosen(product: str, kind: str) -> Choice:
    return read_choice(f"{product}={kind}", PRODUCTS)


def test_a_product_gets_the_kind_that_was_chosen_and_others_the_usual_one() -> None:
    choice = read_choice(" frost-200 = river , bean-9=half-space-trees", PRODUCTS)

    assert [choice("frost-200"), choice("bean-9"), choice("new-1")] == ["river", "half-space-trees", "fleet"]
    assert read_choice("", PRODUCTS)("frost-200") == "fleet"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("frost-200", "'frost-200' is not one product=kind"),
        ("frost-200=river,frost-200=fleet", "'frost-200=fleet' is not one product=kind"),
        ("frost-2000=river", "there is no playbook for 'frost-2000', only for bean-9, frost-200"),
        ("frost-200=rivers", "there is no kind of model 'rivers': choose river, fleet"),
    ],
)
def test_a_choice_that_cannot_be_made_is_named_in_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(ModelChoiceError, match="AMENDS_MODELS: " + problem):
        read_choice(text, PRODUCTS)


def a_life(choice: Choice) -> Fleet:
    """A freezer that has told a day and a half of ordinary temperatures."""
    fleet = Fleet(choice=choice)
    fleet.born("d1", Birth(boot="b", product="frost-200", metrics={"t": MetricSpec()}))
    tell(fleet, 0, 2_160)
    return fleet


def tell(fleet: Fleet, start: int, count: int) -> None:
    chance = np.random.default_rng(start)
    for minute in range(start, start + count):
        value = float(chance.normal(-18.0, 0.1))
        told = Telemetry(boot=("b",), seq=(minute,), ts_ms=(minute * 60_000,), metrics=("t",), flat=(value,))
        fleet.sample("d1", told, [minute * 60.0], Source(minute, minute * 60.0))
    fleet.score()


def test_a_product_of_another_kind_begins_anew_and_says_so() -> None:
    packed = pack_fleet(a_life(chosen("frost-200", "river")))
    fleet = Fleet(choice=chosen("frost-200", "fleet"))

    fill_fleet(fleet, packed)
    restored = fleet.view("d1")
    tell(fleet, 2_160, 10)
    later = fleet.view("d1")

    assert fleet.begun_anew == ("frost-200",)
    assert fleet.products["frost-200"].kind == "fleet"
    assert restored is not None
    assert restored.warming
    assert restored.normal_since is None
    assert later is not None
    assert later.warming
    assert len(fleet.recent("d1").at_s) == 1_440


def test_a_product_of_the_same_kind_goes_on_where_it_was() -> None:
    packed = pack_fleet(a_life(chosen("frost-200", "river")))
    fleet = Fleet(choice=chosen("frost-200", "river"))

    fill_fleet(fleet, packed)

    assert fleet.begun_anew == ()
    assert pack_fleet(fleet) == packed
