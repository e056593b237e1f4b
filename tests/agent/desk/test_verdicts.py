"""What owners say of a ticket that nobody had asked them about."""

import pytest

from agent.desk.ticket import StoryKind, TicketState
from agent.store.database import Database
from broker.messages import Feedback
from tests.agent.desk.office import Office


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    office.notice()
    assert office.ticket().state is TicketState.NOTICED
    return office


@pytest.mark.parametrize("score", [1, 2])
def test_an_unhappy_owner_whom_nobody_had_asked_gets_a_person(office: Office, score: int) -> None:
    office.hear(Feedback(ticket="T-1", score=score, comment="it hums"))

    assert office.ticket().state is TicketState.WITH_PERSON
    assert office.told(StoryKind.RATING) == [f"The owner rated {score} of 5 on the device: “it hums”."]
    assert office.told(StoryKind.MOVE)[-1] == "A person follows up: the owner is not content."


@pytest.mark.parametrize("score", [3, 5])
def test_a_content_owner_whom_nobody_had_asked_is_kept_and_changes_nothing(office: Office, score: int) -> None:
    office.hear(Feedback(ticket="T-1", score=score))

    assert office.ticket().state is TicketState.NOTICED
    assert len(office.told(StoryKind.RATING)) == 1
