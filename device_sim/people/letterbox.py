"""The letters of all owners of a fleet, and what they mean to do about them (state)."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from device_sim.device import Device
from device_sim.fleet import Fleet
from device_sim.people.letter import Letter
from device_sim.people.opinion import Opinion, opinion
from device_sim.people.owner import Owner
from device_sim.people.page import Field, Form, confirming_form, forms_of, rating_form
from device_sim.people.plans import Admit, Mend, Plan, Rate, plans_for, revised

_CONFIRMING: Final = 0.5  # share of owners who answer invitations


@dataclass(frozen=True, slots=True)
class Filled:
    """A form ready to be sent to ``action``."""

    action: str
    fields: dict[str, str]


class Letterbox:
    """What came for the owners, and what they still mean to do."""

    def __init__(self, fleet: Fleet, chance: Random) -> None:
        self._fleet = fleet
        self._chance = chance
        self._owners = {owner.email.lower(): owner for owner in fleet.owners}
        self._letters: dict[str, int] = {}  # how many came about a ticket
        self._plans: list[Plan] = []

    def take(self, letter: Letter, now: datetime) -> None:
        """Have its reader read a letter; one for nobody here is passed over."""
        owner = self._owners.get(letter.to)
        if owner is None:
            return
        self._letters[letter.ticket] = self._letters.get(letter.ticket, 0) + 1
        self._plans = revised(self._plans, letter)
        self._plans += plans_for(letter, owner, now, confirms=self._chance.random() < _CONFIRMING)

    def due(self, now: datetime) -> list[Plan]:
        """Return what is to be done by now; it is then no longer planned."""
        due = [plan for plan in self._plans if plan.at <= now]
        self._plans = [plan for plan in self._plans if plan.at > now]
        return due

    def do_at_home(self, plan: Admit | Mend, now: datetime) -> None:
        """Let the technician in, or see to the device oneself."""
        device = self._device(plan.owner, plan.ticket)
        if isinstance(plan, Admit):
            device.repair(now)
        else:
            device.ailments.put_right(now.timestamp())

    def verdict(self, plan: Rate) -> Opinion:
        """Return how the owner rates what they lived through."""
        lived = self._device(plan.owner, plan.ticket).ailments.latest
        return opinion(lived, self._letters.get(plan.ticket, 1), plan.owner, self._chance)

    def _device(self, owner: Owner, ticket: str) -> Device:
        """Return which of the owner's devices a ticket is about: the one that showed it, or the one last in trouble."""
        devices = [self._fleet.device(device_id) for device_id in owner.devices]
        for device in devices:
            if device.errands.messages(ticket):
                return device
        return max(devices, key=lambda device: device.ailments.latest.began_s if device.ailments.latest else 0.0)


def rating_filled(page: str, url: str, verdict: Opinion) -> Filled | None:
    """Return the rating page's form filled in; ``None``: the page at ``url`` has none."""
    return _filled(rating_form(forms_of(page, url), verdict.score), verdict.comment)


def confirmation_filled(page: str, url: str) -> Filled | None:
    """Return the visit page's confirmation; ``None``: there is nothing to confirm."""
    return _filled(confirming_form(forms_of(page, url)), "")


def _filled(found: tuple[Form, Field | None] | None, text: str) -> Filled | None:
    return Filled(found[0].action, found[0].filled(found[1], text)) if found else None
