"""The households of a scenario as the customer file the product imports (pure)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from device_sim.fleet import device_ids
from device_sim.people.owner import Owner
from device_sim.people.owners import draw_owners
from device_sim.scenarios import scenario_named

SLOTS_FOR_DAYS: Final = 10
_VISIT: Final = timedelta(minutes=150)
_STARTS_AT: Final = (time(8), time(10, 30), time(13, 30), time(16))
_MORNING_ENDS_H: Final = 10
_SATURDAY: Final = 5
_CONSENTS: Final = ("diagnose", "fix", "message:mail", "message:device", "survey", "learn")


class Customer(msgspec.Struct, frozen=True):
    """One customer of the file. Hours are of their local day."""

    id: str
    name: str
    email: str
    lang: str
    zone: str
    quiet_from: int
    quiet_to: int
    good_hour: int
    tell_about_fixes: bool
    consents: tuple[str, ...]
    devices: tuple[str, ...]


class Slot(msgspec.Struct, frozen=True):
    """A stretch of a technician's day that is free, long enough for any visit."""

    starts_at: datetime
    ends_at: datetime


class Technician(msgspec.Struct, frozen=True):
    """One technician of the file."""

    id: str
    name: str
    email: str
    zone: str
    skills: tuple[str, ...]
    slots: tuple[Slot, ...]


class Households(msgspec.Struct, frozen=True):
    """The whole file."""

    customers: tuple[Customer, ...]
    technicians: tuple[Technician, ...]


_TECHNICIANS: Final = (
    ("S-01", "Greta Lindqvist", "Europe/Berlin", ("cooling", "heating")),
    ("S-02", "Tomasz Wolny", "Europe/Berlin", ("electrical", "heating")),
    ("S-03", "Maeve Corrigan", "Europe/London", ("coffee", "cooling")),
    ("S-04", "Luc Verane", "Europe/Paris", ("electrical", "coffee")),
)


def households(scenario: str, seed: int, devices: int, origin: datetime) -> Households:
    """Return the owners of a fleet and the technicians, with free stretches in the ten days after ``origin``.

    Raises:
        UnknownScenarioError: there is no such scenario.
    """
    return households_of(draw_owners(seed, device_ids(scenario_named(scenario), devices)), origin)


def households_of(owners: Sequence[Owner], origin: datetime) -> Households:
    """Return these owners, and the technicians with free stretches in the ten days after ``origin``."""
    return Households(
        tuple(_customer(owner) for owner in owners),
        tuple(
            Technician(
                id=number,
                name=name,
                email=f"technician-{number.lower()}@example.org",
                zone=zone,
                skills=skills,
                slots=tuple(_slots(ZoneInfo(zone), origin)),
            )
            for number, name, zone, skills in _TECHNICIANS
        ),
    )


def _customer(owner: Owner) -> Customer:
    return Customer(
        id=owner.id,
        name=owner.name,
        email=owner.email,
        lang=owner.lang,
        zone=owner.zone,
        quiet_from=owner.quiet_from,
        quiet_to=owner.quiet_to,
        good_hour=owner.good_hour,
        tell_about_fixes=owner.tell_about_fixes,
        consents=_CONSENTS,
        devices=owner.devices,
    )


def _slots(zone: ZoneInfo, origin: datetime) -> Iterator[Slot]:
    """Yield the working hours of ten local days; nobody comes on a Sunday, and on Saturdays only before noon."""
    today = origin.astimezone(zone).date()
    for ahead in range(SLOTS_FOR_DAYS):
        day = today + timedelta(days=ahead)
        for start in _STARTS_AT:
            starts_at = datetime.combine(day, start, zone)
            closed = day.weekday() > _SATURDAY or (day.weekday() == _SATURDAY and start.hour >= _MORNING_ENDS_H)
            if starts_at > origin and not closed:
                yield Slot(starts_at, starts_at + _VISIT)
