"""The home battery ``volt-12`` (state): a pack that empties into the evening and fills again, an inverter and its fan.

Every discharge is followed by a charge, so the pack idles full. The current is its magnitude, whichever way
it flows; the state of charge is counted and corrected by the pack's own voltage.
"""

from datetime import timedelta
from random import Random
from typing import Final

from broker.messages import Level, MetricSpec
from device_sim.faults import COMMON, Code, Cure, Fault, FaultKind
from device_sim.products.appliance import Habits, Job, Product, Reading, Strain, by_name
from device_sim.weather import Minute

_PCT_PER_AH: Final = 0.42  # a pack of 240 Ah
_BLEED_PCT: Final = 0.35  # a minute, through the balancing resistors, which the shunt does not see
_FLOAT_A: Final = 1.6


class Battery:
    """The inside of one home battery."""

    def __init__(self, chance: Random, habits: Habits) -> None:
        self.settings = dict(_SETTINGS)
        self.in_use = ""
        self._chance = chance
        self._evening_h = (chance.uniform(16.8, 17.6), habits.sleeps_h - 1.5)
        self._morning_h = (habits.wakes_h, habits.wakes_h + 1.5)
        self._house_a = 9.5 * (0.6 + 0.4 * habits.usage)
        self._efficiency_pct = chance.uniform(93.0, 94.2)
        self._delta_mv = chance.uniform(7.0, 9.5)
        self._fan_rpm = chance.uniform(880, 960)
        self._soc_pct = 95.0
        self._load = 0.0  # how far the house is from its usual load
        self._pack_c = 24.0
        self._inverter_c = 33.0

    def _mode(self, hour: float, limit_pct: float, outage: float) -> str:
        if outage or any(start <= hour < end for start, end in (self._morning_h, self._evening_h)):
            return "discharging"
        return "charging" if self._soc_pct < limit_pct - 0.3 else "idle"

    def step(self, minute: Minute, strain: Strain) -> Reading:
        """Live through one minute and return the sensors' readings."""
        gauss = self._chance.gauss
        outage, lowered = strain["outage"], strain["limit"]
        limit_pct = self.settings["charge_limit_pct"] - 45.0 * lowered
        mode = self._mode(minute.hour, limit_pct, outage)
        self.in_use = "carrying the house through an outage" if outage else ""
        current_a = self._current_a(mode, outage) * (1.0 - 0.8 * lowered)
        self._count(mode, current_a, limit_pct)
        ambient_c = minute.indoor_c + strain["heat_k"]
        self._pack_c += (ambient_c + 2.0 + 0.08 * current_a + 9.0 * strain["cell"] - self._pack_c) / 25.0
        fan = 1.0 - 0.5 * strain["fan"]
        warmth_k = 10.0 + 0.25 * current_a + 17.0 * strain["fan"]
        self._inverter_c += (ambient_c + warmth_k - self._inverter_c) / 12.0

        way = {"charging": 1.0, "discharging": -1.0, "idle": 0.0}[mode]
        voltage_v = 49.6 + 0.032 * self._soc_pct + 0.012 * way * current_a - 1.4 * lowered - 2.2 * strain["cell"]
        delta_mv = (
            self._delta_mv
            + 0.05 * current_a
            + 75.0 * strain["unbalanced"] * (1.0 - strain["balance"])
            + 110.0 * strain["cell"]
        )
        cooling_rpm = 13.0 * (self._inverter_c - 33.0 - 17.0 * strain["fan"])
        return {
            "soc_pct": min(max(self._soc_pct + strain["sensor_pct"] + gauss(0.0, 0.15), 0.0), 100.0),
            "pack_voltage_v": voltage_v + gauss(0.0, 0.03),
            "pack_current_a": max(current_a + gauss(0.0, 0.08), 0.0),
            "cell_delta_mv": max(delta_mv + gauss(0.0, 0.8), 0.0),
            "pack_temp_c": self._pack_c + gauss(0.0, 0.12),
            "inverter_temp_c": self._inverter_c + gauss(0.0, 0.2),
            "fan_rpm": max((self._fan_rpm + cooling_rpm) * fan + gauss(0.0, 8.0), 0.0),
            "round_trip_pct": self._efficiency_pct - 8.0 * strain["cell"] + gauss(0.0, 0.12),
            "mode": mode,
        }

    def _current_a(self, mode: str, outage: float) -> float:
        """Return the current that the house or the charger draws, before any limit."""
        self._load += self._chance.gauss(0.0, 0.03) - 0.1 * self._load
        match mode:
            case "discharging":
                return self._house_a * (1.0 + self._load) * (1.0 + 4.0 * outage)
            case "charging":
                return 12.0 * (1.0 + 0.2 * self._load)
            case _:
                return _FLOAT_A

    def _count(self, mode: str, current_a: float, limit_pct: float) -> None:
        """Count the charge that went in or out; what lies above the limit is bled off."""
        moved_pct = current_a / 60.0 * _PCT_PER_AH
        if mode == "charging":
            self._soc_pct += moved_pct * self._efficiency_pct / 100.0
        elif mode == "discharging":
            self._soc_pct -= moved_pct
        if self._soc_pct > limit_pct + 0.5:
            self._soc_pct -= _BLEED_PCT
        self._soc_pct = min(max(self._soc_pct, 8.0), 100.0)


