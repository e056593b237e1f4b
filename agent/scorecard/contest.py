"""Runs contenders through the same lives (shell): each in a world of its own, from one seed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from importlib.metadata import entry_points
from typing import Final, assert_never, cast

import msgspec

from agent.care.customer_file import PeopleFile
from agent.scorecard.contender import Contender, Nobody
from agent.scorecard.distant import DistantWorld
from agent.scorecard.errors import NoWorldError
from agent.scorecard.figures import Figures, Run, Scorecard
from agent.scorecard.full_agent import FullAgent
from agent.scorecard.judge import Span, judge
from agent.scorecard.ledger import Ledger
from agent.scorecard.staffing import Trust
from agent.scorecard.thresholds import Thresholds
from agent.scorecard.world import OpenWorld, World

BEGINS_AT: Final = datetime(2026, 1, 13, 6, tzinfo=UTC)  # any Tuesday morning; fixed, so that a seed says everything
_MINUTE: Final = timedelta(minutes=1)
_TELL_EVERY: Final = 60  # minutes
_DAY_S: Final = 86_400.0


class Name(StrEnum):
    """The contenders."""

    AGENT = "agent"
    NONE = "none"
    THRESHOLDS = "thresholds"


def open_world(run: Run) -> World:
    """Begin the world of a run.

    Raises:
        NoWorldError: no installed package offers one.
    """
    found = list(entry_points(group="amends.worlds"))
    if not found:
        raise NoWorldError
    begin = cast("OpenWorld", found[0].load())
    return begin(run.scenario, run.seed, run.devices, BEGINS_AT, wait_days=run.days_between_troubles)


def play(
    run: Run,
    tell: Callable[[Name, float], None] = lambda _name, _days: None,
    look_back: Callable[[Name, World, Ledger], None] = lambda _name, _world, _ledger: None,
) -> Scorecard:
    """Let every contender live through a run, one after the other, each with its world in a process of its own.

    ``tell`` hears how many days a contender has lived, now and then; ``look_back`` gets its world and books in the end.

    Raises:
        NoWorldError: there is no world to live in.
    """
    figures: dict[Name, Figures] = {}
    for name in Name:
        world = DistantWorld(partial(open_world, run))
        try:
            playing = contender(name, world, run)
            figures[name] = live(playing, world, run, partial(tell, name))
            look_back(name, world, playing.ledger)
        finally:
            world.close()
    return Scorecard(run, figures[Name.AGENT], figures[Name.NONE], figures[Name.THRESHOLDS])


def ends_s(run: Run) -> float:
    """Return when a run is over, in Unix seconds: a whole minute."""
    return (BEGINS_AT + round(run.days * _DAY_S / _MINUTE.total_seconds()) * _MINUTE).timestamp()


def contender(name: Name, world: World, run: Run) -> Contender:
    """Return a contender in a world, not begun yet."""
    match name:
        case Name.AGENT:
            return FullAgent.of(world, BEGINS_AT, Trust(run.trust), run.model)
        case Name.NONE:
            return Nobody.of(world)
        case Name.THRESHOLDS:
            return Thresholds.of(world)
        case never:
            assert_never(never)


def live(playing: Contender, world: World, run: Run, tell: Callable[[float], None] = lambda _: None) -> Figures:
    """Let a contender live through a run and return its figures; ``tell`` hears the days lived, now and then."""
    now = BEGINS_AT
    try:
        playing.begin()
        started_s = time.monotonic()
        for minute in range(1, round(run.days * _DAY_S / _MINUTE.total_seconds()) + 1):
            now += _MINUTE
            playing.minute(now)
            if minute % _TELL_EVERY == 0:
                tell((now - BEGINS_AT) / timedelta(days=1))
        took_s = time.monotonic() - started_s
    finally:
        playing.close()
    owners = len(msgspec.json.decode(world.people(BEGINS_AT), type=PeopleFile).customers)
    span = Span(run.devices, owners, run.days, ends_s(run), run.days * _DAY_S / took_s)
    return judge(world, playing.ledger, span)
