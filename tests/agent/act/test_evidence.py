"""What shows that a silent device did as it was told."""

import pytest

from agent.act.command import Command
from agent.act.evidence import restarted_since
from agent.desk.device import Device
from agent.health.findings import Because, HealthView
from tests.builders import MINUTE, NOON, a_command, a_device, a_view

SENT = a_command(sent_at=NOON, boot="b1")
LATER = NOON + 10 * MINUTE


def uptime(seconds: float, sample_at: object = LATER) -> HealthView:
    return a_view(sample_at=sample_at, now=(Because("uptime_s", 0.0, 0.0, seconds, 9e6),))


@pytest.mark.parametrize(
    ("command", "device", "view", "shows"),
    [
        (SENT, a_device(boot="b2"), None, True),
        (SENT, a_device(boot="b1"), None, False),
        (SENT, a_device(boot="b1", status_at=NOON + MINUTE), None, True),
        (SENT, a_device(boot="b1", status_at=NOON + MINUTE, online=False), None, False),
        (SENT, a_device(boot="b1"), uptime(120.0), True),
        (SENT, a_device(boot="b1"), uptime(86_400.0), False),
        (SENT, a_device(boot="b1"), uptime(120.0, sample_at=NOON - MINUTE), False),
        (a_command(boot="b1"), a_device(boot="b2"), None, False),
        (a_command(sent_at=NOON), a_device(boot="b2"), None, False),
    ],
)
def test_a_new_boot_a_way_back_and_a_young_uptime_stand_for_an_answer(
    command: Command, device: Device, view: HealthView | None, *, shows: bool
) -> None:
    assert (restarted_since(command, device, view, LATER) is not None) is shows
