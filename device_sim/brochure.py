"""What can be simulated, as facts and as tables to read (pure)."""

import msgspec
from rich.table import Table

from device_sim.faults import FaultKind
from device_sim.products.catalogue import PRODUCTS
from device_sim.scenarios import SCENARIOS


class ScenarioFacts(msgspec.Struct, frozen=True):
    """A scenario by name, and its usual number of devices."""

    name: str
    summary: str
    devices: int


class Facts(msgspec.Struct, frozen=True):
    """Scenarios, and the kind of every fault by product and name."""

    scenarios: tuple[ScenarioFacts, ...]
    faults: dict[str, dict[str, FaultKind]]


def facts() -> Facts:
    """Return what can be simulated."""
    return Facts(
        tuple(ScenarioFacts(s.name, s.summary, s.devices) for s in SCENARIOS.values()),
        {name: {fault.name: fault.kind for fault in product.faults.values()} for name, product in PRODUCTS.items()},
    )


def tables() -> tuple[Table, Table]:
    """Return the same for a terminal: scenarios, and faults by product."""
    known = facts()
    scenarios = Table("scenario", "devices", "what happens", box=None)
    for scenario in known.scenarios:
        scenarios.add_row(scenario.name, str(scenario.devices), scenario.summary)
    scenarios.add_row("SCENARIO:PRODUCT", "", "any of them with one product alone, like mixed:frost-200")
    scenarios.add_row("one:PRODUCT:FAULT", "1", "one fault on one device, soon; PRODUCT and FAULT as below")
    faults = Table("product", "fault", "kind", box=None)
    for product, kinds in known.faults.items():
        for fault, kind in kinds.items():
            faults.add_row(product, fault, kind)
    return scenarios, faults
