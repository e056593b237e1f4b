"""A firmware that moved everyone's normal, told from weather, wild devices and chance."""

from random import Random

import pytest

from agent.diagnose.moved_normal import Deviations, Shift, shift_sentence, shifts
from agent.diagnose.playbook_file import default_dir, read_playbooks


def devices(n: int, chance: Random, **around: float) -> list[Deviations]:
    """Devices whose metrics deviate by so much, give or take their own restlessness."""
    return [{metric: mean + chance.gauss(0.0, 1.0) for metric, mean in around.items()} for _ in range(n)]


def test_an_update_that_moved_a_metric_on_most_devices_is_noticed_with_its_direction() -> None:
    chance = Random(1)

    found = shifts(devices(40, chance, temp=0.0, fan=0.0), devices(40, chance, temp=-5.0, fan=0.0))

    assert [(shift.metric, shift.up) for shift in found] == [("temp", False)]
    assert found[0].watched == 40
    assert found[0].moved >= 34


@pytest.mark.parametrize("seed", range(40))
def test_chance_moves_nothing(seed: int) -> None:
    chance = Random(seed)

    assert shifts(devices(30, chance, temp=0.0, fan=0.0), devices(12, chance, temp=0.0, fan=0.0)) == ()


def test_a_heat_wave_moves_both_groups_and_is_no_firmwares_doing() -> None:
    chance = Random(2)

    assert shifts(devices(30, chance, temp=5.0), devices(30, chance, temp=5.0)) == ()


def test_a_few_wild_devices_are_a_few_devices() -> None:
    chance = Random(3)
    updated = [*devices(36, chance, temp=0.0), *devices(4, chance, temp=40.0)]

    assert shifts(devices(30, chance, temp=0.0), updated) == ()


def test_fewer_than_five_updated_devices_say_nothing() -> None:
    chance = Random(4)

    assert shifts(devices(30, chance, temp=0.0), devices(4, chance, temp=6.0)) == ()


def test_without_devices_left_to_compare_with_their_own_past_is_what_counts() -> None:
    chance = Random(5)

    assert [shift.metric for shift in shifts([], devices(20, chance, temp=5.0))] == ["temp"]


def test_the_notice_says_how_many_of_how_many() -> None:
    frost = read_playbooks(default_dir())["frost-200"]

    said = shift_sentence(Shift("cabinet_temp_c", up=True, moved=34, watched=40), "2.5.0", frost)

    assert said.startswith("Firmware 2.5.0 of frost-200 moved the temperature inside up on 34 of 40 devices")
