"""What shows that a silent device did as it was told, and what of its signal is kept to be compared with later."""

import pytest

from agent.act.command import Command, Signal
from agent.act.evidence import restarted_since, signal_of
from agent.desk.device import Device
from agent.diagnose.playbook import Direction, Symptom
from agent.health.findings import Because, HealthView, Worn
from agent.health.gone import Gone
from tests.builders import MINUTE, NOON, a_command, a_device, a_fault, a_view

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
        (SENT, a_device(boot="b1"), uptime(90.0, sample_at=NOON + MINUTE), False),  # and silence since
        (SENT, a_device(boot="b1"), uptime(30.0, sample_at=NOON + MINUTE), True),
        (a_command(boot="b1"), a_device(boot="b2"), None, False),
        (a_command(sent_at=NOON), a_device(boot="b2"), None, False),
    ],
)
def test_a_new_boot_a_way_back_and_a_young_uptime_stand_for_an_answer(
    command: Command, device: Device, view: HealthView | None, *, shows: bool
) -> None:
    assert (restarted_since(command, device, view) is not None) is shows


@pytest.mark.parametrize(
    ("worn", "kept"),
    [
        (Worn("flow_l_min", -3.0, -0.9, 18.5, 17.75), Gone("flow_l_min", -0.9, 18.5, -0.75)),
        (Worn("flow_l_min", -3.0, -0.9, 18.5, None), Gone("flow_l_min", -0.9, 18.5)),  # too few samples to tell
        (Worn("flow_l_min", -1.9, -0.5, 18.5, 18.0), None),  # as much as chance does
        (Worn("flow_l_min", -3.0, -0.9, 18.5, 18.4), None),  # back already
        (Worn("flow_l_min", 3.0, 0.9, 18.5, 19.4), None),  # the other way
        (Worn("flow_l_min", -3.0, -0.9, None, None), None),  # nothing to compare it with later
        (Worn("fan_rpm", -3.0, -90.0, 900.0, 800.0), None),  # nothing the fault moves
        (Worn("return_temp_c", -3.0, -2.0, 30.0, 28.0), None),  # the fault says it stays
        (Worn("power_w", 3.0, 90.0, 900.0, 1000.0), Gone("power_w", 90.0, 900.0, 100.0)),
        (Worn("power_w", -3.0, -90.0, 900.0, 800.0), Gone("power_w", -90.0, 900.0, -100.0)),
    ],
)
def test_of_slow_wear_only_what_the_fault_moves_and_still_stands_is_kept(worn: Worn, kept: Gone | None) -> None:
    fault = a_fault(
        symptoms=(
            Symptom("flow_l_min", Direction.DOWN),
            Symptom("return_temp_c", Direction.STEADY),
            Symptom("power_w", Direction.EITHER),
        )
    )
    signal = signal_of(a_view(worn=(worn,)), fault)

    assert signal is not None
    assert signal.gone == kept
    assert signal_of(a_view(worn=(worn,)), None) == Signal(4.0, (("memory_free_kb", -9.0),))


def test_of_several_the_one_that_has_gone_furthest_is_kept() -> None:
    fault = a_fault(symptoms=(Symptom("coil_temp_c", Direction.DOWN), Symptom("power_w", Direction.UP)))
    cold = Worn("power_w", 2.1, 150.0, 900.0, 1_060.0)
    iced = Worn("coil_temp_c", -4.0, -5.0, 1.0, -4.0)
    signal = signal_of(a_view(worn=(cold, iced)), fault)

    assert signal is not None
    assert signal.gone == Gone("coil_temp_c", -5.0, 1.0, -5.0)


def test_of_a_device_nobody_has_heard_of_no_signal_is_kept() -> None:
    assert signal_of(None, None) is None
