"""With confirmed cases, faults that begin alike in the physics come to be told apart."""

import pytest

from agent.diagnose.learned import TABLE
from device_sim.products.catalogue import PRODUCTS
from tests.agent.diagnose.learning_curve import PLAYBOOKS, cases, curve


@pytest.mark.slow
def test_a_worn_pump_comes_to_be_told_from_a_drifted_flow_meter() -> None:
    alike = frozenset({"circulation_pump_wear", "flow_sensor_drift"})
    shown = [case for device in range(12) for case in cases(PRODUCTS["therm-40"], device, alike)]

    result = curve(PLAYBOOKS["therm-40"], shown)

    assert result.share(TABLE, 1, "right") > result.share("playbook", 1, "right") + 0.1
    assert result.share(TABLE, 1, "wrong") <= result.share("playbook", 1, "wrong")