_SETTINGS: Final = {"charge_limit_pct": 95.0}

BATTERY: Final = Product(
    name="volt-12",
    prefix="volt",
    serial_prefix="VT1",
    firmwares=("3.0.6", "3.0.6", "3.0.5"),
    metrics={
        "soc_pct": MetricSpec(unit="%", min=0, max=100),
        "pack_voltage_v": MetricSpec(unit="V", min=0, max=80),
        "pack_current_a": MetricSpec(unit="A", min=0, max=200),
        "cell_delta_mv": MetricSpec(unit="mV", min=0, max=2000),
        "pack_temp_c": MetricSpec(unit="degC", min=-30, max=90),
        "inverter_temp_c": MetricSpec(unit="degC", min=-30, max=120),
        "fan_rpm": MetricSpec(unit="rpm", min=0, max=5000),
        "round_trip_pct": MetricSpec(unit="%", min=0, max=100),
    },
    modes=("charging", "discharging", "idle"),
    settings=_SETTINGS,
    weaknesses=("outage", "limit", "sensor_pct", "heat_k", "cell", "fan", "unbalanced", "balance"),
    jobs={"balance": Job(timedelta(minutes=3), {"balance": 0.8})},
    faults=by_name(
        *COMMON,
        Fault(
            "cells_unbalanced",
            FaultKind.HEALABLE,
            {"unbalanced": 1.0},
            timedelta(days=6),
            noticed_at=0.85,
            cure=Cure("balance"),
        ),
        Fault(
            "soc_drift",
            FaultKind.HEALABLE,
            {"sensor_pct": -45.0},
            timedelta(days=6),
            noticed_at=0.75,
            cure=Cure("recalibrate", {"sensor": "soc_pct"}),
        ),
        Fault(
            "charge_limit_corrupted",
            FaultKind.HEALABLE,
            {"limit": 1.0},
            timedelta(hours=5),
            noticed_at=0.85,
            cure=Cure("set_config", {"charge_limit_pct": 95.0}),
        ),
        Fault(
            "dying_cell",
            FaultKind.VISIT,
            {"cell": 1.0},
            timedelta(days=12),
            noticed_at=0.85,
            code=Code("E71", Level.ERROR, "one cell lags behind"),
        ),
        Fault(
            "inverter_fan_wear",
            FaultKind.VISIT,
            {"fan": 1.0},
            timedelta(days=12),
            noticed_at=0.9,
            code=Code("E74", Level.ERROR, "inverter fan too slow"),
        ),
        Fault(
            "heat_wave",
            FaultKind.BENIGN,
            {"heat_k": 10.0},
            timedelta(hours=8),
            holds_for=timedelta(days=2),
        ),
        Fault(
            "grid_outage",
            FaultKind.BENIGN,
            {"outage": 1.0},
            timedelta(minutes=1),
            code=Code("grid_lost", Level.WARNING, "running on its own", at_severity=0.0, after="grid_back"),
            holds_for=timedelta(hours=2),
        ),
    ),
    drawn=Battery,
)
