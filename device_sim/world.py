"""A fleet and its people in virtual time (state): a minute at a time, told what goes down, saying what comes up.

No network and no sleeping. What devices say are the payloads a real one would publish; what owners do follows from
their letters and notices. The truth about every trouble is kept apart, in ``chronicle``, ``deeds`` and ``visited``:
it is for whoever judges afterwards, never for whoever is judged.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

import msgspec

from broker.codec import decode
from broker.messages import Command
from broker.topics import Channel, parse_topic
from device_sim.ailments import Lived
from device_sim.chance import seeded
from device_sim.device import SAMPLE, Device
from device_sim.fleet import make_fleet
from device_sim.people.callers import Callers
from device_sim.people.household import Households, Technician, households_of
from device_sim.people.letter import read_letter
from device_sim.people.letterbox import Letterbox
from device_sim.people.opinion import opinion
from device_sim.people.owner import RatesBy
from device_sim.people.plans import Mend, Rate
from device_sim.reactions import Reaction, can_be_mended, is_cure
from device_sim.scenarios import Scenario, scenario_named
from device_sim.truth import Deed, Rated, Told, Visited
from device_sim.voice import Publish

_HISTORY_CHUNK: Final = 360  # samples
_DEVICES_A_CREW: Final = 250  # so many devices keep four technicians busy


class World:
    """One simulated world. Time passes by ``live`` alone, in steps of ``SAMPLE``; the same calls give the same world.

    ``hear``, ``read`` and ``visit`` take effect at the beginning of the next step: so long is the way to a home.
    """

    def __init__(self, scenario: Scenario, seed: int, devices: int, begins_at: datetime) -> None:
        self.deeds: list[Deed] = []
        self.visited: list[Visited] = []
        self._scenario = scenario
        self._begins_at = begins_at
        self._fleet = make_fleet(scenario, seed, devices, begins_at - scenario.backfill, begins_at)
        self._devices = {device.identity.device_id: device for device in self._fleet.devices}
        self._chance = seeded(f"{seed}:world")
        self._letterbox = Letterbox(self._fleet, seeded(f"{seed}:letterbox"))
        self._callers = Callers(self._fleet, seeded(f"{seed}:callers"))
        self._waiting: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
        self._letters: list[bytes] = []
        self._visits: list[str] = []
        for device in self._fleet.devices:
            device.at_once = True

    @property
    def devices(self) -> tuple[str, ...]:
        """The ids of all devices."""
        return tuple(self._devices)

    def people(self, since: datetime) -> bytes:
        """Return owners and technicians as the file the product imports, with free time for ten days from ``since``."""
        file = households_of(self._fleet.owners, since)
        crews = -(-len(self._devices) // _DEVICES_A_CREW)
        staff = tuple(_of_crew(technician, crew) for crew in range(crews) for technician in file.technicians)
        return msgspec.json.encode(Households(file.customers, staff))

    def history(self) -> Iterator[list[Publish]]:
        """Yield what the devices say at first: who they are, then the healthy days before, some hours at a time."""
        begin = self._begins_at - self._scenario.backfill
        for device in self._fleet.devices:
            device.settle(begin)
        yield [said for device in self._fleet.devices for said in device.greet()]
        pasts = [device.history(begin, self._begins_at, _HISTORY_CHUNK) for device in self._fleet.devices]
        for said in zip(*pasts, strict=True):
            yield list(said)

    def hear(self, topic: str, payload: bytes) -> None:
        """Let a command or notice go down to its device; one that is away gets it when it is back."""
        self._waiting[parse_topic(topic).device_id].append((topic, payload))

    def read(self, mail: bytes) -> None:
        """Put a mail into its owner's letter box."""
        self._letters.append(mail)

    def visit(self, device_id: str) -> None:
        """Let a technician come and mend what can be mended."""
        self._visits.append(device_id)

    def live(self, now: datetime) -> Told:
        """Live through the minute that ends at ``now`` and return what came of it."""
        said = self._take_what_came(now)
        for device in self._devices.values():
            said += device.step(now)
        return Told(said, self._rated(now), self._called(now))

    def get_by(self, now: datetime) -> Told:
        """Live through the minute as ``live`` does, with nobody listening to the devices; much quicker."""
        self._take_what_came(now)
        for device in self._devices.values():
            device.ailments.advance(now.timestamp(), SAMPLE.total_seconds())
        return Told([], self._rated(now), self._called(now))

    def survey(self, device_id: str, messages: int) -> int | None:
        """Ask a device's owner how it was, after ``messages`` messages; ``None``: they do not answer such questions."""
        device = self._devices[device_id]
        if device.owner.rates_by is RatesBy.NEVER:
            return None
        return opinion(device.ailments.latest, messages, device.owner, self._chance).score

    def chronicle(self) -> list[tuple[str, Lived]]:
        """Return every trouble so far with its device, in order of devices: the truth."""
        told: list[tuple[str, Lived]] = []
        for device_id, device in self._devices.items():
            told += [(device_id, lived) for lived in device.ailments.lived]
            if device.ailments.fault is not None and device.ailments.latest is not None:
                told.append((device_id, device.ailments.latest))
        return told

    def _take_what_came(self, now: datetime) -> list[Publish]:
        for device_id in self._visits:
            self._visited(self._devices[device_id], now)
        for mail in self._letters:
            message = message_from_bytes(mail, policy=default)
            assert isinstance(message, EmailMessage)
            self._letterbox.take(read_letter(message), now)
        self._visits.clear()
        self._letters.clear()
        said: list[Publish] = []
        for device_id in sorted(known for known in self._waiting if self._devices[known].connected):
            for topic, payload in self._waiting.pop(device_id):
                said += self._heard(self._devices[device_id], topic, payload, now)
        return said

    def _heard(self, device: Device, topic: str, payload: bytes, now: datetime) -> list[Publish]:
        if parse_topic(topic).channel is not Channel.COMMAND:
            return device.hear(topic, payload, now)
        message = decode(topic, payload)
        assert isinstance(message, Command)  # the topic says so
        fault, acted = device.ailments.fault, len(device.orders.actuations)
        reaction = device.ailments.reaction_to(message.verb, message.args)
        at_work, known = device.busy.startswith("at work"), message.id in device.orders
        said = device.hear(topic, payload, now)
        self.deeds.append(
            Deed(
                device_id=device.identity.device_id,
                at_s=now.timestamp(),
                verb=message.verb,
                fault=fault.name if fault else None,
                right=fault is not None and is_cure(fault.cure, message.verb, message.args),
                acted=len(device.orders.actuations) > acted,
                harmed=reaction is Reaction.WORSE,
                repeated=known or at_work,
            )
        )
        return said

    def _visited(self, device: Device, now: datetime) -> None:
        fault = device.ailments.fault
        mended = fault is not None and can_be_mended(fault)
        device.repair(now)
        name = fault.name if fault else None
        self.visited.append(Visited(device.identity.device_id, now.timestamp(), name, mended=mended))

    def _rated(self, now: datetime) -> list[Rated]:
        rated: list[Rated] = []
        for plan in self._letterbox.due(now):
            match plan:
                case Rate():
                    verdict = self._letterbox.verdict(plan)
                    rated.append(Rated(plan.url, verdict.score, verdict.comment))
                case Mend():
                    self._letterbox.do_at_home(plan, now)
                case _:
                    pass  # visits are kept by whoever sends the technicians, and nothing hangs on a confirmation
        return rated

    def _called(self, now: datetime) -> list[str]:
        return self._callers.due(now)


def open_world(scenario: str, seed: int, devices: int, begins_at: datetime, *, wait_days: float | None = None) -> World:
    """Return a world whose live time begins at ``begins_at``; its troubles come by ``seed``.

    ``wait_days`` is the mean time from one trouble of a device to its next; ``None``: the scenario's own.

    Raises:
        UnknownScenarioError: there is no such scenario.
    """
    found = scenario_named(scenario)
    if wait_days is not None and found.endless:
        found = replace(found, pace=replace(found.pace, wait=timedelta(days=wait_days)))
    return World(found, seed, devices, begins_at)


def _of_crew(technician: Technician, crew: int) -> Technician:
    if not crew:
        return technician
    number = f"{technician.id}-{crew + 1}"
    return msgspec.structs.replace(technician, id=number, email=f"technician-{number.lower()}@example.org")
