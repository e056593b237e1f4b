"""The heat pump ``therm-40`` (state): a heating curve, a compressor that follows it, a fan and a pump.

The supply temperature follows the outdoor temperature as the house smooths it. Twice a day the machine makes
hot water, and around noon it rests, each as an operating mode of its own.
"""

from datetime import timedelta
from random import Random
from typing import Final

from broker.messages import Level, MetricSpec
from device_sim.faults import COMMON, Code, Cure, Fault, FaultKind
from device_sim.products.appliance import Habits, Job, Product, Reading, Strain, by_name
from device_sim.weather import Minute

_ROOM_C: Final = 20.5
_HOT_WATER_C: Final = 50.0
_HOT_WATER_H: Final = 0.5
_REST_H: Final = 0.6


class HeatPump:
    """The inside of one heat pump."""

    def __init__(self, chance: Random, habits: Habits) -> None:
        self.settings = dict(_SETTINGS)
        self.in_use = ""
        self._chance = chance
        self._baths_h = (habits.wakes_h - 0.6, habits.sleeps_h - 2.5)
        self._rest_h = chance.uniform(12.2, 13.0)
        self._flow_l_min = chance.uniform(17.2, 18.8)
        self._fan_rpm = chance.uniform(690, 740)
        self._power_w = chance.uniform(0.96, 1.04)
        self._supply_c = 36.0
        self._spread_k = 5.0
        self._hz = 52.0

    def _mode(self, hour: float) -> str:
        if any(start <= hour < start + _HOT_WATER_H for start in self._baths_h):
            return "dhw"
        return "off" if self._rest_h <= hour < self._rest_h + _REST_H else "heating"

    def step(self, minute: Minute, strain: Strain) -> Reading:
        """Live through one minute and return the sensors' readings."""
        gauss = self._chance.gauss
        mode = self._mode(minute.hour)
        self.in_use = "making hot water" if mode == "dhw" else ""
        ice, leak, wear, thaw = strain["ice"], strain["leak"], strain["pump"], strain["thaw"]
        outdoor_c = minute.outdoor_c + strain["cold_k"]
        felt_c = 0.92 * minute.day_mean_c + 0.08 * minute.outdoor_c + 0.6 * strain["cold_k"]

        running = 0.0 if mode == "off" else 1.0
        curve = max(self.settings["curve"] + strain["curve"], 0.1)
        wanted_c = _HOT_WATER_C if mode == "dhw" else 21.0 + curve * (_ROOM_C - felt_c)
        settles_c = wanted_c - 8.0 * ice - 7.5 * leak - 6.0 * thaw if running else 24.0
        self._supply_c += (settles_c - self._supply_c) * 0.6
        wanted_hz = (20.0 + 1.9 * (wanted_c - 21.0) + 32.0 * leak + 20.0 * strain["window"]) * running
        self._hz += (wanted_hz - self._hz) * 0.5
        flow_l_min = self._flow_l_min * (1.0 - 0.45 * wear) * running
        heat = self._hz / 52.0
        spread_k = 5.0 * (0.4 + 0.6 * heat) * running
        self._spread_k += (spread_k / (1.0 - 0.7 * wear) - self._spread_k) * 0.5
        power_w = self._power_w * (60.0 + 27.0 * self._hz * (1.0 + 0.3 * ice + 0.1 * leak + 0.12 * strain["window"]))
        coil_c = outdoor_c - (1.0 + 0.07 * self._hz) - 10.0 * ice + 12.0 * leak + 14.0 * thaw
        # Water that moves slowly takes up more heat and gives off more: the spread shows at both ends.
        supply_c = self._supply_c + 0.5 * (self._spread_k * 0.7 * wear)
        return {
            "supply_temp_c": supply_c + gauss(0.0, 0.15),
            "return_temp_c": supply_c - self._spread_k - 4.5 * strain["window"] + gauss(0.0, 0.15),
            "outdoor_temp_c": outdoor_c + gauss(0.0, 0.15),
            "compressor_hz": max(self._hz + gauss(0.0, 0.6), 0.0),
            "power_w": max(power_w + gauss(0.0, 15.0), 0.0),
            "flow_l_min": max(flow_l_min * (1.0 - 0.4 * strain["sensor"]) + gauss(0.0, 0.5), 0.0),
            "fan_rpm": max(self._fan_rpm * (1.0 - 0.45 * ice) * (1.0 - 0.6 * thaw) * running + gauss(0.0, 6.0), 0.0),
            "coil_temp_c": coil_c + gauss(0.0, 0.2),
            "mode": mode,
        }


_SETTINGS: Final = {"curve": 1.2}

HEAT_PUMP: Final = Product(
    name="therm-40",
    prefix="therm",
    serial_prefix="TH4",
    firmwares=("5.2.0", "5.2.0", "5.1.8"),
    metrics={
        "supply_temp_c": MetricSpec(unit="degC", min=-20, max=90),
        "return_temp_c": MetricSpec(unit="degC", min=-20, max=90),
        "outdoor_temp_c": MetricSpec(unit="degC", min=-50, max=60),
        "compressor_hz": MetricSpec(unit="Hz", min=0, max=150),
        "power_w": MetricSpec(unit="W", min=0, max=12000),
        "flow_l_min": MetricSpec(unit="l/min", min=0, max=60),
        "fan_rpm": MetricSpec(unit="rpm", min=0, max=2000),
        "coil_temp_c": MetricSpec(unit="degC", min=-60, max=60),
    },
    modes=("heating", "dhw", "off"),
    settings=_SETTINGS,
    weaknesses=("ice", "leak", "pump", "thaw", "cold_k", "curve", "window", "sensor"),
    jobs={"defrost": Job(timedelta(minutes=3), {"thaw": 1.0})},
    faults=by_name(
        *COMMON,
        Fault(
            "coil_iced",
            FaultKind.HEALABLE,
            {"ice": 1.0},
            timedelta(hours=20),
            noticed_at=0.85,
            cure=Cure("defrost"),
        ),
        Fault(
            "flow_sensor_drift",
            FaultKind.HEALABLE,
            {"sensor": 1.0},
            timedelta(days=8),
            noticed_at=0.85,
            cure=Cure("recalibrate", {"sensor": "flow_l_min"}),
        ),
        Fault(
            "curve_corrupted",
            FaultKind.HEALABLE,
            {"curve": -0.8},
            timedelta(hours=3),
            noticed_at=0.75,
            cure=Cure("set_config", {"curve": 1.2}),
        ),
        Fault(
            "circulation_pump_wear",
            FaultKind.VISIT,
            {"pump": 1.0},
            timedelta(days=12),
            noticed_at=0.9,
            code=Code("E52", Level.ERROR, "water moves too slowly"),
        ),
        Fault(
            "refrigerant_leak",
            FaultKind.VISIT,
            {"leak": 1.0},
            timedelta(days=8),
            noticed_at=0.85,
            code=Code("E57", Level.ERROR, "coil does not take up heat"),
        ),
        Fault(
            "window_open",
            FaultKind.OWNER,
            {"window": 1.0},
            timedelta(minutes=20),
            noticed_at=1.0,
            felt_after=timedelta(minutes=60),
        ),
        Fault(
            "cold_snap",
            FaultKind.BENIGN,
            {"cold_k": -11.0},
            timedelta(hours=10),
            holds_for=timedelta(days=2),
        ),
    ),
    drawn=HeatPump,
)
