"""What may still be said when it leaves: as the ticket and its visit stand then."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.care.message import Stage
from agent.care.standing import occasion_of, untrue
from agent.desk.ticket import Outcome, TicketState, Tried
from agent.service.visit import VisitState
from tests.builders import NOON, a_ticket, a_visit

S = TicketState
# Where nothing was tried and no visit is booked. A row without a state: it may be said wherever the ticket stands.
MAY_BE_SAID = {
    Stage.FIXED: {S.HEALED, S.CLOSED},
    Stage.NEEDS_YOU: {S.WITH_OWNER},
    Stage.WITH_PERSON: set(S) - {S.HEALED, S.CLOSED},
    Stage.VISIT_BOOKED: set(),
    Stage.VISIT_MOVED: set(),
    Stage.VISIT_CANCELLED: set(S),
    Stage.FOLLOW_UP: set(S),
}


@given(stage=st.sampled_from(Stage), state=st.sampled_from(TicketState))
def test_each_stage_is_said_only_of_a_ticket_it_is_true_of(stage: Stage, state: TicketState) -> None:
    why = untrue(stage, "", a_ticket(state=state), None)

    assert (why == "") is (state in MAY_BE_SAID[stage])


@given(stage=st.sampled_from(Stage), state=st.sampled_from(TicketState))
def test_what_is_back_is_never_called_fixed_and_what_is_being_done_never_over(stage: Stage, state: TicketState) -> None:
    back = Tried("restart", "c1", NOON, Outcome.RECURRED)

    why = untrue(stage, "", a_ticket(state=state, tried=(back,)), None)

    assert (why == "") is (state in MAY_BE_SAID[stage] - ({S.CLOSED} if stage is Stage.FIXED else set()))


def test_what_a_remedy_healed_may_be_called_fixed_though_a_person_has_taken_it() -> None:
    healed = a_ticket(state=S.WITH_PERSON, tried=(Tried("restart", "c1", NOON, Outcome.HEALED),))

    assert untrue(Stage.FIXED, "", healed, None) == ""


@pytest.mark.parametrize("stage", [Stage.VISIT_BOOKED, Stage.VISIT_MOVED])
@pytest.mark.parametrize("state", TicketState)
def test_a_visit_is_announced_only_as_it_stands(stage: Stage, state: TicketState) -> None:
    ticket, visit = a_ticket(state=state), a_visit(NOON + timedelta(days=1), sequence=1)
    said = occasion_of(visit)

    assert untrue(stage, said, ticket, visit) == ""
    assert untrue(stage, said, ticket, None)
    assert untrue(stage, said, ticket, a_visit(NOON, sequence=2))
    assert untrue(stage, said, ticket, a_visit(NOON, id=2, sequence=1))
    assert untrue(stage, said, ticket, a_visit(NOON, sequence=1, state=VisitState.CANCELLED))
