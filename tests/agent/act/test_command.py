"""The life of a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.act.command import CHANGES, IN_FLIGHT, CommandState
from agent.errors import IllegalChangeError
from tests.builders import MINUTE, NOON, a_command


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(CHANGES) == set(CommandState)


@given(st.sampled_from(CommandState), st.sampled_from(CommandState))
def test_only_what_the_table_allows_can_happen(old: CommandState, new: CommandState) -> None:
    command = a_command(state=old)

    if new in CHANGES[old]:
        assert command.having(new).state is new
    else:
        with pytest.raises(IllegalChangeError):
            command.having(new)


@given(st.lists(st.sampled_from(CommandState), max_size=30))
def test_no_command_is_sent_twice(wishes: list[CommandState]) -> None:
    command, sent = a_command(state=CommandState.PROPOSED), 0

    for wish in wishes:
        if wish in CHANGES[command.state]:
            command = command.having(wish)
            sent += command.state is CommandState.SENT

    assert sent <= 1


def test_whatever_is_in_flight_can_end() -> None:
    for state in IN_FLIGHT:
        assert CHANGES[state] - IN_FLIGHT


def test_a_command_does_not_leave_once_its_evidence_is_old() -> None:
    decided = a_command(leave_by=NOON + MINUTE)

    assert decided.may_leave(NOON)
    assert not decided.may_leave(NOON + MINUTE)
    assert a_command().may_leave(NOON + MINUTE)
    assert not a_command().may_leave(a_command().not_after)
