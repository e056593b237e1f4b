"""One cause everywhere, on the desk: who is gathered, who is told, and how it ends."""

import pytest

from agent.act.command import CommandState
from agent.desk.ticket import StoryKind, TicketState
from agent.errors import NoReasonError, NotPossibleError
from agent.store.database import Database
from agent.store.freezes import children_of, standing_freezes
from agent.store.tickets import open_tickets_of
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, a_view
from tests.faults.guarded_fleet import GuardedFleet


@pytest.fixture
def fleet(database: Database) -> GuardedFleet:
    fleet = GuardedFleet.of(Office(database), 4)
    fleet.fall_ill(fleet.ids[:3])
    return fleet


def test_three_at_once_have_one_parent_and_nothing_is_sent(fleet: GuardedFleet) -> None:
    fleet.later(20 * MINUTE)

    (gathering,) = fleet.gathering()
    with fleet.office.database.reading() as session:
        assert [child.device_id for child in children_of(session, gathering)] == list(fleet.ids[:3])
        assert [freeze.place for freeze in standing_freezes(session)] == ["frost-200 2.4.1"]
        assert all(ticket.id != gathering for ticket in open_tickets_of(session, fleet.ids[2]))
    assert fleet.decided() == ()
    assert fleet.office.told(StoryKind.GUARD, 1) == [
        f"Not now: many devices have this fault at once. T-{gathering} gathers them, and a person decides."
    ]


def test_one_more_device_joins_its_siblings(fleet: GuardedFleet) -> None:
    fleet.office.clock.at += 30 * MINUTE
    fleet.fall_ill(fleet.ids[3:])

    (gathering,) = fleet.gathering()
    assert fleet.office.ticket(fleet.ticket_of(fleet.ids[3])).parent_id == gathering


def test_what_was_decided_and_has_not_left_is_stopped(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 4)
    fleet.fall_ill(fleet.ids[:1])
    fleet.later(5 * MINUTE)
    assert states(fleet.office.commands(1)) == [CommandState.QUEUED]

    fleet.fall_ill(fleet.ids[1:3])
    fleet.office.work()

    assert states(fleet.office.commands(1)) == [CommandState.CANCELLED]
    assert fleet.office.send() == ()


def test_lifting_needs_a_reason_and_lets_them_go_on(fleet: GuardedFleet) -> None:
    (gathering,) = fleet.gathering()
    with pytest.raises(NoReasonError):
        fleet.office.worker.lift_freeze(gathering, "kim", " ")
    with pytest.raises(NotPossibleError):
        fleet.office.worker.lift_freeze(1, "kim", "not a gathering ticket")
    with pytest.raises(NotPossibleError, match="lift its freeze"):
        fleet.office.worker.close(gathering, "kim", "Done with it.")

    fleet.office.worker.lift_freeze(gathering, "kim", "A restart mends it.")
    fleet.later(8 * MINUTE)

    assert fleet.state_of(gathering) is TicketState.CLOSED
    assert len({command.device_id for command in fleet.decided()}) == 1  # one of four at once
    assert fleet.gathering() == [gathering]


def test_two_devices_are_each_their_own_matter(database: Database) -> None:
    fleet = GuardedFleet.of(Office(database), 4)

    fleet.fall_ill(fleet.ids[:2])
    fleet.office.health.views[fleet.ids[3]] = a_view(device_id=fleet.ids[3])

    assert fleet.gathering() == []
