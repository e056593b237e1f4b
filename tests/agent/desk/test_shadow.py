"""What became of remedies the agent only proposed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.act.command import CommandState
from agent.decide.next_move import PASSED
from agent.desk.shadow import Proposed, ShadowEnd, shadows_of
from agent.desk.ticket import Outcome

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
