from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from statistics import fmean, pstdev

import pytest

from device_sim.chance import seeded
from device_sim.faults import FaultKind
from device_sim.products.appliance import Reading
from device_sim.products.catalogue import PRODUCTS
from device_sim.weather import Site
from tests.device_sim.examples import HABITS, NOON

MORNING = NOON - timedelta(hours=6)
SITE = Site.drawn(1.0, seeded("site"))

# What the catalogue of products says of each fault: the metrics that give it away, and which way they go.
SIGNS = {
    "frost-200": {
        "evaporator_iced": "evaporator_temp_c- cabinet_temp_c+ fan_rpm- compressor_duty+",
        "temp_sensor_drift": "cabinet_temp_c+",
        "setpoint_corrupted": "cabinet_temp_c+ evaporator_temp_c+ compressor_duty-",
        "fan_bearing_wear": "fan_rpm- fan_current_a+",
        "refrigerant_leak": "evaporator_temp_c+ cabinet_temp_c+ compressor_duty+ compressor_current_a-",
        "door_left_open": "door_open_s+ cabinet_temp_c+ compressor_duty+",
        "heat_wave": "ambient_temp_c+ compressor_duty+",
    },
    "bean-9": {
        "group_clogged": "flow_ml_s- pump_pressure_bar+",
        "boiler_sensor_drift": "brew_temp_c-",
        "brew_temp_corrupted": "brew_temp_c- boiler_temp_c-",
        "pump_scaled": "pump_pressure_bar- flow_ml_s-",
        "grinder_bearing_wear": "grinder_current_a+",
        "water_empty": "water_level_pct- flow_ml_s-",
        "guests": "heater_duty+",
    },
    "therm-40": {
        "coil_iced": "coil_temp_c- fan_rpm- power_w+ supply_temp_c-",
        "flow_sensor_drift": "flow_l_min-",
        "curve_corrupted": "supply_temp_c- compressor_hz- power_w-",
        "circulation_pump_wear": "flow_l_min- supply_temp_c+ return_temp_c-",
        "refrigerant_leak": "supply_temp_c- compressor_hz+ coil_temp_c+ power_w+",
        "window_open": "return_temp_c- power_w+ compressor_hz+",
        "cold_snap": "outdoor_temp_c- compressor_hz+ power_w+",
    },
    "volt-12": {
        "cells_unbalanced": "cell_delta_mv+",
        "soc_drift": "soc_pct-",
        "charge_limit_corrupted": "soc_pct- pack_voltage_v- pack_current_a-",
        "dying_cell": "cell_delta_mv+ pack_voltage_v- pack_temp_c+ round_trip_pct-",
        "inverter_fan_wear": "fan_rpm- inverter_temp_c+",
        "heat_wave": "pack_temp_c+ inverter_temp_c+ fan_rpm+",
        "grid_outage": "pack_current_a+",  # soc_pct- too, but only after hours
    },
}
# What must stay as it is, so that one fault is told from another.
STEADY = {
    ("frost-200", "temp_sensor_drift"): ("evaporator_temp_c", "compressor_duty"),
    ("frost-200", "heat_wave"): ("cabinet_temp_c", "door_open_s"),
    ("bean-9", "boiler_sensor_drift"): ("boiler_temp_c", "heater_duty"),
    ("bean-9", "water_empty"): ("pump_pressure_bar",),
    ("therm-40", "flow_sensor_drift"): ("supply_temp_c", "return_temp_c", "power_w"),
    ("volt-12", "soc_drift"): ("pack_voltage_v", "pack_current_a"),
    ("volt-12", "cells_unbalanced"): ("pack_voltage_v", "round_trip_pct"),
}


def lived(product: str, begin: datetime, minutes: int, *, fault: str = "", severity: float = 0.0) -> list[Reading]:
    """Live through these minutes; the fault sets in after three quiet hours, at one severity."""
    made = PRODUCTS[product]
    physics = made.drawn(seeded(f"physics:{product}"), HABITS)
    healthy = dict.fromkeys((*made.weaknesses, "memory", "wifi_db"), 0.0)
    strains = made.faults[fault].strains if fault else {}
    ill = healthy | {name: at_worst * severity for name, at_worst in strains.items()}
    readings = []
    for minute in range(minutes):
        at_s = (begin + timedelta(minutes=minute)).timestamp()
        readings.append(physics.step(SITE.minute(at_s), ill if minute >= 180 else healthy))
    return readings


