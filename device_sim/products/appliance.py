"""What a simulated product is made of (pure): its table of facts, and the shape of its physics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Protocol

from broker.messages import MetricSpec
from device_sim.faults import Fault
from device_sim.weather import Minute

Strain = Mapping[str, float]
"""How hard each weakness of a product is at work; 0 is healthy. Every name of the product is there."""

Reading = dict[str, float | str]
"""One sample: a number a metric, and the words of the context metrics."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a household lives: local hours of the day, and how much it uses its things (1 is average)."""

    wakes_h: float
    sleeps_h: float
    usage: float
    thrifty: bool

    @classmethod
    def drawn(cls, chance: Random) -> "Habits":
        """Return one household's habits."""
        return cls(
            wakes_h=chance.uniform(6.0, 7.5),
            sleeps_h=chance.uniform(22.0, 23.3),
            usage=chance.uniform(0.7, 1.4),
            thrifty=chance.random() < 0.5,  # noqa: PLR2004 - every other household
        )

    def awake(self, hour: float) -> bool:
        """Tell whether somebody is up at this local hour."""
        return self.wakes_h <= hour < self.sleeps_h


class Physics(Protocol):
    """The inside of one device; fed minute by minute, it remembers its temperatures and levels."""

    settings: dict[str, float]
    """What ``set_config`` changes, in the units its names carry."""

    in_use: str
    """Why it cannot take a command now, like "brewing"; empty: it can."""

    def step(self, minute: Minute, strain: Strain) -> Reading:
        """Live through one minute and return what the sensors say at its end, without noise of the controller."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """A command that takes a while and does something to the physics meanwhile."""

    lasts: timedelta
    strains: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Product:
    """The facts of one product. ``drawn`` builds the physics of one device, a little unlike any other."""

    name: str
    prefix: str  # of device ids
    serial_prefix: str
    firmwares: tuple[str, ...]
    metrics: Mapping[str, MetricSpec]
    modes: tuple[str, ...]
    settings: Mapping[str, float]
    weaknesses: tuple[str, ...]  # names of strains its physics reads
    jobs: Mapping[str, Job]
    faults: Mapping[str, Fault]
    drawn: Callable[[Random, Habits], Physics]

    @property
    def commands(self) -> tuple[str, ...]:
        """The verbs it obeys."""
        return ("restart", "set_config", "recalibrate", *self.jobs)


def by_name(*faults: Fault) -> dict[str, Fault]:
    """Return the faults as a table by name."""
    return {fault.name: fault for fault in faults}
