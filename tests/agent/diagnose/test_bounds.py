"""Symptoms that count only past a figure which holds for every device."""

import pytest

from agent.diagnose.diagnose import diagnose
from agent.diagnose.diagnosis import Diagnosis, Shows
from agent.diagnose.evidence import Evidence
from agent.diagnose.playbook import Direction, Symptom
from agent.diagnose.playbook_file import parse_playbook
from agent.health.findings import Because
from tests.agent.diagnose.examples import NOON, SMALL, seen, view

BOUNDED = parse_playbook(
    SMALL.replace("water_temp_c: down", "water_temp_c: { direction: down, below: 40 }"), "kettle-1.yaml"
)


def cooler(value: float | None) -> Diagnosis:
    """Return the diagnosis of a kettle whose water is plainly cooler than it usually is."""
    return diagnose(Evidence(view((Because("water_temp_c", 0.9, -6.0, value, 95.0),))), BOUNDED)


def test_a_move_short_of_the_bound_is_not_the_fault_and_says_why() -> None:
    suspect = next(one for one in cooler(75.0).suspects if one.fault == "stuck")

    assert suspect.probability < 0.1
    assert suspect.evidence == ()


def test_a_move_past_the_bound_counts_as_ever() -> None:
    assert cooler(20.0).suspects[0].fault == "stuck"
    assert cooler(20.0).suspects[0].probability > 0.6
    assert cooler(None).suspects[0].fault == "stuck"  # nobody knows the value


def test_what_speaks_against_it_names_the_bound() -> None:
    text = SMALL.replace("water_temp_c: down", "{ water_temp_c: { direction: down, below: 40 }, heater_w: up }")
    both = parse_playbook(text.replace("symptoms:\n      {", "symptoms: {"), "kettle-1.yaml")
    because = (Because("water_temp_c", 0.5, -6.0, 75.0, 95.0), Because("heater_w", 0.5, 6.0, 2400.0, 2000.0))

    suspect = next(one for one in diagnose(Evidence(view(because)), both).suspects if one.fault == "stuck")

    assert any(line.startswith("against it: ") and "is not below 40" in line for line in suspect.evidence)


@pytest.mark.parametrize(
    ("direction", "value", "past"),
    [
        (Direction.DOWN, 19.9, True),
        (Direction.DOWN, 20.0, False),
        (Direction.UP, 20.1, True),
        (Direction.UP, 20.0, False),
        (Direction.UP, None, True),
    ],
)
def test_past_is_beyond_the_bound_on_the_way_the_metric_goes(
    *, direction: Direction, value: float | None, past: bool
) -> None:
    assert Symptom("m", direction, bound=20.0).is_past(value) is past
    assert Symptom("m", direction).is_past(value)


def test_nothing_is_to_be_seen_where_all_is_close_to_usual_and_nothing_was_said() -> None:
    assert diagnose(seen({"water_temp_c": 1.9, "heater_w": -1.9}), BOUNDED).shows is Shows.NOTHING
    assert diagnose(seen({"water_temp_c": 2.0}), BOUNDED).shows is Shows.UNCLEAR
    assert diagnose(seen({}, "self_test_ok"), BOUNDED).shows is Shows.FOREIGN
    assert diagnose(seen({}, "E1"), BOUNDED).shows is Shows.WORD
    assert diagnose(seen({"water_temp_c": -9.0}, silent_since=NOON), BOUNDED).shows is Shows.WORD
