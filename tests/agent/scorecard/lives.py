"""Short lives in virtual time for the tests of this folder."""

from datetime import timedelta

from msgspec.structs import replace

from agent.scorecard.contest import BEGINS_AT, live
from agent.scorecard.figures import Figures, Run
from agent.scorecard.full_agent import FullAgent
from agent.scorecard.staffing import Trust
from device_sim.mishaps import Pace
from device_sim.reactions import Reaction
from device_sim.scenarios import Opening, Scenario
from device_sim.world import World

RUN = Run("test", devices=1, days=0.25, seed=3, days_between_troubles=None, trust="promoted")
_QUIET = Pace(wait=None, mended_after=timedelta(days=3))


def a_world(*openings: Opening, devices: int = 1, seed: int = 3, backfill: timedelta = timedelta(days=2)) -> World:
    """Return freezers that are well but for these openings."""
    scenario = Scenario("test", "for a test", devices, _QUIET, ("frost-200",), backfill, openings=openings)
    return World(scenario, seed, devices, BEGINS_AT)


def an_opening(fault: str, *, hours: float = 3, nth: int = 1, reaction: Reaction = Reaction.HEALS) -> Opening:
    after, grows_for = timedelta(minutes=30), timedelta(hours=hours)
    return Opening("frost-200", nth, fault, after, grows_for, reaction=reaction)


def an_agent(world: World, trust: Trust = Trust.PROMOTED) -> FullAgent:
    return FullAgent.of(world, BEGINS_AT, trust)


def figures_of(agent: FullAgent, hours: float = 6) -> Figures:
    """Let an agent live, and return its figures without how long that took."""
    run = replace(RUN, devices=len(agent.world.devices), days=hours / 24)
    return replace(live(agent, agent.world, run), speedup=0)
