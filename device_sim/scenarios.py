"""What can be simulated (pure): fleets, their openings, and how quickly things happen, as tables."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from device_sim.mishaps import Pace
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import Reaction


class UnknownScenarioError(Exception):
    """Nothing can be simulated under this name: see ``amends sim list``."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}; `amends sim list` shows what can be simulated")
        self.name = name
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Opening:
    """A trouble that is sure to come: on the ``nth`` device (from 1) of its product, ``after`` the live start.

    ``grows_for`` and ``holds_for`` ``None``: by the scenario's pace. ``reaction`` ``None``: by the table of odds.
    """

    product: str
    nth: int
    fault: str
    after: timedelta
    grows_for: timedelta | None = None
    holds_for: timedelta | None = None
    reaction: Reaction | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fleet and what befalls it.

    ``devices`` is the usual number. ``products`` share them in turn. ``backfill`` of healthy days is sent
    first. Troubles by chance begin after ``calm``, counted from the live start.
    """

    name: str
    summary: str
    devices: int
    pace: Pace
    products: tuple[str, ...] = tuple(PRODUCTS)
    backfill: timedelta = timedelta(days=3)
    calm: timedelta = timedelta(0)
    openings: tuple[Opening, ...] = ()

    @property
    def endless(self) -> bool:
        """Whether troubles come by chance, for ever; otherwise its openings are all there is."""
        return self.pace.wait is not None


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


_LIVELY: Final = Pace(
    wait=timedelta(hours=18),
    mended_after=timedelta(hours=30),
    grows_for=(_minutes(45), _minutes(90)),
    passes_after=(_minutes(60), _minutes(180)),
)
_AS_IN_LIFE: Final = Pace(wait=timedelta(days=20), mended_after=timedelta(days=3))
_NEVER: Final = Pace(wait=None, mended_after=timedelta(days=3))
_ONE: Final = Pace(
    wait=None,
    mended_after=timedelta(hours=30),
    grows_for=(_minutes(20), _minutes(30)),
    passes_after=(_minutes(60), _minutes(120)),
)

_DEMO_OPENINGS: Final = (
    Opening("frost-200", 1, "memory_leak", _minutes(16), _minutes(70), reaction=Reaction.HEALS),
    Opening("bean-9", 1, "group_clogged", _minutes(20), _minutes(75), reaction=Reaction.HEALS),
    Opening("therm-40", 1, "circulation_pump_wear", _minutes(24), _minutes(80)),
    Opening("volt-12", 1, "charge_limit_corrupted", _minutes(28), _minutes(80), reaction=Reaction.HEALS),
    Opening("frost-200", 2, "evaporator_iced", _minutes(34), _minutes(80), reaction=Reaction.HEALS),
    Opening("frost-200", 3, "door_left_open", _minutes(44)),
    Opening("volt-12", 2, "heat_wave", _minutes(54), _minutes(40), _minutes(90)),
    Opening("bean-9", 2, "off_on_purpose", _minutes(64), holds_for=_minutes(90)),
    Opening("therm-40", 2, "memory_leak", _minutes(74), _minutes(70), reaction=Reaction.FAILS),
    Opening("therm-40", 3, "curve_corrupted", _minutes(92), _minutes(70), reaction=Reaction.HEALS),
    Opening("volt-12", 3, "cells_unbalanced", _minutes(108), _minutes(70), reaction=Reaction.HEALS),
    Opening("bean-9", 3, "boiler_sensor_drift", _minutes(126), _minutes(70), reaction=Reaction.HEALS),
    Opening("frost-200", 4, "new_router", _minutes(140)),
    Opening("bean-9", 4, "pump_scaled", _minutes(156), _minutes(80)),
)

_ONCE_EACH: Final = sum(len(product.faults) for product in PRODUCTS.values())
_EVERY_OPENING: Final = tuple(
    Opening(product.name, turn * len(product.faults) + nth, fault, _minutes(50 + 2 * nth), reaction=Reaction.HEALS)
    for product in PRODUCTS.values()
    for turn in range(2)
    for nth, fault in enumerate(product.faults, start=1)
)

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "demo",
            "a lively fleet: three healthy days first, then something every few minutes, quicker than in life",
            24,
            _LIVELY,
            calm=timedelta(minutes=150),
            openings=_DEMO_OPENINGS,
        ),
        Scenario(
            "every",
            "every fault and every look-alike of every product, one device each, soon; on twice as many, two each",
            _ONCE_EACH,
            _ONE,
            backfill=timedelta(days=3),
            openings=_EVERY_OPENING,
        ),
        Scenario("quiet", "a healthy fleet: nothing should be found", 12, _NEVER),
        Scenario("mixed", "faults and look-alikes by chance, growing over hours and days as in life", 24, _AS_IN_LIFE),
    )
}

ONE: Final = "one"
_ONE_FORM: Final = "one:PRODUCT:FAULT"


def scenario_named(name: str) -> Scenario:
    """Return the scenario of that name; ``one:frost-200:memory_leak`` is one device with one fault, soon.

    A reaction may follow, as in ``one:frost-200:memory_leak:fails``; without it the cure heals. ``mixed:frost-200`` is
    the scenario with that product alone.

    Raises:
        UnknownScenarioError: there is none.
    """
    if name in SCENARIOS:
        return SCENARIOS[name]
    parts = name.split(":")
    if parts[0] in SCENARIOS and len(parts) == 2:  # noqa: PLR2004 - the scenario and its product
        return _of_one_product(name, SCENARIOS[parts[0]], parts[1])
    if parts[0] != ONE or len(parts) not in (3, 4):
        raise UnknownScenarioError(name, f"no such scenario, nor of the form SCENARIO:PRODUCT or {_ONE_FORM}")
    product = PRODUCTS.get(parts[1])
    if product is None:
        raise UnknownScenarioError(name, f"no product {parts[1]}")
    if parts[2] not in product.faults:
        raise UnknownScenarioError(name, f"{parts[1]} has no fault {parts[2]}")
    try:
        reaction = Reaction(parts[3]) if len(parts) > 3 else Reaction.HEALS  # noqa: PLR2004 - the optional fourth part
    except ValueError:
        raise UnknownScenarioError(name, f"no reaction {parts[3]}") from None
    opening = Opening(product.name, 1, parts[2], _minutes(16), reaction=reaction)
    return Scenario(name, f"{parts[2]} on one {product.name}", 1, _ONE, (product.name,), openings=(opening,))


def _of_one_product(name: str, scenario: Scenario, product: str) -> Scenario:
    if product not in scenario.products:
        raise UnknownScenarioError(name, f"no product {product}")
    openings = tuple(opening for opening in scenario.openings if opening.product == product)
    return replace(scenario, name=name, products=(product,), openings=openings)
