"""Which devices learn nothing, and for how long."""

from agent.act.hush import Hush, at_work
from agent.desk.ticket import TicketState
from agent.health.marks import Mark
from tests.builders import MINUTE, NOON, GivenHealth, a_ticket


def test_a_remedy_is_at_work_until_its_effect_has_settled() -> None:
    fixing = a_ticket(state=TicketState.FIXING)
    settling = a_ticket(state=TicketState.VERIFYING, verify_from=NOON + MINUTE)

    assert at_work([fixing], NOON) == {"frost-0001"}
    assert at_work([settling], NOON) == {"frost-0001"}
    assert at_work([settling], NOON + MINUTE) == frozenset()


def test_each_device_is_quieted_once_and_taught_once() -> None:
    hush, health = Hush(), GivenHealth()

    for wanted in ({"a", "b"}, {"a", "b"}, {"b"}, set(), set()):
        hush.follow(frozenset(wanted), health)

    assert health.those(Mark.QUIET) == ["a", "b"]
    assert health.those(Mark.TEACH) == ["a", "b"]
