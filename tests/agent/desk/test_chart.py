"""What a ticket's chart keeps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.desk.chart import MOST_POINTS, Chart, as_readings, draw, joined, telling_metrics
from agent.health.findings import Because
from tests.builders import MINUTE, NOON, a_finding, some_readings


def test_the_metrics_that_tell_most_come_first() -> None:
    findings = [
        a_finding(because=(Because("a", 0.6, None, None, None), Because("b", 0.4, None, None, None))),
        a_finding(because=(Because("b", 0.7, None, None, None), Because("c", 0.3, None, None, None))),
    ]

    assert telling_metrics(findings, most=2) == ("b", "a")


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
