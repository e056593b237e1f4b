"""The people in the office of the scorecard."""

from datetime import timedelta

import pytest

from agent.desk.ticket import TicketState
from agent.scorecard.hotline import Hotline
from agent.scorecard.ledger import Ledger
from agent.scorecard.staffing import Office as Staff
from agent.scorecard.staffing import Trust
from agent.store.database import Database
from tests.agent.desk.office import Office
from tests.agent.scorecard.lives import a_world
from tests.faults.guarded_fleet import GuardedFleet


@pytest.mark.parametrize("devices", [4, 14])
def test_the_office_lets_devices_go_on_that_were_frozen_together(database: Database, devices: int) -> None:
    fleet = GuardedFleet.of(Office(database), devices)
    fleet.fall_ill()
    (gathering,) = fleet.gathering()
    ledger = Ledger()
    staff = Staff(fleet.office.worker, ledger, Hotline(a_world(), ledger), Trust.PROMOTED)

    assert staff.look(fleet.office.clock.at + timedelta(hours=2))

    assert fleet.state_of(gathering) is TicketState.CLOSED
