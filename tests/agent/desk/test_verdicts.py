"""What owners say of a ticket that nobody had asked them about."""

import pytest

from agent.desk.ticket import StoryKind, TicketState
from agent.store.database import Database
from broker.messages import Feedback, ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE


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


@pytest.mark.parametrize(("noted", "state"), [(False, TicketState.WITH_PERSON), (True, TicketState.HEALED)])
def test_an_owner_who_was_unhappy_while_a_remedy_was_at_work_gets_a_person_once_it_has_healed(
    office: Office,
    noted: bool,  # noqa: FBT001 - a column of the table
    state: TicketState,
) -> None:
    office.later(5 * MINUTE)
    (command,) = office.send()
    office.hear(Feedback(ticket="T-1", score=1, comment="it hums"))
    assert office.ticket().state is TicketState.FIXING
    if noted:
        office.worker.note(1, "mira", "I have called them.")

    office.answer(command, ResultStatus.SUCCEEDED)
    office.later(30 * MINUTE, normal_since=office.clock.at, state=0.1, now=())

    assert office.ticket().state is state
    assert ("A person follows up: the owner is not content." in office.told(StoryKind.MOVE)) is not noted
