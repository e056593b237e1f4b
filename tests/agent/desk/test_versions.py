"""A ticket keeps the playbook it was opened under, though the file has changed since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.act.command import CommandState
from agent.desk.ticket import StoryKind, TicketState
from agent.diagnose.playbook import Autonomy, Playbook
from agent.store.database import Database
from tests.agent.desk.office import Office, states, with_autonomy
from tests.builders import MINUTE, a_fault, a_playbook, a_remedy


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


LATER = a_playbook(a_fault("memory_leak", remedies=("defrost",)), version="2", remedies=(a_remedy("defrost"),))
CORRECTED = a_playbook(version="2", remedies=(a_remedy("restart", args=(("gently", True),)), a_remedy("defrost")))
REWORDED = a_playbook(version="2", remedies=(a_remedy("restart", words="started anew"), a_remedy("defrost")))


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (LATER, CommandState.AWAITING_APPROVAL),
        (CORRECTED, CommandState.AWAITING_APPROVAL),
        (None, CommandState.AWAITING_APPROVAL),
        (REWORDED, CommandState.QUEUED),
    ],
)
def test_what_was_taken_out_of_the_playbook_is_not_sent_by_itself_on_an_older_ticket(
    database: Database, now: Playbook | None, state: CommandState
) -> None:
    then = a_playbook(version="1")
    playbooks = {"frost-200": then}
    office = Office(database, playbooks=playbooks, versions={("frost-200", "1"): then})
    office.birth()
    office.notice()

    playbooks.clear()
    playbooks |= {} if now is None else {"frost-200": now}
    office.later(5 * MINUTE)

    assert [command.remedy for command in office.commands()] == ["restart"]
    assert states(office.commands()) == [state]
    asked = any("the playbook in force no longer has restart" in text for text in office.told(StoryKind.GUARD))
    assert asked is (state is CommandState.AWAITING_APPROVAL)
