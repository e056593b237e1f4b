"""The coffee machine ``bean-9`` (state): a boiler, a pump, a grinder, a tank, and people who want coffee.

Once a minute a short pulse of the pump keeps the group warm, so flow and pressure are known between
brews too. The grinder's current is a running average of the last grinds, as such machines report it.
"""

from datetime import timedelta
from random import Random
from typing import Final

from broker.messages import Level, MetricSpec
from device_sim.faults import COMMON, Code, Cure, Fault, FaultKind
from device_sim.products.appliance import Habits, Job, Product, Reading, Strain, by_name
from device_sim.weather import Minute

_BOILER_ABOVE_BREW_K: Final = 29.0
_STANDBY_K: Final = 8.0  # how far the boiler sinks at night
_TANK_PCT_PER_CUP: Final = 2.2
_REFILL_BELOW_PCT: Final = 72.0
_TWO_AT_ONCE: Final = 0.4
_THIRST: Final = (0.0,) * 6 + (0.6, 1.6, 1.8, 1.0, 0.8, 0.6, 0.7, 1.2, 0.9, 0.8, 0.9, 0.5, 0.3, 0.2, 0.2, 0.1, 0.0, 0.0)
"""How much coffee is wanted at each hour of the local day; 1 is a usual waking hour."""


class CoffeeMachine:
    """The inside of one coffee machine."""

    def __init__(self, chance: Random, habits: Habits) -> None:
        self.settings = dict(_SETTINGS)
        self.in_use = ""
        self._chance = chance
        self._habits = habits
        self._pressure_bar = chance.uniform(8.8, 9.3)
        self._flow_ml_s = chance.uniform(2.1, 2.3)
        self._grind_a = chance.uniform(2.3, 2.6)
        self._idle_duty = chance.uniform(0.14, 0.17)
        self._boiler_c = 92.0 + _BOILER_ABOVE_BREW_K
        self._tank_pct = chance.uniform(75, 100)
        self._grinding_a = self._grind_a
        self._cups_left = 0
        self._warm = True

    def step(self, minute: Minute, strain: Strain) -> Reading:
        """Live through one minute and return the sensors' readings."""
        gauss = self._chance.gauss
        awake = self._habits.awake(minute.hour)
        brews = self._brews(minute.hour, strain["guests"], awake=awake)
        self.in_use = "brewing" if brews else ""

        brew_c = self.settings["brew_temp_c"] + strain["brew_k"]
        target_c = brew_c + _BOILER_ABOVE_BREW_K - (0.0 if awake else _STANDBY_K)
        self._boiler_c += (target_c - self._boiler_c) * 0.5 - 0.5 * brews
        self._warm = awake and (self._warm or self._boiler_c > target_c - 0.6)
        duty = self._idle_duty * (self._boiler_c - minute.indoor_c) / 100.0 + 0.3 * brews
        duty += 0.05 * min(max(target_c - self._boiler_c, -2.0), 8.0)

        clog, scale = strain["clog"], strain["scale"]
        dry = strain["dry"]
        rinse = strain["rinse"]
        if brews:
            self._make(brews, strain)
        return {
            "brew_temp_c": self._boiler_c - _BOILER_ABOVE_BREW_K + strain["sensor_k"] + gauss(0.0, 0.15),
            "boiler_temp_c": self._boiler_c + gauss(0.0, 0.20),
            "heater_duty": min(max(duty + gauss(0.0, 0.006), 0.0), 1.0),
            "pump_pressure_bar": self._pressure_bar * (1.0 + 0.42 * clog) * (1.0 - 0.42 * scale) * (1.0 - 0.3 * rinse)
            + gauss(0.0, 0.07),
            "flow_ml_s": self._flow_ml_s
            * (1.0 - 0.6 * clog)
            * (1.0 - 0.4 * scale)
            * (1.0 - 0.9 * dry)
            * (1.0 + 0.5 * rinse)
            + gauss(0.0, 0.03),
            "grinder_current_a": self._grinding_a + gauss(0.0, 0.015),
            "water_level_pct": self._tank_pct * (1.0 - 0.97 * dry) + gauss(0.0, 0.3),
            "brews": float(brews),
            "mode": "brewing" if brews else "idle" if self._warm else "standby",
        }

    def _brews(self, hour: float, guests: float, *, awake: bool) -> int:
        """Return how many cups run out in this minute, 0 to 2."""
        if not awake:
            self._cups_left = 0
            return 0
        chance = self._chance
        if not self._cups_left and chance.random() < 0.011 * self._habits.usage * _THIRST[int(hour)]:
            self._cups_left = 1 + (chance.random() < 0.45) + (chance.random() < 0.15)  # noqa: PLR2004 - odds
        if guests and chance.random() < 0.75 * guests:
            return 2
        if not self._cups_left:
            return 0
        brews = min(self._cups_left, 1 + (chance.random() < _TWO_AT_ONCE))
        self._cups_left -= brews
        return brews

    def _make(self, brews: int, strain: Strain) -> None:
        """Grind for the cups and take them from the tank; the household refills in time, unless it forgets."""
        ground_a = self._grind_a * (1.0 + 0.6 * strain["grinder"]) + self._chance.gauss(0.0, 0.03)
        self._grinding_a += (ground_a - self._grinding_a) * 0.25
        self._tank_pct -= brews * _TANK_PCT_PER_CUP
        if self._tank_pct < _REFILL_BELOW_PCT and not strain["dry"]:
            self._tank_pct = self._chance.uniform(97, 100)


