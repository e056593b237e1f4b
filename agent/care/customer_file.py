"""A file of customers and technicians (pure): JSON bytes in, checked values out.

::

    {"customers": [{"id": "c-1", "name": "…", "email": "…", "lang": "de", "zone": "Europe/Berlin",
                    "quiet_from": 21, "quiet_to": 8, "good_hour": 18, "tell_about_fixes": false,
                    "consents": ["diagnose", "fix", "message:mail"], "devices": ["frost-0001"]}],
     "technicians": [{"id": "t-1", "name": "…", "email": "…", "zone": "Europe/Berlin", "skills": ["cooling"],
                      "slots": [{"starts_at": "2026-11-24T09:00:00+01:00", "ends_at": "2026-11-24T11:00:00+01:00"}]}]}

Every problem is named with its field, as in ``$.customers[0].zone``. Unknown fields are an error too: a misspelt
``consents`` must not pass for "none given".
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import msgspec

from agent.care.customer import Customer, Purpose
from agent.care.errors import CustomerFileError
from agent.care.languages import LANGUAGES
from agent.service.visit import Technician

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+\Z")]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Zone = Annotated[str, msgspec.Meta(max_length=64)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]
Aware = Annotated[datetime, msgspec.Meta(tz=True)]

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\"]+")
_EMAIL_LIMIT = 254  # characters, RFC 5321


class SlotEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Free time of a technician."""

    starts_at: Aware
    ends_at: Aware


class CustomerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One customer of the file; what is left out has the default of ``Customer``."""

    id: Id
    name: Name
    email: str
    lang: str = "en"
    zone: Zone = "UTC"
    quiet_from: Hour = 21
    quiet_to: Hour = 8
    good_hour: Hour = 18
    tell_about_fixes: bool = False
    consents: tuple[Purpose, ...] = ()
    devices: tuple[Id, ...] = ()

    def customer(self) -> Customer:
        """Return the value without what lies elsewhere: consents and devices."""
        return Customer(
            id=self.id,
            name=self.name,
            email=self.email,
            lang=self.lang,
            zone=self.zone,
            quiet_from=self.quiet_from,
            quiet_to=self.quiet_to,
            good_hour=self.good_hour,
            tell_about_fixes=self.tell_about_fixes,
        )


class TechnicianEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One technician of the file."""

    id: Id
    name: Name
    email: str = ""
    zone: Zone = "UTC"
    skills: tuple[Id, ...] = ()
    slots: tuple[SlotEntry, ...] = ()

    def technician(self) -> Technician:
        """Return the value without the slots."""
        return Technician(id=self.id, name=self.name, email=self.email, zone=self.zone, skills=self.skills)


class PeopleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    customers: tuple[CustomerEntry, ...] = ()
    technicians: tuple[TechnicianEntry, ...] = ()


def parse_people(data: bytes, path: Path) -> PeopleFile:
    """Return what the bytes say; ``path`` is for the errors.

    Raises:
        CustomerFileError: something is wrong. A wrong shape names the first field, wrong values all of them.
    """
    try:
        people = msgspec.json.decode(data, type=PeopleFile)
    except msgspec.DecodeError as error:
        raise CustomerFileError(path, [str(error)]) from error
    problems = [*_customer_problems(people), *_technician_problems(people)]
    if problems:
        raise CustomerFileError(path, problems)
    return people


def _customer_problems(people: PeopleFile) -> Iterator[str]:
    ids: set[str] = set()
    owned: set[str] = set()
    zones = available_timezones()
    for number, customer in enumerate(people.customers):
        at = f"$.customers[{number}]"
        if customer.id in ids:
            yield f"{at}.id: {customer.id} is there twice"
        ids.add(customer.id)
        if not _is_email(customer.email):
            yield f"{at}.email: {customer.email!r} is no mail address"
        if customer.zone not in zones:
            yield f"{at}.zone: {customer.zone!r} is no time zone such as Europe/Berlin"
        if customer.lang.split("-")[0] not in LANGUAGES:
            yield f"{at}.lang: {customer.lang!r} is not one of {', '.join(LANGUAGES)}"
        for device, device_id in enumerate(customer.devices):
            if device_id in owned:
                yield f"{at}.devices[{device}]: {device_id} is there twice"
            owned.add(device_id)


def _technician_problems(people: PeopleFile) -> Iterator[str]:
    ids: set[str] = set()
    zones = available_timezones()
    for number, technician in enumerate(people.technicians):
        at = f"$.technicians[{number}]"
        if technician.id in ids:
            yield f"{at}.id: {technician.id} is there twice"
        ids.add(technician.id)
        if technician.email and not _is_email(technician.email):
            yield f"{at}.email: {technician.email!r} is no mail address"
        if technician.zone not in zones:
            yield f"{at}.zone: {technician.zone!r} is no time zone such as Europe/Berlin"
        for slot, entry in enumerate(technician.slots):
            if entry.ends_at <= entry.starts_at:
                yield f"{at}.slots[{slot}].ends_at: the slot ends before it starts"


def _is_email(text: str) -> bool:
    return len(text) <= _EMAIL_LIMIT and text.isascii() and text.isprintable() and _EMAIL.fullmatch(text) is not None
