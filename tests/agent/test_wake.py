"""Looks at tickets that come late: nobody is judged by time in which nobody looked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from agent.act.command import CommandState
from agent.desk.answers import GRACE
from agent.desk.ticket import Outcome, TicketState
from agent.store.database import Database
from agent.wake import TicketLooks
from broker.messages import ResultStatus
from tests.agent.desk.office import Office, states
from tests.builders import MINUTE

NORMAL = {"state": 0.1, "now": ()}
SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Link:
    """The way to the broker, which the test cuts."""

    connected: bool = True


@pytest.fixture
def office(database: Database) -> Office:
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    return office


def do_remedy(office: Office) -> None:
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)


@pytest.fixture
def link() -> Link:
    return Link()


@pytest.fixture
def looks(office: Office, link: Link) -> TicketLooks:
    return TicketLooks(office.worker, office.clock, 1.0, lambda: link.connected)


def watch(office: Office, looks: TicketLooks, minutes: int, **view: Any) -> None:
    """Let minutes pass, with a fresh sample and a look in each."""
    for _ in range(minutes):
        office.clock.at += MINUTE
        office.sees(**view)
        looks.look()


def cut_off(office: Office, looks: TicketLooks, link: Link, duration: timedelta) -> None:
    """Let time pass in which nothing is heard, with a look in each minute; the link is back before the next."""
    link.connected = False
    end = office.clock.at + duration
    while office.clock.at < end:
        office.clock.at = min(office.clock.at + MINUTE, end)
        looks.look()
    link.connected = True


def test_a_pause_in_a_verification_is_given_back(office: Office, looks: TicketLooks) -> None:
    do_remedy(office)
    watch(office, looks, 10)

    office.clock.at += timedelta(hours=3)  # paused: no look, and the newest sample is three hours old
    looks.look()

    assert office.ticket().state is TicketState.VERIFYING
    watch(office, looks, 25, normal_since=office.clock.at, **NORMAL)
    assert [one.outcome for one in office.ticket().tried] == [Outcome.HEALED]


def test_a_clock_that_jumps_an_hour_forward_takes_nothing_from_a_verification(
    office: Office, looks: TicketLooks
) -> None:
    do_remedy(office)
    watch(office, looks, 40)

    office.clock.at += timedelta(hours=1)
    office.sees()  # the device goes on, by the same clock
    looks.look()
    watch(office, looks, 25)
    assert office.ticket().state is TicketState.VERIFYING
    watch(office, looks, 22, normal_since=office.clock.at, **NORMAL)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.HEALED]


def test_a_verification_ends_in_time_when_looks_come_as_they_should(office: Office, looks: TicketLooks) -> None:
    do_remedy(office)
    watch(office, looks, 91)

    assert office.ticket().tried[0].outcome is Outcome.NOT_HEALED


def test_what_began_while_nobody_looked_gets_back_only_what_it_missed(office: Office, looks: TicketLooks) -> None:
    looks.look()
    office.clock.at += 3 * MINUTE
    do_remedy(office)
    begun = office.ticket()
    office.clock.at += 20 * MINUTE

    looks.look()

    assert begun.verify_by is not None
    assert office.ticket().verify_by == begun.verify_by + 20 * MINUTE


def test_what_was_to_be_answered_while_the_agent_was_paused_is_no_failure(office: Office, looks: TicketLooks) -> None:
    looks.look()
    office.send()

    office.clock.at += timedelta(hours=3)
    looks.look()

    assert states(office.commands()) == [CommandState.UNKNOWN]
    assert office.ticket().tried[0].outcome is None


def test_a_command_to_be_answered_while_the_agent_was_cut_off_is_no_failure_and_its_kept_answer_counts(
    office: Office, looks: TicketLooks, link: Link
) -> None:
    looks.look()
    (command,) = office.send()

    cut_off(office, looks, link, 20 * MINUTE)
    looks.look()
    assert office.ticket().tried[0].outcome is None
    office.answer(command, ResultStatus.SUCCEEDED)
    watch(office, looks, 25, normal_since=office.clock.at, **NORMAL)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.HEALED]


@pytest.mark.parametrize(("back_before", "outcome"), [(10 * SECOND, None), (2 * MINUTE, Outcome.NO_ANSWER)])
def test_silence_is_a_failure_once_what_the_broker_had_kept_had_the_time_to_come_in(
    office: Office, looks: TicketLooks, link: Link, back_before: timedelta, outcome: Outcome | None
) -> None:
    looks.look()
    (command,) = office.send()
    awaited_until = command.not_after + GRACE

    cut_off(office, looks, link, awaited_until - back_before - office.clock.at)
    while office.clock.at < awaited_until + MINUTE:
        office.clock.at += 10 * SECOND
        looks.look()

    assert office.ticket().tried[0].outcome is outcome


def test_a_verification_is_not_judged_by_time_in_which_the_agent_was_cut_off(
    office: Office, looks: TicketLooks, link: Link
) -> None:
    do_remedy(office)
    watch(office, looks, 40)

    cut_off(office, looks, link, timedelta(hours=1))
    watch(office, looks, 25)
    assert office.ticket().state is TicketState.VERIFYING
    watch(office, looks, 22, normal_since=office.clock.at, **NORMAL)

    assert [one.outcome for one in office.ticket().tried] == [Outcome.HEALED]
