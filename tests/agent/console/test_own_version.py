"""A ticket's page speaks of the playbook that rules it, whatever the files say today."""

from dataclasses import replace
from datetime import UTC

import pytest

from agent.console.in_hand import Action
from agent.console.reader import Reader
from agent.console.ticket_page import TicketPage, ticket_page
from agent.diagnose.playbook import Autonomy, Playbook
from agent.store.database import Database
from agent.store.ticket_file import read_file
from tests.agent.desk.office import Office, with_autonomy
from tests.builders import MINUTE, a_playbook, a_remedy

FOR_GOOD = with_autonomy(
    a_playbook(version="1", remedies=(a_remedy("restart", reversible=False), a_remedy("defrost"))), restart=Autonomy.ASK
)
TODAY = with_autonomy(a_playbook(version="2"), restart=Autonomy.ASK)


def page_of(office: Office, today: Playbook) -> TicketPage:
    reader = Reader({"frost-200": today}, office.clock.at, UTC, {("frost-200", "1"): FOR_GOOD})
    with office.database.reading() as session:
        return ticket_page(read_file(session, 1), None, reader)


@pytest.fixture
def asked(database: Database) -> Office:
    office = Office(database, playbooks={"frost-200": FOR_GOOD})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    return office


def test_a_proposal_says_what_its_own_playbook_says_of_it(asked: Office) -> None:
    proposal = page_of(asked, TODAY).proposal

    assert proposal is not None
    assert "May do harm if done for nothing." in proposal.effects
    assert "It takes two people’s yes." in proposal.effects
    assert "Does no harm if done for nothing." not in proposal.effects


def test_what_can_be_sent_once_more_is_what_its_own_playbook_has(asked: Office) -> None:
    asked.worker.take_over(1, "mira")

    page = page_of(asked, replace(TODAY, faults=(), remedies=()))

    assert Action.TRY in page.actions
    assert [(one.name, one.takes_two) for one in page.remedies] == [("restart", True), ("defrost", False)]
