"""What became of remedies the agent only proposed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.act.command import CommandState
from agent.decide.passing import PASSED
from agent.desk.shadow import Proposed, ShadowEnd, shadows_of
from agent.desk.ticket import Outcome
from agent.diagnose.playbook import Autonomy
from agent.store.database import Database
from agent.store.proposals import proposals_of
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE, a_fault, a_playbook, a_remedy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_S = CommandState


def proposed(state: CommandState, outcome: Outcome | None = None, resolution: str = "", remedy: str = "x") -> Proposed:
    return Proposed("01K5", 1, "frost-0001", remedy, NOW, state, outcome, resolution)


@pytest.mark.parametrize(
    ("one", "end"),
    [
        (proposed(_S.PROPOSED), ShadowEnd.OPEN),
        (proposed(_S.AWAITING_APPROVAL), ShadowEnd.OPEN),
        (proposed(_S.SENT), ShadowEnd.OPEN),
        (proposed(_S.SUCCEEDED), ShadowEnd.OPEN),
        (proposed(_S.SUCCEEDED, Outcome.HEALED), ShadowEnd.HEALED),
        (proposed(_S.SUCCEEDED, Outcome.RECURRED), ShadowEnd.NOT_HEALED),
        (proposed(_S.TIMED_OUT, Outcome.NO_ANSWER), ShadowEnd.NOT_HEALED),
        (proposed(_S.REFUSED), ShadowEnd.REFUSED),
        (proposed(_S.CANCELLED, None, PASSED), ShadowEnd.PASSED),
        (proposed(_S.CANCELLED, None, "A new fan."), ShadowEnd.OTHERWISE),
        (proposed(_S.CANCELLED), ShadowEnd.OPEN),
    ],
)
def test_each_proposal_has_one_end(one: Proposed, end: ShadowEnd) -> None:
    assert one.end is end


@given(
    st.lists(
        st.builds(
            proposed,
            st.sampled_from(CommandState),
            st.none() | st.sampled_from(Outcome),
            st.sampled_from(["", PASSED, "A new fan."]),
            st.sampled_from(["restart", "defrost"]),
        )
    )
)
def test_every_proposal_is_counted_once(found: list[Proposed]) -> None:
    shadows = shadows_of(found)

    assert sum(shadow.ends.total() for shadow in shadows.values()) == len(found)
    assert all(one.remedy == remedy for remedy, shadow in shadows.items() for one in shadow.proposed)


def proposed_of(office: Office) -> list[tuple[str, CommandState]]:
    with office.database.reading() as session:
        return [(one.remedy, one.state) for one in proposals_of(session, "frost-200", 9)]


def test_what_the_agent_decided_itself_and_what_never_left_is_no_proposal(database: Database) -> None:
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    assert states(office.commands()) == [_S.QUEUED]
    assert proposed_of(office) == []

    office.worker.halt("mira", "smoke")
    office.later(6 * MINUTE)
    office.worker.take_over(1, "mira")

    assert states(office.commands()) == [_S.EXPIRED]
    assert proposed_of(office) == []


@pytest.mark.parametrize(
    ("done", "state"),
    [
        (lambda _: None, _S.AWAITING_APPROVAL),
        (lambda office: office.worker.approve(1, "mira"), _S.QUEUED),
        (lambda office: office.worker.reject(1, "mira", "not now"), _S.REFUSED),
        (lambda office: office.worker.take_over(1, "mira"), _S.CANCELLED),
        (lambda office: office.later(timedelta(days=1, minutes=1)), _S.EXPIRED),
    ],
)
def test_what_waited_for_a_person_is_a_proposal_whatever_became_of_it(
    done: Callable[[Office], object], state: CommandState, database: Database
) -> None:
    playbook = a_playbook(a_fault(remedies=("restart",)), remedies=(a_remedy("restart", autonomy=Autonomy.ASK),))
    office = Office(database, playbooks={"frost-200": playbook})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)

    done(office)

    assert proposed_of(office) == [("restart", state)]
