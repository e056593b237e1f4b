"""Readings of ordinary evenings and busy mornings that look like a lost setting or an open door, and are none."""

import pytest

from agent.decide.case import sure_of
from agent.decide.policy import DEFAULT_POLICY
from agent.diagnose.diagnose import diagnose
from agent.diagnose.diagnosis import Diagnosis
from agent.diagnose.evidence import Evidence
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.health.findings import Because
from tests.agent.diagnose.examples import view

PLAYBOOKS = read_playbooks(default_dir())
Readings = tuple[tuple[str, float, float, float], ...]  # metric, deviations, value, usual

HUNGRY_EVENING: Readings = (
    ("soc_pct", -4.5, 80.0, 83.1),
    ("pack_voltage_v", -4.0, 52.09, 52.27),
    ("pack_current_a", -0.4, 11.9, 12.0),
)
GUESTS: Readings = (
    ("brew_temp_c", -4.0, 90.44, 91.31),
    ("boiler_temp_c", -4.0, 119.0, 120.3),
    ("heater_duty", 0.5, 0.57, 0.52),
    ("brews", 1.5, 2.0, 1.13),
)
WARM_MORNING: Readings = (
    ("evaporator_temp_c", 4.0, -25.31, -25.81),
    ("cabinet_temp_c", 3.5, -17.33, -17.53),
    ("compressor_duty", 0.8, 50.0, 48.7),
)
SHOPPING: Readings = (
    ("cabinet_temp_c", 4.0, -17.21, -17.97),
    ("compressor_duty", 2.5, 0.559, 0.510),
    ("door_open_s", 2.3, 17.7, 0.1),
    ("evaporator_temp_c", 0.5, -26.33, -26.38),
)
MILD_EVENING: Readings = (
    ("supply_temp_c", -3.4, 42.4, 44.3),
    ("power_w", -3.2, 1725.0, 1823.0),
    ("compressor_hz", -3.2, 60.5, 64.2),
    ("outdoor_temp_c", 0.8, 3.1, 2.0),
    ("coil_temp_c", 0.8, -2.0, -3.0),
)
LOST_CURVE: Readings = (
    ("supply_temp_c", -6.0, 39.1, 42.5),
    ("power_w", -6.0, 1500.0, 1700.0),
    ("compressor_hz", -6.0, 54.5, 60.8),
    ("return_temp_c", -5.0, 34.0, 37.0),
    ("coil_temp_c", 1.5, -2.0, -2.6),
    ("outdoor_temp_c", 0.1, 2.0, 2.0),
)
FULL_TANK: Readings = (("water_level_pct", 4.0, 98.0, 83.0), ("flow_ml_s", 0.2, 2.2, 2.2))
EMPTY_TANK: Readings = (("water_level_pct", -6.0, 9.0, 60.0), ("flow_ml_s", -3.0, 1.6, 2.2))
OPEN_DOOR: Readings = (
    ("door_open_s", 3.4, 54.0, 0.1),
    ("cabinet_temp_c", 3.1, -14.65, -17.95),
    ("compressor_duty", 1.9, 0.583, 0.529),
    ("evaporator_temp_c", 1.8, -25.2, -26.1),
)


def diagnosed(product: str, readings: Readings) -> Diagnosis:
    because = tuple(Because(metric, 1 / len(readings), z, value, usual) for metric, z, value, usual in readings)
    return diagnose(Evidence(view(because)), PLAYBOOKS[product])


@pytest.mark.parametrize(
    ("product", "readings", "lost"),
    [
        ("volt-12", HUNGRY_EVENING, "charge_limit_corrupted"),
        ("bean-9", GUESTS, "brew_temp_corrupted"),
        ("frost-200", WARM_MORNING, "setpoint_corrupted"),
    ],
    ids=["hungry evening", "guests", "warm morning"],
)
def test_an_ordinary_hour_does_not_look_most_like_a_lost_setting(product: str, readings: Readings, lost: str) -> None:
    suspects = {suspect.fault: suspect.probability for suspect in diagnosed(product, readings).suspects}

    assert suspects.get(lost, 0.0) < max(suspects.values())


def test_a_mild_evening_is_not_sure_enough_a_lost_heating_setting_to_act_on() -> None:
    assert sure_of(diagnosed("therm-40", MILD_EVENING), PLAYBOOKS["therm-40"], DEFAULT_POLICY) is None


def test_a_tank_that_is_filled_at_another_time_is_nobody_s_business() -> None:
    sure = sure_of(diagnosed("bean-9", FULL_TANK), PLAYBOOKS["bean-9"], DEFAULT_POLICY)

    assert sure is not None
    assert sure.fault == "refilled"


def test_a_freezer_that_was_filled_is_no_open_door() -> None:
    sure = sure_of(diagnosed("frost-200", SHOPPING), PLAYBOOKS["frost-200"], DEFAULT_POLICY)

    assert sure is None or sure.fault != "door_left_open"


@pytest.mark.parametrize(
    ("product", "fault", "readings"),
    [
        ("frost-200", "door_left_open", OPEN_DOOR),
        ("therm-40", "curve_corrupted", LOST_CURVE),
        ("bean-9", "water_empty", EMPTY_TANK),
        ("volt-12", "charge_limit_corrupted", (*HUNGRY_EVENING[:2], ("pack_current_a", -6.0, 6.0, 12.0))),
        (
            "bean-9",
            "brew_temp_corrupted",
            (("brew_temp_c", -6.0, 86.0, 91.3), ("boiler_temp_c", -6.0, 114.0, 120.3), ("heater_duty", -4.0, 0.2, 0.5)),
        ),
        (
            "frost-200",
            "setpoint_corrupted",
            (
                ("cabinet_temp_c", 6.0, -15.5, -17.5),
                ("evaporator_temp_c", 6.0, -23.5, -25.8),
                ("compressor_duty", -5.0, 30.0, 48.7),
            ),
        ),
    ],
)
def test_what_is_lost_or_left_open_is_named(product: str, fault: str, readings: Readings) -> None:
    sure = sure_of(diagnosed(product, readings), PLAYBOOKS[product], DEFAULT_POLICY)

    assert sure is not None
    assert sure.fault == fault
