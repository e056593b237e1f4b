"""Which devices learn nothing, and for how long."""

from collections.abc import Callable

import pytest

from agent.act.hush import Hush, at_work
from agent.desk.ticket import TicketState
from agent.health.marks import Mark
from agent.store.database import Database
from broker.messages import ResultStatus
from tests.agent.desk.office import Office
from tests.builders import MINUTE, NOON, GivenHealth, a_ticket


def taken_over(office: Office) -> None:
    office.worker.take_over(1, "mira")


def closed(office: Office) -> None:
    office.worker.close(1, "mira", "I see to it.")


def is_quiet(office: Office) -> bool:
    """Tell whether a worker that knows of no quiet device yet quiets this one."""
    office.health.asked.clear()
    office.hear()
    return office.health.those(Mark.QUIET) == ["frost-0001"]


def test_a_remedy_is_at_work_until_its_effect_has_settled() -> None:
    fixing = a_ticket(state=TicketState.FIXING)
    settling = a_ticket(state=TicketState.VERIFYING, verify_from=NOON + MINUTE)

    assert at_work([fixing], frozenset(), NOON) == {"frost-0001"}
    assert at_work([settling], frozenset(), NOON) == {"frost-0001"}
    assert at_work([settling], frozenset(), NOON + MINUTE) == frozenset()


@pytest.mark.parametrize("how", [taken_over, closed])
def test_a_remedy_goes_on_being_at_work_though_a_person_has_its_ticket(
    database: Database, how: Callable[[Office], None]
) -> None:
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    (command,) = office.send()

    how(office)
    assert is_quiet(office)
    office.answer(command, ResultStatus.ACCEPTED)
    assert is_quiet(office)
    office.answer(command, ResultStatus.FAILED)
    assert not is_quiet(office)


def test_each_device_is_quieted_once_and_taught_once() -> None:
    hush, health = Hush(), GivenHealth()

    for wanted in ({"a", "b"}, {"a", "b"}, {"b"}, set(), set()):
        hush.follow(frozenset(wanted), health)

    assert health.those(Mark.QUIET) == ["a", "b"]
    assert health.those(Mark.TEACH) == ["a", "b"]
