"""A ticket keeps the playbook it was opened under, though the file has changed since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.desk.ticket import TicketState
from agent.diagnose.playbook import Autonomy
from agent.store.database import Database
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import MINUTE, a_playbook


@pytest.mark.parametrize(("kept", "state"), [(True, TicketState.AWAITING_APPROVAL), (False, TicketState.FIXING)])
def test_an_open_ticket_goes_on_under_its_own_version(database: Database, kept: bool, state: TicketState) -> None:  # noqa: FBT001 - a parameter of the table
    asking = with_autonomy(a_playbook(version="1"), restart=Autonomy.ASK)
    acting = with_autonomy(a_playbook(version="2"), restart=Autonomy.ACT)
    office = Office(database, playbooks={"frost-200": asking})
    office.birth()
    office.notice()
    assert office.ticket().playbook_version == "1"

    versions = {("frost-200", "1"): asking} if kept else {}
    worker = replace(office.worker, playbooks={"frost-200": acting}, versions=versions)
    end = office.clock.at + timedelta(minutes=5)
    while office.clock.at < end:
        office.clock.at += MINUTE
        office.sees()
        worker.work_due(office.clock.at)

    assert office.ticket().state is state
