"""Where a ticket may go."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.desk.lifecycle import ACTIVE, CHANGES, OPEN, change, close, having_ended, having_tried, never_tried, reopen
from agent.desk.ticket import Outcome, TicketState
from agent.errors import IllegalChangeError
from tests.builders import MINUTE, NOON, a_ticket


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(CHANGES) == set(TicketState)


def test_every_state_can_be_reached_and_every_open_ticket_can_be_closed() -> None:
    reached = {TicketState.NOTICED}
    while more := {after for state in reached for after in CHANGES[state]} - reached:
        reached |= more

    assert reached == set(TicketState)
    assert all(TicketState.CLOSED in CHANGES[state] for state in OPEN)


def test_healed_is_reached_only_by_verification() -> None:
    assert {state for state in TicketState if TicketState.HEALED in CHANGES[state]} == {TicketState.VERIFYING}


def test_a_healed_ticket_is_open_and_not_active() -> None:
    assert {TicketState.HEALED} == OPEN - ACTIVE


@given(st.sampled_from(TicketState), st.sampled_from(TicketState))
def test_only_what_the_table_allows_can_happen(old: TicketState, new: TicketState) -> None:
    ticket = a_ticket(state=old)

    if new in CHANGES[old]:
        assert change(ticket, new, NOON).state is new
    else:
        with pytest.raises(IllegalChangeError):
            change(ticket, new, NOON)


def test_a_change_forgets_what_the_old_state_waited_for() -> None:
    verifying = a_ticket(state=TicketState.VERIFYING, verify_from=NOON, verify_by=NOON + timedelta(hours=1))

    noticed = change(verifying, TicketState.NOTICED, NOON + MINUTE)

    assert (noticed.due_at, noticed.verify_from, noticed.verify_by) == (None, None, None)
    assert noticed.changed_at == NOON + MINUTE


def test_a_closed_ticket_says_how_it_ended_until_it_is_reopened() -> None:
    closed = close(a_ticket(), "It passed.", NOON)
    again = reopen(closed, NOON + MINUTE)

    assert (closed.resolution, closed.closed_at) == ("It passed.", NOON)
    assert (again.resolution, again.closed_at, again.due_at) == ("", None, NOON + MINUTE)


@given(st.timedeltas(timedelta(), timedelta(days=2)), st.timedeltas(timedelta(minutes=1), timedelta(days=2)))
def test_what_is_being_judged_with_a_person_is_judged_in_the_same_time_once_put_back(
    since: timedelta, within: timedelta
) -> None:
    theirs = a_ticket(state=TicketState.WITH_PERSON, verify_from=NOON, verify_by=NOON + within)

    again = reopen(theirs, NOON + since)

    assert (again.state, again.due_at) == (TicketState.VERIFYING, NOON + since)
    assert (again.verify_from, again.verify_by) == (theirs.verify_from, theirs.verify_by)


def test_a_remedy_s_outcome_lands_on_that_remedy_alone() -> None:
    ticket = having_tried(having_tried(a_ticket(), "restart", "c1", NOON), "defrost", "c2", NOON)

    ended = having_ended(ticket, "c2", Outcome.HEALED)

    assert [tried.outcome for tried in ended.tried] == [None, Outcome.HEALED]
    assert [tried.remedy for tried in never_tried(ended, "c1").tried] == ["defrost"]
