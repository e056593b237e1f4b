"""A fleet with its past and its people (state): begun anew, or gone on with where an earlier run left it."""

from dataclasses import dataclass
from datetime import datetime

from device_sim.chance import seeded
from device_sim.fleet import Fleet, make_fleet
from device_sim.news import history_begin
from device_sim.people.letterbox import Letterbox
from device_sim.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Story:
    """A fleet, its owners' letters, and the scenario and seed that tell it."""

    scenario: str
    seed: int
    fleet: Fleet
    letterbox: Letterbox


@dataclass(frozen=True, slots=True)
class Page:
    """A story as it stood at ``until``."""

    story: Story
    until: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """What a run tells: the story, from when its past is sent, and from when it lives."""

    story: Story
    history_from: datetime
    live_from: datetime


def told(scenario: Scenario, seed: int, devices: int, live_from: datetime, page: Page | None) -> Telling:
    """Return what to tell from ``live_from`` on; ``page`` ``None``: nothing was ever told here.

    The same endless scenario, seed and number of devices go on with their troubles, settings and remembered
    commands, after a restart of all devices. Anything else begins anew, and sends no past twice.
    """
    begin = history_begin(scenario, live_from, page.until if page else None)
    if page and scenario.endless and _is_of(page.story, scenario, seed, devices):
        for device in page.story.fleet.devices:
            device.resume(begin)
        return Telling(page.story, begin, live_from)
    fleet = make_fleet(scenario, seed, devices, begin, live_from)
    for device in fleet.devices:
        device.settle(begin)
    return Telling(Story(scenario.name, seed, fleet, Letterbox(fleet, seeded(f"{seed}:letterbox"))), begin, live_from)


def _is_of(story: Story, scenario: Scenario, seed: int, devices: int) -> bool:
    return (story.scenario, story.seed, len(story.fleet.devices)) == (scenario.name, seed, devices)
