"""The freezer ``frost-200`` (state): a cold box with a leaky wall, a speed-controlled compressor and a fan.

Cabinet, its air and the evaporator are first-order thermal masses. The compressor's duty is fed forward from the
ambient temperature and corrected in proportion to the cabinet's error, so a weaker machine shows both
as a higher duty and as a warmer cabinet.
"""

from datetime import timedelta
from random import Random
from typing import Final

from broker.messages import Level, MetricSpec
from device_sim.faults import COMMON, Code, Cure, Fault, FaultKind
from device_sim.products.appliance import Habits, Job, Product, Reading, Strain, by_name
from device_sim.weather import Minute

_PULL_K: Final = 75.0  # how far below ambient a sound compressor at full duty gets
_CABINET_MIN: Final = 35.0  # time constant of the cabinet
_GAIN: Final = 0.08  # duty per kelvin of error
_USUAL_DUTY: Final = 0.52
_DOOR_K_PER_S: Final = 0.02  # the air; what lies in the drawers takes half of it
_AIR_MIN: Final = 4.0  # time constant of the air once the door is shut


class Freezer:
    """The inside of one freezer."""

    def __init__(self, chance: Random, habits: Habits) -> None:
        self.settings = dict(_SETTINGS)
        self.in_use = ""
        self._chance = chance
        self._habits = habits
        self._wall = chance.uniform(0.95, 1.05)
        self._fan_rpm = chance.uniform(1280, 1420)
        self._fan_a = chance.uniform(0.115, 0.13)
        self._gap_k = chance.uniform(7.4, 8.6)
        self._current_a = chance.uniform(0.96, 1.06)
        self._openings = 0.022 * habits.usage  # a minute while somebody is up
        self._cabinet_c = -18.0
        self._air_k = 0.0  # how much warmer the air is than what lies in it
        self._evaporator_c = -26.0
        self._duty = _USUAL_DUTY

    def step(self, minute: Minute, strain: Strain) -> Reading:
        """Live through one minute and return the sensors' readings."""
        gauss = self._chance.gauss
        eco = self._habits.thrifty and not self._habits.awake(minute.hour)
        ice, leak, bearing, thaw = strain["ice"], strain["leak"], strain["bearing"], strain["thaw"]
        ambient_c = minute.indoor_c + strain["heat_k"]
        target_c = self.settings["setpoint_c"] + strain["setpoint_k"] + (0.5 if eco else 0.0)
        open_s = self._open_s(minute.hour, strain["door"])

        error_k = self._cabinet_c + 0.2 * self._air_k - target_c  # its own thermistor sits in the wall
        wanted = (ambient_c - target_c) * self._wall / _PULL_K + _GAIN * error_k
        duty = min(max(wanted, 0.05), 1.0) * (1.0 - thaw)
        self._duty += (duty - self._duty) * 0.5
        strength = (1.0 - 0.6 * ice) * (1.0 - 0.6 * leak) * (1.0 - 0.1 * bearing)
        settles_c = ambient_c - _PULL_K / self._wall * self._duty * strength
        self._cabinet_c += (settles_c - self._cabinet_c) * (1.0 - 0.75 * thaw) / _CABINET_MIN
        draught_k = open_s * _DOOR_K_PER_S * (ambient_c - self._cabinet_c) / 40.0
        self._air_k += draught_k - self._air_k / _AIR_MIN
        self._cabinet_c += 0.5 * draught_k

        gap_k = self._gap_k * (self._duty / _USUAL_DUTY) ** 0.5 * (1.0 + 0.9 * ice) * (1.0 - 0.75 * leak)
        coil_c = self._cabinet_c - gap_k + 25.0 * thaw
        self._evaporator_c += (coil_c - self._evaporator_c) * 0.35
        return {
            "cabinet_temp_c": self._cabinet_c + self._air_k + strain["sensor_k"] + gauss(0.0, 0.10),
            "evaporator_temp_c": self._evaporator_c + gauss(0.0, 0.15),
            "compressor_current_a": self._current_a * (1.1 + 0.35 * self._duty) * (1.0 - 0.45 * leak)
            + gauss(0.0, 0.02),
            "compressor_duty": min(max(self._duty + gauss(0.0, 0.008), 0.0), 1.0),
            "fan_rpm": self._fan_rpm * (1.0 - 0.35 * ice) * (1.0 - 0.4 * bearing) + gauss(0.0, 9.0),
            "fan_current_a": self._fan_a * (1.0 + 0.9 * bearing) + gauss(0.0, 0.002),
            "door_open_s": open_s,
            "ambient_temp_c": ambient_c + gauss(0.0, 0.10),
            "mode": "eco" if eco else "normal",
        }

    def _open_s(self, hour: float, ajar: float) -> float:
        open_s = 60.0 * ajar
        if self._habits.awake(hour) and self._chance.random() < self._openings:
            open_s += 4.0 + self._chance.expovariate(1 / 6.0)
        return min(open_s, 60.0)