_SETTINGS: Final = {"brew_temp_c": 92.0}

COFFEE_MACHINE: Final = Product(
    name="bean-9",
    prefix="bean",
    serial_prefix="BN9",
    firmwares=("1.12.0", "1.12.0", "1.11.3"),
    metrics={
        "brew_temp_c": MetricSpec(unit="degC", min=0, max=130),
        "boiler_temp_c": MetricSpec(unit="degC", min=0, max=160),
        "heater_duty": MetricSpec(unit="1", min=0, max=1),
        "pump_pressure_bar": MetricSpec(unit="bar", min=0, max=20),
        "flow_ml_s": MetricSpec(unit="ml/s", min=0, max=20),
        "grinder_current_a": MetricSpec(unit="A", min=0, max=10),
        "water_level_pct": MetricSpec(unit="%", min=0, max=110),
        "brews": MetricSpec(unit="1", min=0, max=10),
    },
    modes=("idle", "brewing", "standby"),
    settings=_SETTINGS,
    weaknesses=("brew_k", "sensor_k", "clog", "scale", "grinder", "dry", "guests", "rinse"),
    jobs={"rinse": Job(timedelta(minutes=2), {"rinse": 1.0})},
    faults=by_name(
        *COMMON,
        Fault(
            "group_clogged",
            FaultKind.HEALABLE,
            {"clog": 1.0},
            timedelta(days=4),
            noticed_at=0.8,
            cure=Cure("rinse"),
        ),
        Fault(
            "boiler_sensor_drift",
            FaultKind.HEALABLE,
            {"sensor_k": -9.0},
            timedelta(days=6),
            noticed_at=0.8,
            cure=Cure("recalibrate", {"sensor": "brew_temp_c"}),
        ),
        Fault(
            "brew_temp_corrupted",
            FaultKind.HEALABLE,
            {"brew_k": -13.0},
            timedelta(hours=2),
            noticed_at=0.75,
            cure=Cure("set_config", {"brew_temp_c": 92.0}),
        ),
        Fault(
            "pump_scaled",
            FaultKind.VISIT,
            {"scale": 1.0},
            timedelta(days=15),
            noticed_at=0.85,
            code=Code("E31", Level.ERROR, "pump does not reach its pressure"),
        ),
        Fault(
            "grinder_bearing_wear",
            FaultKind.VISIT,
            {"grinder": 1.0},
            timedelta(days=15),
            noticed_at=0.9,
            code=Code("E34", Level.ERROR, "grinder runs hard"),
        ),
        Fault(
            "water_empty",
            FaultKind.OWNER,
            {"dry": 1.0},
            timedelta(minutes=5),
            noticed_at=1.0,
            felt_after=timedelta(minutes=60),
        ),
        Fault(
            "guests",
            FaultKind.BENIGN,
            {"guests": 1.0},
            timedelta(minutes=5),
            holds_for=timedelta(hours=3),
        ),
    ),
    drawn=CoffeeMachine,
)
