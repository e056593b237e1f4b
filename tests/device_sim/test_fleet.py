from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.topics import is_device_id
from device_sim.chance import seeded
from device_sim.fleet import Fleet, device_ids, make_fleet
from device_sim.mishaps import Troubles
from device_sim.people.owners import draw_owners
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import Reaction
from device_sim.scenarios import SCENARIOS, UnknownScenarioError, scenario_named
from tests.device_sim.examples import NOON

DEMO = SCENARIOS["demo"]


def fleet(seed: int, devices: int = 8, scenario: str = "demo") -> Fleet:
    return make_fleet(scenario_named(scenario), seed, devices, NOON - timedelta(hours=1), NOON)


def spoken(given_: Fleet) -> list[bytes]:
    payloads = []
    for device in given_.devices:
        payloads += [publish.payload for publish in device.history(NOON - timedelta(hours=1), NOON)]
        for minute in range(60):
            payloads += [publish.payload for publish in device.step(NOON + timedelta(minutes=minute))]
    return payloads


def test_the_same_seed_gives_the_same_fleet_owners_and_words() -> None:
    one, other = fleet(7), fleet(7)

    assert one.owners == other.owners
    assert [device.identity for device in one.devices] == [device.identity for device in other.devices]
    assert spoken(one) == spoken(other)


def test_another_seed_gives_another_fleet() -> None:
    one, other = fleet(7), fleet(8)

    assert one.owners != other.owners
    assert [device.identity.serial for device in one.devices] != [device.identity.serial for device in other.devices]


def test_a_device_is_the_same_in_a_larger_fleet_but_for_its_owner() -> None:
    one, other = fleet(7, 4).devices[1], fleet(7, 12).devices[1]

    assert one.identity == other.identity


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_every_device_has_one_owner_and_a_valid_id(seed: int, devices: int) -> None:
    ids = device_ids(DEMO, devices)
    owners = draw_owners(seed, ids)

    owned = [device_id for owner in owners for device_id in owner.devices]
    assert sorted(owned) == sorted(ids)
    assert len(set(ids)) == devices
    assert all(is_device_id(device_id) for device_id in ids)
    assert len({owner.email for owner in owners}) == len(owners)


def test_a_fleet_mixes_protocols_shapes_and_households_of_several_devices() -> None:
    given_ = fleet(1, 24)

    assert {device.identity.mqtt5 for device in given_.devices} == {True, False}
    assert {device.identity.batch for device in given_.devices} == {1, 3}
    assert {len(owner.devices) for owner in given_.owners} == {1, 2}
    assert len({owner.lang for owner in given_.owners}) >= 3


@pytest.mark.parametrize(
    "opening", DEMO.openings, ids=lambda opening: f"{opening.product}-{opening.nth}-{opening.fault}"
)
def test_every_opening_names_a_device_and_a_fault_that_are_there(opening) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a row of the table
    assert opening.fault in PRODUCTS[opening.product].faults
    assert opening.nth <= DEMO.devices // len(PRODUCTS)
    assert opening.after < timedelta(minutes=200)


def test_the_demo_opens_one_after_the_other_on_different_devices() -> None:
    devices = [(opening.product, opening.nth) for opening in DEMO.openings]
    gaps = [later.after - earlier.after for earlier, later in pairwise(DEMO.openings)]

    assert len(set(devices)) == len(devices)
    assert DEMO.openings[0].after >= timedelta(minutes=16)
    assert min(gaps) >= timedelta(minutes=4)


def test_the_demo_shows_within_its_first_hours_what_it_promises() -> None:
    given_ = fleet(3, 24)
    begun: dict[str, str] = {}
    for device in given_.devices:
        for minute in range(200):
            device.step(NOON + timedelta(minutes=minute))
            if device.ailments.fault:
                begun.setdefault(device.identity.device_id, device.ailments.fault.name)

    assert begun["frost-0001"] == "memory_leak"
    assert begun["bean-0001"] == "group_clogged"
    assert begun["therm-0001"] == "circulation_pump_wear"
    assert begun["volt-0001"] == "charge_limit_corrupted"
    assert begun["frost-0003"] == "door_left_open"


@pytest.mark.parametrize("times", [1, 2])
def test_every_fault_is_on_one_device_and_on_two_of_a_fleet_of_twice_the_size(times: int) -> None:
    every = scenario_named("every")
    begun: Counter[tuple[str, str]] = Counter()
    for device in fleet(3, times * every.devices, "every").devices:
        for minutes in range(40, 90):  # the last one begins after 70
            device.step(NOON + timedelta(minutes=minutes))
        assert device.ailments.fault is not None
        begun[device.product.name, device.ailments.fault.name] += 1

    assert begun == {(product.name, fault): times for product in PRODUCTS.values() for fault in product.faults}


def test_a_quiet_fleet_stays_healthy() -> None:
    given_ = fleet(3, 4, "quiet")
    for device in given_.devices:
        for minute in range(600):
            device.step(NOON + timedelta(minutes=minute))

    assert all(device.ailments.latest is None for device in given_.devices)


def test_a_scenario_can_be_asked_for_with_one_product_alone() -> None:
    alone = scenario_named("demo:frost-200")

    assert device_ids(alone, 2) == ("frost-0001", "frost-0002")
    assert {opening.product for opening in alone.openings} == {"frost-200"}
    assert alone.pace == DEMO.pace


def test_one_fault_on_one_device_can_be_asked_for_with_its_reaction() -> None:
    scenario = scenario_named("one:therm-40:coil_iced:fails")

    assert device_ids(scenario, scenario.devices) == ("therm-0001",)
    assert scenario.openings[0].reaction is Reaction.FAILS
    assert scenario_named("one:therm-40:coil_iced").openings[0].reaction is Reaction.HEALS


@pytest.mark.parametrize(
    "name",
    [
        "nonsense",
        "one",
        "one:frost-200",
        "mixed:toaster",
        "one:toaster:fire",
        "one:frost-200:fire",
        "one:frost-200:memory_leak:maybe",
    ],
)
def test_what_cannot_be_simulated_is_named(name: str) -> None:
    with pytest.raises(UnknownScenarioError, match="amends sim list"):
        scenario_named(name)


def test_chance_brings_every_fault_of_a_product_in_time_order() -> None:
    product = PRODUCTS["volt-12"]
    troubles = Troubles((), product, 0.0, DEMO.pace, seeded("1"))

    drawn = [next(troubles) for _ in range(400)]

    assert {trouble.fault.name for trouble in drawn} == set(product.faults)
    assert all(earlier.begins_s < later.begins_s for earlier, later in pairwise(drawn))
    assert all(trouble.grows_s <= 90 * 60 for trouble in drawn)
