"""What has been changing for most of a day speaks for faults that come slowly, and for no other."""

from dataclasses import replace
from datetime import timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.diagnose import diagnose
from agent.diagnose.diagnosis import Diagnosis
from agent.diagnose.evidence import Evidence, Reading, readings
from agent.diagnose.likeness import hold
from agent.diagnose.playbook import Direction, Symptom
from agent.health.findings import Because, HealthView, Worn
from tests.agent.diagnose.examples import finding, view
from tests.builders import a_fault, a_playbook

USUAL, SHIFT = 1_200.0, -90.0
SLOWER = Worn("fan_rpm", -7.0, SHIFT, USUAL, USUAL + SHIFT)
BACK = replace(SLOWER, lately=USUAL)
FAN = (Symptom("fan_rpm", Direction.DOWN),)
TIRED = a_playbook(
    a_fault("worn_fan", symptoms=FAN, time_left=timedelta(days=9)),
    a_fault("stuck_fan", symptoms=FAN, time_left=timedelta(hours=3)),
    a_fault("leak", time_left=timedelta(hours=3)),
)


def showing(*worn: Worn, **z: float) -> HealthView:
    """A device with these long-run deviations, and these of the short run."""
    now = tuple(Because(metric, 0.1, short, 1_150.0, USUAL) for metric, short in z.items())
    return replace(view(now), worn=worn)


def chances(evidence: Evidence) -> dict[str, float]:
    diagnosis: Diagnosis = diagnose(evidence, TIRED)
    return {suspect.fault: suspect.probability for suspect in diagnosis.suspects}


def test_what_is_worn_and_stands_is_a_reading_that_the_short_run_does_not_show() -> None:
    found = readings(Evidence(showing(SLOWER, fan_rpm=-0.6)))

    assert found == {"fan_rpm": Reading("fan_rpm", -7.0, USUAL + SHIFT, USUAL, slow=True)}


def test_what_no_longer_stands_is_as_the_short_run_has_it() -> None:
    assert readings(Evidence(showing(BACK))) == {}
    assert readings(Evidence(showing(BACK, fan_rpm=-0.6)))["fan_rpm"] == Reading("fan_rpm", -0.6, 1_150.0, USUAL)


def test_what_both_runs_show_is_not_slow_and_the_further_one_counts() -> None:
    both = readings(Evidence(showing(SLOWER, fan_rpm=-3.0)))["fan_rpm"]
    sudden = readings(Evidence(showing(SLOWER, fan_rpm=-12.0)))["fan_rpm"]

    assert (both.z, both.slow) == (-7.0, False)
    assert (sudden.z, sudden.slow) == (-12.0, False)


def test_a_finding_that_saw_it_further_off_replaces_what_is_worn() -> None:
    evidence = Evidence(showing(SLOWER, fan_rpm=0.0), (finding({"fan_rpm": -20.0}),))

    assert readings(evidence)["fan_rpm"].z == pytest.approx(-12.0)
    assert not readings(evidence)["fan_rpm"].slow


def test_wear_alone_names_the_fault_that_comes_slowly() -> None:
    chance = chances(Evidence(showing(SLOWER, memory_free_kb=0.2)))

    assert chance["worn_fan"] > 0.6
    assert max(chance["stuck_fan"], chance["leak"]) < 0.05


def test_the_same_in_the_short_run_speaks_for_both() -> None:
    chance = chances(Evidence(showing(fan_rpm=-7.0, memory_free_kb=0.2)))

    assert isclose(chance["worn_fan"], chance["stuck_fan"])
    assert chance["stuck_fan"] > 10 * chance["leak"]


@given(z=st.floats(2.0, 50.0), way=st.sampled_from([-1.0, 1.0]))
def test_slow_evidence_tells_a_sudden_fault_with_the_symptom_from_none_without_it(z: float, way: float) -> None:
    chance = chances(Evidence(showing(replace(SLOWER, z=way * z, shift=way * 90.0, lately=USUAL + way * 90.0))))

    assert isclose(chance["stuck_fan"], chance["leak"])


@given(z=st.floats(4.0, 50.0))
def test_the_longer_wear_has_stood_the_likelier_is_what_comes_slowly(z: float) -> None:
    worn = chances(Evidence(showing(replace(SLOWER, z=-z))))["worn_fan"]

    assert worn > chances(Evidence(showing(BACK)))["worn_fan"]
    assert worn > chances(Evidence(showing(replace(SLOWER, z=+z, shift=90.0, lately=USUAL + 90.0))))["worn_fan"]


def test_a_fault_that_nobody_knows_the_time_of_may_come_slowly() -> None:
    untimed = a_playbook(a_fault("worn_fan", symptoms=FAN, time_left=None), a_fault("leak"))

    diagnosis = diagnose(Evidence(showing(SLOWER)), untimed)

    assert diagnosis.suspects[0].fault == "worn_fan"
    assert diagnosis.suspects[0].probability > 0.6


@pytest.mark.parametrize("time_left", [None, timedelta(hours=1), timedelta(days=2)])
def test_a_name_of_what_is_felt_soon_holds_for_ten_minutes(time_left: timedelta | None) -> None:
    assert hold(a_fault(time_left=time_left), ()) == timedelta(minutes=10)


def test_a_name_of_what_takes_a_week_to_be_felt_holds_for_hours() -> None:
    assert timedelta(hours=4) <= hold(a_fault(time_left=timedelta(days=7)), ()) <= timedelta(hours=12)


@given(hours=st.floats(0.1, 5_000), more=st.floats(0, 5_000))
def test_a_name_holds_the_longer_the_later_its_fault_is_felt_and_never_for_long(hours: float, more: float) -> None:
    sooner, later = timedelta(hours=hours), timedelta(hours=hours + more)

    assert timedelta(minutes=10) <= hold(a_fault(time_left=sooner), ()) <= hold(a_fault(time_left=later), ())
    assert hold(a_fault(time_left=later), ()) <= max(timedelta(minutes=10), later / 8)
    assert hold(a_fault(time_left=later), ()) <= timedelta(hours=12)


def test_a_name_that_shows_plainly_need_not_hold_for_hours() -> None:
    fault = a_fault(time_left=timedelta(days=7))
    metric = fault.symptoms[0].metric

    assert hold(fault, (Because(metric, 1.0, -5.5, 9e3, 48e3),)) == timedelta(minutes=10)
    assert hold(fault, (Because(metric, 1.0, -4.0, 9e3, 48e3), Because("other", 0.0, 6.0, 1, 0))) > timedelta(hours=4)
