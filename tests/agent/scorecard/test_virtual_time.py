"""The whole agent in virtual time: nothing of it is replaced but time and the ways out."""

from datetime import datetime

from agent.desk.ticket import TicketState
from agent.scorecard.contest import BEGINS_AT
from agent.scorecard.full_agent import FullAgent
from agent.store.tickets import tickets_in
from device_sim.ailments import Ended
from device_sim.reactions import Reaction
from device_sim.world import World
from tests.agent.scorecard.lives import a_world, an_agent, an_opening, figures_of


def test_a_fault_is_noticed_healed_proven_and_told_without_a_network() -> None:
    world = a_world(an_opening("evaporator_iced"))

    figures = figures_of(an_agent(world))

    (trouble,) = [lived for _, lived in world.chronicle()]
    assert trouble.how is Ended.HEALED
    assert trouble.noticed_s is None
    assert [(deed.verb, deed.right, deed.acted) for deed in world.deeds] == [("defrost", True, True)]
    assert figures.healed_before_noticed == 1.0
    assert figures.false_actions_per_device_month == 0
    assert figures.messages_per_owner == 1  # the mail, and the same on the device


def test_the_same_seed_gives_the_same_figures() -> None:
    first, second = (figures_of(an_agent(a_world(an_opening("memory_leak")))) for _ in range(2))

    assert first == second


def test_a_healthy_world_gets_no_commands_and_no_visits() -> None:
    world = a_world(devices=2)

    figures = figures_of(an_agent(world))

    assert not world.deeds
    assert not world.visited
    assert figures.healed_before_noticed is None


def test_the_kill_switch_stops_every_fix_in_virtual_time_too() -> None:
    world = a_world(an_opening("evaporator_iced"))
    agent = an_agent(world)
    agent.worker.halt("test", "nothing may be sent")

    figures = figures_of(agent)

    assert not world.deeds
    assert figures.healed_before_noticed == 0.0


def _ice_that_stays() -> World:
    return a_world(an_opening("evaporator_iced", hours=30, reaction=Reaction.NOTHING))


def test_a_remedy_that_does_not_help_ends_in_a_visit_before_the_owner_notices() -> None:
    world = _ice_that_stays()

    figures = figures_of(an_agent(world), hours=30)

    (trouble,) = [lived for _, lived in world.chronicle()]
    assert trouble.how is Ended.REPAIRED
    assert [visit.mended for visit in world.visited] == [True]
    assert figures.healed_before_noticed == 1.0


class _Trusting(FullAgent):
    """Deliberately broken: what a device says it did counts as healed."""

    __slots__ = ()

    def minute(self, now: datetime) -> None:
        super().minute(now)
        with self.worker.database.reading() as session:
            acknowledged = tickets_in(session, {TicketState.VERIFYING})
        for ticket in acknowledged:
            self.worker.close(ticket.id, "nobody", "The device says that it is done.")


def test_an_agent_that_takes_an_acknowledgement_for_a_fix_shows_worse_figures() -> None:
    world = _ice_that_stays()

    broken = figures_of(_Trusting.of(world, BEGINS_AT), hours=30)

    assert broken.healed_before_noticed == 0.0
    assert world.visited == []  # it believes that it is done, so nobody comes