_SETTINGS: Final = {"setpoint_c": -18.0}

FREEZER: Final = Product(
    name="frost-200",
    prefix="frost",
    serial_prefix="FR2",
    firmwares=("2.4.1", "2.4.1", "2.5.0"),
    metrics={
        "cabinet_temp_c": MetricSpec(unit="degC", min=-40, max=50),
        "evaporator_temp_c": MetricSpec(unit="degC", min=-60, max=50),
        "compressor_current_a": MetricSpec(unit="A", min=0, max=12),
        "compressor_duty": MetricSpec(unit="1", min=0, max=1),
        "fan_rpm": MetricSpec(unit="rpm", min=0, max=3000),
        "fan_current_a": MetricSpec(unit="A", min=0, max=2),
        "door_open_s": MetricSpec(unit="s", min=0, max=60),
        "ambient_temp_c": MetricSpec(unit="degC", min=-20, max=60),
    },
    modes=("normal", "eco"),
    settings=_SETTINGS,
    weaknesses=("ice", "leak", "bearing", "thaw", "heat_k", "setpoint_k", "door", "sensor_k"),
    jobs={"defrost": Job(timedelta(minutes=3), {"thaw": 1.0})},
    faults=by_name(
        *COMMON,
        Fault(
            "evaporator_iced",
            FaultKind.HEALABLE,
            {"ice": 1.0},
            timedelta(hours=30),
            noticed_at=0.85,
            cure=Cure("defrost"),
        ),
        Fault(
            "temp_sensor_drift",
            FaultKind.HEALABLE,
            {"sensor_k": 7.5},
            timedelta(days=6),
            noticed_at=0.8,
            cure=Cure("recalibrate", {"sensor": "cabinet_temp_c"}),
        ),
        Fault(
            "setpoint_corrupted",
            FaultKind.HEALABLE,
            {"setpoint_k": 9.0},
            timedelta(hours=3),
            noticed_at=0.7,
            cure=Cure("set_config", {"setpoint_c": -18.0}),
        ),
        Fault(
            "fan_bearing_wear",
            FaultKind.VISIT,
            {"bearing": 1.0},
            timedelta(days=12),
            noticed_at=0.95,
            code=Code("E21", Level.ERROR, "fan runs slow and hard"),
        ),
        Fault(
            "refrigerant_leak",
            FaultKind.VISIT,
            {"leak": 1.0},
            timedelta(days=8),
            noticed_at=0.85,
            code=Code("E17", Level.ERROR, "evaporator does not get cold"),
        ),
        Fault(
            "door_left_open",
            FaultKind.OWNER,
            {"door": 0.9},
            timedelta(minutes=2),
            noticed_at=1.0,
            felt_after=timedelta(minutes=40),
        ),
        Fault(
            "heat_wave",
            FaultKind.BENIGN,
            {"heat_k": 11.0},
            timedelta(hours=8),
            holds_for=timedelta(days=2),
        ),
    ),
    drawn=Freezer,
)
