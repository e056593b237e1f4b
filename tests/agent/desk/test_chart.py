"""What a ticket's chart keeps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.desk.chart import MOST_METRICS, MOST_POINTS, Chart, as_readings, draw, joined, telling_metrics
from agent.diagnose.playbook import Direction, Symptom
from agent.health.findings import Because, Finding, FindingKind
from tests.builders import MINUTE, NOON, a_fault, a_finding, some_readings


def test_the_metrics_that_tell_most_come_first() -> None:
    findings = [
        a_finding(because=(Because("a", 0.6, None, None, None), Because("b", 0.4, None, None, None))),
        a_finding(because=(Because("b", 0.7, None, None, None), Because("c", 0.3, None, None, None))),
    ]

    assert telling_metrics(findings, most=2) == ("b", "a")


LEAK = a_fault(
    "refrigerant_leak",
    symptoms=(
        Symptom("cabinet_temp_c", Direction.UP),
        Symptom("compressor_duty", Direction.UP, 2.0),
        Symptom("fan_current_a", Direction.STEADY),
    ),
)


def test_the_signs_of_the_named_fault_come_before_what_only_took_part() -> None:
    noisy = Because("wifi_rssi_dbm", 0.5, 0.2, None, None)
    fan, inside = Because("fan_rpm", 0.3, -4.0, None, None), Because("cabinet_temp_c", 0.1, 5.0, None, None)
    running = Because("compressor_duty", 0.1, 3.0, None, None)
    findings = [a_finding(because=(noisy, fan, inside, running))]

    assert telling_metrics(findings, LEAK) == ("compressor_duty", "cabinet_temp_c", "fan_rpm")
    assert telling_metrics(findings) == ("fan_rpm", "cabinet_temp_c", "compressor_duty")


def test_a_sign_that_has_worn_for_long_tells_though_the_short_run_is_calm() -> None:
    inside, fan = Because("cabinet_temp_c", 0.7, 0.6, None, None), Because("fan_current_a", 0.3, 0.4, None, None)

    telling = telling_metrics([a_finding(kind=FindingKind.DRIFT, because=(inside, fan))], LEAK)

    assert telling == ("cabinet_temp_c", "compressor_duty")


PARTS = st.builds(
    Because,
    st.sampled_from(("cabinet_temp_c", "compressor_duty", "fan_rpm", "wifi_rssi_dbm", "fan_current_a")),
    st.floats(0.03, 1.0),
    st.none() | st.floats(-6.0, 6.0),
    st.none(),
    st.none(),
)


def test_a_sign_that_no_finding_names_tells_all_the_same() -> None:
    inside, fan = Because("cabinet_temp_c", 0.6, 5.0, None, None), Because("fan_rpm", 0.4, -4.0, None, None)
    findings = [a_finding(because=(inside, fan))]

    assert telling_metrics(findings, LEAK) == ("cabinet_temp_c", "compressor_duty", "fan_rpm")
    assert telling_metrics([], LEAK) == ("compressor_duty", "cabinet_temp_c")


@given(st.lists(st.builds(lambda parts: a_finding(because=tuple(parts)), st.lists(PARTS, max_size=5)), max_size=4))
def test_nothing_that_was_as_usual_tells_beside_what_was_not(findings: list[Finding]) -> None:
    far = {part.metric for each in findings for part in each.because if part.z is not None and abs(part.z) >= 2.0}

    named = {part.metric for each in findings for part in each.because}

    for fault in (None, LEAK):
        telling = telling_metrics(findings, fault)
        assert bool(telling) == bool(named or fault)
        assert len(set(telling)) == len(telling) <= MOST_METRICS
        assert not far or not (set(telling) & named) - far


def test_what_was_not_measured_stays_so() -> None:
    readings = some_readings("fan_rpm", n=3)
    readings.values[1, 0] = np.nan

    chart = draw(readings)

    assert chart.curves[0].values == (0.0, None, 2.0)


@given(st.integers(0, 3000))
def test_a_chart_is_thin_and_ends_with_the_newest_sample(n: int) -> None:
    chart = draw(some_readings("fan_rpm", n=n))

    assert len(chart.at_s) == min(n, MOST_POINTS)
    assert all(len(curve.values) == len(chart.at_s) for curve in chart.curves)
    assert list(chart.at_s) == sorted(set(chart.at_s))
    if n:
        assert chart.at_s[-1] == NOON.timestamp() + 60 * (n - 1)


def test_what_memory_has_let_go_of_stays_in_the_chart() -> None:
    old = draw(some_readings("fan_rpm", n=10))
    new = draw(some_readings("fan_rpm", n=10, start=NOON + 5 * MINUTE))

    both = joined(old, new)

    assert both.at_s[0] == NOON.timestamp()
    assert both.at_s[-1] == (NOON + 14 * MINUTE).timestamp()
    assert len(both.at_s) == 15


def test_nothing_in_memory_leaves_the_chart_as_it_was() -> None:
    old = draw(some_readings("fan_rpm", n=10))

    assert joined(old, Chart()) == old
    assert joined(Chart(), old) == old


def test_a_kept_chart_reads_like_the_readings_it_came_from() -> None:
    readings = some_readings("fan_rpm", "door_open_s", n=5)
    readings.values[2, 1] = np.nan

    kept = as_readings(draw(readings))

    assert kept.metrics == readings.metrics
    np.testing.assert_allclose(kept.values, readings.values)
    np.testing.assert_allclose(kept.at_s, readings.at_s)