@cache
def usual(product: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Mean and deviation by mode and metric over a healthy day and a half."""
    columns: dict[tuple[str, str], list[float]] = defaultdict(list)
    for reading in lived(product, MORNING - timedelta(days=1), 2160):
        for metric, value in reading.items():
            if metric != "mode":
                columns[str(reading["mode"]), metric].append(float(value))
    return {key: (fmean(values), pstdev(values)) for key, values in columns.items() if len(values) >= 20}


def deviation(product: str, fault: str, metric: str) -> float:
    """How far the metric is off in the last half-hour of ninety minutes of the fault, in standard deviations."""
    off = []
    for reading in lived(product, MORNING, 270, fault=fault, severity=0.75)[-30:]:
        known = usual(product).get((str(reading["mode"]), metric))
        if known is not None:
            off.append((float(reading[metric]) - known[0]) / max(known[1], 1e-3))
    assert off, "no mode of that half-hour was lived through in health"
    return fmean(off)


CASES = [
    (p, f, sign[:-1], sign[-1]) for p, faults in SIGNS.items() for f, signs in faults.items() for sign in signs.split()
]


@pytest.mark.parametrize(("product", "fault", "metric", "way"), CASES)
def test_a_fault_shows_in_the_metrics_that_the_catalogue_names(product: str, fault: str, metric: str, way: str) -> None:
    off = deviation(product, fault, metric)

    assert off > 2.5 if way == "+" else off < -2.5


@pytest.mark.parametrize(("key", "metric"), [(key, metric) for key, metrics in STEADY.items() for metric in metrics])
def test_what_tells_a_fault_from_another_stays_steady(key: tuple[str, str], metric: str) -> None:
    assert abs(deviation(*key, metric)) < 2.5


@pytest.mark.parametrize("product", list(PRODUCTS))
def test_every_fault_of_the_physics_has_its_signs_in_this_table(product: str) -> None:
    physical = {
        fault.name
        for fault in PRODUCTS[product].faults.values()
        if set(fault.strains) & set(PRODUCTS[product].weaknesses)
    }

    assert physical == set(SIGNS[product])


@pytest.mark.parametrize("product", list(PRODUCTS))
def test_a_healthy_device_is_the_same_from_day_to_day(product: str) -> None:
    readings = lived(product, MORNING, 3 * 1440)
    days = [readings[:1440], readings[1440:2880], readings[2880:]]
    mode = max({str(r["mode"]) for r in readings}, key=lambda mode: sum(r["mode"] == mode for r in readings))

    for metric in PRODUCTS[product].metrics:
        means = [fmean(float(r[metric]) for r in day if r["mode"] == mode) for day in days]
        spread = pstdev([float(r[metric]) for r in readings if r["mode"] == mode])
        assert max(means) - min(means) <= 1.5 * spread + 1e-9


@pytest.mark.parametrize("product", list(PRODUCTS))
def test_readings_keep_to_the_declared_metrics_modes_and_limits(product: str) -> None:
    made = PRODUCTS[product]

    for reading in lived(product, MORNING, 1440):
        assert reading.keys() == {*made.metrics, "mode"}
        assert reading["mode"] in made.modes
        for metric, spec in made.metrics.items():
            assert spec.min is not None
            assert spec.max is not None
            assert spec.min <= float(reading[metric]) <= spec.max + 1


@pytest.mark.parametrize("product", list(PRODUCTS))
def test_a_product_has_faults_of_every_kind_and_reads_every_strain_they_pull(product: str) -> None:
    made = PRODUCTS[product]
    kinds = [fault.kind for fault in made.faults.values()]

    assert set(kinds) >= {FaultKind.HEALABLE, FaultKind.VISIT, FaultKind.BENIGN}
    assert kinds.count(FaultKind.HEALABLE) + kinds.count(FaultKind.VISIT) >= 5
    for fault in made.faults.values():
        assert set(fault.strains) <= {*made.weaknesses, "memory", "wifi_db"}
        assert fault.kind is not FaultKind.HEALABLE or (fault.cure and fault.cure.verb in made.commands)
    for job in made.jobs.values():
        assert set(job.strains) <= set(made.weaknesses)


def test_nobody_brews_at_night_and_a_brewing_machine_is_in_use() -> None:
    made = PRODUCTS["bean-9"]
    physics = made.drawn(seeded("brews"), HABITS)
    strain = dict.fromkeys(made.weaknesses, 0.0)

    hours = set()
    for minute in range(1440):
        around = SITE.minute((MORNING + timedelta(minutes=minute)).timestamp())
        reading = physics.step(around, strain)
        assert bool(physics.in_use) == (reading["mode"] == "brewing")
        if reading["brews"]:
            hours.add(int(around.hour))
    assert hours
    assert all(6 <= hour < 22 for hour in hours)
