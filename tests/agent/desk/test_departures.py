"""What was decided leaves only while people and its breaker still let it: whoever wants less is obeyed at once."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pytest

from agent.act.command import CommandState
from agent.act.departures import hold_back, may_leave, unanswered
from agent.act.sender import Sender
from agent.console.reader import Reader
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.ticket import StoryKind
from agent.diagnose.playbook import Autonomy
from agent.store.database import Database
from broker.errors import UnreachableError
from broker.messages import ResultStatus
from broker.sessions import Outgoing
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, a_fault, a_playbook

NO_LONGER = "Stopped at the last moment, nothing was sent. Staff no longer let the agent send restart by itself."


@pytest.fixture
def office(database: Database) -> Office:
    """An office that has decided to restart a device, and the broker is away."""
    office = Office(database)
    office.birth()
    office.notice()
    office.later(4 * MINUTE)
    assert states(office.commands()) == [CommandState.QUEUED]
    return office


def test_what_staff_no_longer_let_the_agent_do_does_not_leave(office: Office) -> None:
    office.worker.set_autonomy("frost-200", "restart", Autonomy.SUGGEST, "mira")

    assert office.send() == ()

    assert states(office.commands()) == [CommandState.CANCELLED]
    assert office.told(StoryKind.GUARD) == [NO_LONGER]
    office.later(MINUTE)
    assert states(office.commands()) == [CommandState.CANCELLED, CommandState.PROPOSED]
    assert office.ticket().tried == ()


def test_nor_does_it_once_it_is_claimed_and_it_is_not_sent_again(office: Office) -> None:
    (command,) = office.send()
    office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "mira")

    with office.database.transaction() as session:
        assert unanswered(session, office.clock.at) == (command,)
        assert not may_leave(session, command.id, office.clock.at)
        hold_back(session, command.id, office.clock.at)

    assert office.told(StoryKind.GUARD) == [NO_LONGER]


def test_a_word_that_lets_the_agent_go_on_stops_nothing(office: Office) -> None:
    office.worker.set_autonomy("frost-200", "restart", Autonomy.ACT_IF_REVERSIBLE, "mira")

    assert len(office.send()) == 1


def test_what_a_person_has_approved_leaves_all_the_same(database: Database) -> None:
    office = Office(database, playbooks={"frost-200": with_autonomy(a_playbook(), restart=Autonomy.ASK)})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    office.worker.approve(1, "tom")
    office.worker.set_autonomy("frost-200", "restart", Autonomy.OBSERVE, "mira")

    assert [command.approved_by for command in office.send()] == ["tom"]


def fall_ill(office: Office, names: Sequence[str]) -> None:
    """Let devices show the fault until their remedy is decided."""
    for name in names:
        office.sees(name)
        office.hear(office.finding(device_id=name), device_id=name)
    for _ in range(4):
        office.clock.at += MINUTE
        for name in names:
            office.sees(name)
        office.work()


def test_what_waits_to_leave_stays_when_its_breaker_opens_and_a_trial_leaves(database: Database) -> None:
    policy = replace(DEFAULT_POLICY, fleet_share=1.0, canary_second=100, freeze_from=1000)
    playbook = a_playbook(a_fault("memory_leak", remedies=("restart",)))
    office = Office(database, playbooks={"frost-200": playbook}, policy=policy)
    *first, late, trial = [f"frost-{number:04}" for number in range(1, 8)]
    for name in (*first, late, trial):
        office.birth(name)
    fall_ill(office, first)
    sent = office.send()
    fall_ill(office, [late])

    for command in sent:
        office.answer(command, ResultStatus.FAILED)

    assert office.send() == ()
    assert states(office.commands(6)) == [CommandState.CANCELLED]
    assert "The breaker of restart has opened on this firmware since." in office.told(StoryKind.GUARD, 6)[-1]
    office.clock.at += DEFAULT_POLICY.breaker_pause
    fall_ill(office, [trial])
    assert [command.device_id for command in office.send()] == [trial]


def test_until_when_a_command_may_begin_is_told_with_its_day_so_that_pages_can_show_it_in_local_time(
    office: Office,
) -> None:
    (command,) = office.send()

    told = office.told(StoryKind.COMMAND)[-1]

    assert told.endswith(f"it may begin until {command.not_after:%Y-%m-%d %H:%M} UTC.")
    assert "UTC" not in Reader({}, office.clock.at, ZoneInfo("Europe/Berlin")).local_times(told)


@dataclass(slots=True)
class Breaking:
    """A way to the devices that breaks under the first message, or before it."""

    connected: bool
    tried: int = 0

    async def wait_connected(self) -> None:
        raise AssertionError

    async def publish(self, _message: Outgoing) -> None:
        self.tried += 1
        self.connected = False
        raise UnreachableError(self.__class__.__name__, "it broke")


@pytest.mark.parametrize("connected", [True, False])
async def test_what_was_never_handed_to_the_broker_is_held_back_and_what_may_have_been_is_not(
    database: Database,
    connected: bool,  # noqa: FBT001 - a column of the table
) -> None:
    office = Office(database, policy=replace(DEFAULT_POLICY, fleet_share=1.0, freeze_from=1000))
    names = ["frost-0001", "frost-0002", "frost-0003"]
    for name in names:
        office.birth(name)
    fall_ill(office, names)
    way = Breaking(connected)

    with suppress(UnreachableError):
        await Sender(database, way, office.clock).send_commands()

    left = [one.state for ticket in (1, 2, 3) for one in office.commands(ticket)]
    assert (way.tried, left.count(CommandState.SENT), left.count(CommandState.CANCELLED)) == (
        (1, 1, 2) if connected else (0, 0, 3)
    )
    told = [text for ticket in (1, 2, 3) for text in office.told(StoryKind.GUARD, ticket)]
    assert told == ["Stopped at the last moment, nothing was sent. The broker is away."] * left.count(
        CommandState.CANCELLED
    )
    for _ in range(9):  # and stays cut off
        office.clock.at += MINUTE
        for name in names:
            office.sees(name)
        office.work()
    ends = [one.state for ticket in (1, 2, 3) for one in office.commands(ticket)]
    assert CommandState.UNKNOWN not in ends
    assert CommandState.EXPIRED in ends
