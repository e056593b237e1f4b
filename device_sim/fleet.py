"""A fleet by seed (pure): the same seed gives the same devices, owners and troubles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from device_sim.ailments import Ailments, Trouble
from device_sim.chance import seeded
from device_sim.device import Device, Home, Identity
from device_sim.mishaps import Troubles, trouble_at
from device_sim.people.owner import Owner
from device_sim.people.owners import draw_owners
from device_sim.products.appliance import Product
from device_sim.products.catalogue import PRODUCTS
from device_sim.scenarios import Opening, Scenario
from device_sim.weather import Site

_OLD_PROTOCOL_EVERY = 4  # every so many devices speak MQTT 3.1.1
_BATCHING_EVERY = 11  # every so many gather their samples
_BATCH = 3


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices and their owners, in the order of their ids' numbers."""

    devices: tuple[Device, ...]
    owners: tuple[Owner, ...]

    def device(self, device_id: str) -> Device:
        """Return the device of that id; ``KeyError`` when there is none."""
        for device in self.devices:
            if device.identity.device_id == device_id:
                return device
        raise KeyError(device_id)


def device_ids(scenario: Scenario, devices: int) -> tuple[str, ...]:
    """Return the ids of a fleet: products in turn, each counted from 1, like ``frost-0001``."""
    products = [PRODUCTS[name] for name in scenario.products]
    return tuple(
        f"{products[index % len(products)].prefix}-{index // len(products) + 1:04d}" for index in range(devices)
    )


def make_fleet(scenario: Scenario, seed: int, devices: int, born_at: datetime, live_at: datetime) -> Fleet:
    """Return a fleet of ``devices`` ≥ 1 that boots at ``born_at``; its troubles are counted from ``live_at``."""
    ids = device_ids(scenario, devices)
    owners = draw_owners(seed, ids)
    owner_of = {device_id: owner for owner in owners for device_id in owner.devices}
    sites = {
        zone: Site.drawn(offset_h, seeded(f"{seed}:site:{zone}"))
        for zone, offset_h in sorted({(owner.zone, owner.offset_h) for owner in owners})
    }
    made = []
    for index, device_id in enumerate(ids):
        product = PRODUCTS[scenario.products[index % len(scenario.products)]]
        nth = index // len(scenario.products) + 1
        chance = seeded(f"{seed}:{device_id}")
        identity = _identity(index, device_id, product, chance)
        troubles = _troubles(scenario, product, nth, live_at, seeded(f"{seed}:{device_id}:troubles"))
        ailments = Ailments(product.weaknesses, troubles)
        owner = owner_of[device_id]
        made.append(Device(identity, Home(owner, sites[owner.zone]), ailments, chance, born_at))
    return Fleet(tuple(made), owners)


def _identity(index: int, device_id: str, product: Product, chance: Random) -> Identity:
    return Identity(
        device_id=device_id,
        product=product,
        serial=f"{product.serial_prefix}-{chance.randrange(1_000_000):06d}",
        firmware=chance.choice(product.firmwares),
        mqtt5=index % _OLD_PROTOCOL_EVERY != _OLD_PROTOCOL_EVERY - 1,
        batch=_BATCH if index % _BATCHING_EVERY == _BATCHING_EVERY - 1 else 1,
    )


def _troubles(scenario: Scenario, product: Product, nth: int, live_at: datetime, chance: Random) -> Iterator[Trouble]:
    openings = [
        _opened(opening, scenario, product, live_at, chance)
        for opening in scenario.openings
        if opening.product == product.name and opening.nth == nth
    ]
    begin_s = live_at.timestamp() + scenario.calm.total_seconds()
    return Troubles(openings, product, begin_s, scenario.pace, chance)


def _opened(opening: Opening, scenario: Scenario, product: Product, live_at: datetime, chance: Random) -> Trouble:
    begins_s = (live_at + opening.after).timestamp()
    trouble = trouble_at(product.faults[opening.fault], begins_s, scenario.pace, chance, opening.reaction)
    if opening.grows_for is not None:
        trouble = replace(trouble, grows_s=opening.grows_for.total_seconds())
    if opening.holds_for is not None:
        trouble = replace(trouble, holds_s=opening.holds_for.total_seconds())
    return trouble
