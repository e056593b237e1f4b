"""The figures beside a clue never contradict its words."""

from datetime import UTC

import pytest

from agent.console.clues import clues
from agent.console.reader import Reader
from agent.health.findings import Because
from tests.builders import NOON, a_finding, a_playbook

READER = Reader({"frost-200": a_playbook()}, NOON, UTC)


@pytest.mark.parametrize(("value", "said"), [(300.0, "300 rpm"), (950.0, "–")])
def test_a_newest_sample_on_the_other_side_of_usual_is_not_shown_as_the_reason(value: float, said: str) -> None:
    slower = Because("fan_rpm", 1.0, -9.0, value, 900.0)

    (clue,) = clues((a_finding(because=(slower,)),), "frost-200", READER)

    assert clue.value == said
    assert "below" in clue.deviation
