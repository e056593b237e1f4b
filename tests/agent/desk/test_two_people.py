"""What takes two people on a ticket: what may do harm if done for nothing, and what touches many devices."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from agent.act.command import CommandState
from agent.decide.policy import DEFAULT_POLICY
from agent.desk.ticket import StoryKind, TicketState
from agent.diagnose.playbook import Autonomy
from agent.errors import NotPossibleError, SecondPersonError
from agent.store.agreements import agreements, thaw_of
from agent.store.database import Database
from agent.store.staff import remove_staff, set_password
from tests.agent.desk.office import Office
from tests.builders import MINUTE, NOON, a_playbook, a_remedy


@pytest.fixture
def office(database: Database) -> Office:
    """An office whose one remedy may do harm and needs a yes."""
    restart = replace(a_remedy("restart"), reversible=False, autonomy=Autonomy.ASK)
    office = Office(database, playbooks={"frost-200": a_playbook(remedies=(restart, a_remedy("defrost")))})
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    assert office.ticket().state is TicketState.AWAITING_APPROVAL
    return office


def test_what_may_do_harm_is_sent_after_the_second_yes(office: Office) -> None:
    assert office.worker.approve(1, "mira").state is TicketState.AWAITING_APPROVAL
    assert office.send() == ()
    assert "a second person must agree" in office.told(StoryKind.MOVE)[-1]

    assert office.worker.approve(1, "tom").state is TicketState.FIXING

    assert [(sent.state, sent.approved_by) for sent in office.send()] == [(CommandState.SENT, "tom")]


def test_the_same_person_twice_is_one_person(office: Office) -> None:
    office.worker.approve(1, "mira")

    with pytest.raises(SecondPersonError, match="another person must too"):
        office.worker.approve(1, "mira")
    assert office.ticket().state is TicketState.AWAITING_APPROVAL


def test_one_no_is_enough_after_one_yes(office: Office) -> None:
    office.worker.approve(1, "mira")

    office.worker.reject(1, "tom", "its owner is about to move")

    with pytest.raises(NotPossibleError):
        office.worker.approve(1, "kim")


@pytest.mark.parametrize(
    "ended",
    [
        lambda session: remove_staff(session, "mira"),
        lambda session: set_password(session, name="mira", password="a long one", now=NOON, role="viewer"),
    ],
)
def test_the_word_of_who_may_no_longer_decide_does_not_count(
    ended: Callable[[Session], object], office: Office, database: Database
) -> None:
    with database.transaction() as session:
        set_password(session, name="mira", password="a long one", now=NOON)
    office.worker.approve(1, "mira")

    with database.transaction() as session:
        ended(session)

    assert office.worker.approve(1, "tom").state is TicketState.AWAITING_APPROVAL
    assert office.worker.approve(1, "kim").state is TicketState.FIXING


def test_a_new_password_leaves_a_word_as_it_is(office: Office, database: Database) -> None:
    office.worker.approve(1, "mira")

    with database.transaction() as session:
        set_password(session, name="mira", password="a long one", now=NOON)

    assert office.worker.approve(1, "tom").state is TicketState.FIXING


def fall_ill(office: Office, names: Sequence[str]) -> None:
    """Let new devices be born and show the same fault at once."""
    for name in names:
        office.birth(name)
    for name in names:
        office.sees(name)
        office.hear(office.finding(device_id=name), device_id=name)


def gathered(database: Database, devices: int) -> tuple[Office, int]:
    """Return an office with one ticket that gathers the same fault of so many devices."""
    office = Office(database)
    names = [f"frost-{number:04}" for number in range(1, devices + 1)]
    fall_ill(office, names)
    for _ in range(6):
        office.clock.at += MINUTE
        for name in names:
            office.sees(name)
        office.work()
    parents = {office.ticket(number).parent_id for number in range(1, devices + 1)} - {None}
    assert len(parents) == 1
    return office, next(iter(parents)) or 0


def test_letting_a_few_devices_go_on_takes_one_person(database: Database) -> None:
    office, parent = gathered(database, DEFAULT_POLICY.freeze_from + 1)

    assert office.worker.lift_freeze(parent, "mira", "a bad batch of salt, all told").state is TicketState.CLOSED


def test_letting_many_devices_go_on_takes_two(database: Database) -> None:
    office, parent = gathered(database, 14)

    assert office.worker.lift_freeze(parent, "mira", "a power cut in town").state is not TicketState.CLOSED
    with pytest.raises(SecondPersonError, match="devices"):
        office.worker.lift_freeze(parent, "mira", "a power cut in town")
    assert office.worker.lift_freeze(parent, "tom", "yes, it was").state is TicketState.CLOSED


def test_a_yes_to_some_devices_is_none_to_more(database: Database) -> None:
    office, parent = gathered(database, 11)
    office.worker.lift_freeze(parent, "mira", "a power cut in town")

    fall_ill(office, [f"frost-{number}" for number in range(5000, 5004)])
    assert office.worker.lift_freeze(parent, "tom", "yes, it was").state is not TicketState.CLOSED
    assert office.told(StoryKind.MOVE, parent)[-1] == (
        "Agreed to let 15 devices go on, not the same as mira had agreed to; "
        "a second person must agree too: yes, it was"
    )
    with pytest.raises(SecondPersonError, match="15 devices"):
        office.worker.lift_freeze(parent, "tom", "yes, it was")

    assert office.worker.lift_freeze(parent, "mira", "those as well").state is TicketState.CLOSED
    with database.reading() as session:
        assert agreements(session) == ()


@given(st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_the_same_matter_is_the_same_tickets_and_no_others(some: set[int], others: set[int]) -> None:
    assert (thaw_of(7, sorted(some)) == thaw_of(7, sorted(others, reverse=True))) is (some == others)
    assert thaw_of(7, some) != thaw_of(8, some)
