from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.backtest.alarm import AlarmKind
from agent.backtest.events import Span
from agent.backtest.lead import Horizon, LeadScore, quantile, score_leads, warns
from agent.backtest.truth import Failure
from tests.agent.backtest.recordings import HOUR_US, alarm

HORIZON = Horizon(warn_within=timedelta(hours=100), in_time=timedelta(hours=20))
SPAN = {0: Span(0, 500 * HOUR_US)}
FAILURE = Failure("a", 400 * HOUR_US)


def leads(*hours: int) -> LeadScore:
    return score_leads({0: [alarm(hour * HOUR_US) for hour in hours]}, {0: [FAILURE]}, SPAN, HORIZON)


def test_the_lead_is_from_the_first_alarm_within_the_horizon() -> None:
    score = leads(100, 350, 390)

    assert (score.failures, score.leads_h, score.in_time) == (1, (50.0,), 1)


def test_a_warning_too_late_to_be_of_use_is_a_lead_and_not_in_time() -> None:
    assert (leads(381).leads_h, leads(381).in_time) == ((19.0,), 0)


def test_an_alarm_after_the_failure_or_before_the_horizon_is_no_warning() -> None:
    assert leads(100, 410).leads_h == ()


def test_wear_that_began_before_the_horizon_and_still_stands_is_a_warning() -> None:
    standing = alarm(200 * HOUR_US, kind=AlarmKind.DRIFT, until_us=None)
    gone = alarm(200 * HOUR_US, kind=AlarmKind.DRIFT, until_us=250 * HOUR_US)

    assert score_leads({0: [standing]}, {0: [FAILURE]}, SPAN, HORIZON).leads_h == (200.0,)
    assert score_leads({0: [gone]}, {0: [FAILURE]}, SPAN, HORIZON).leads_h == ()
    assert warns(standing, [FAILURE], HORIZON)
    assert not warns(gone, [FAILURE], HORIZON)


def test_a_failure_nobody_watched_does_not_count() -> None:
    unwatched = Failure("a", 700 * HOUR_US)

    assert score_leads({}, {0: [unwatched]}, SPAN, HORIZON).failures == 0


def test_a_device_that_alarms_every_hour_foresees_everything_and_chance_says_so() -> None:
    score = leads(*range(500))

    assert score.in_time == 1
    assert score.by_chance == pytest.approx(1.0)


def test_where_no_alarm_came_while_no_failure_was_near_nothing_is_by_chance() -> None:
    assert leads(350, 360, 370).by_chance == 0.0


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_between_the_ends(numbers: list[float], share: float) -> None:
    ordered = sorted(numbers)

    found = quantile(ordered, share)

    assert found is not None
    assert ordered[0] <= found <= ordered[-1] * (1 + 1e-9)


def test_no_numbers_have_no_quantile() -> None:
    assert quantile((), 0.5) is None
