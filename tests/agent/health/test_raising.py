from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.health.findings import FindingKind
from agent.health.raising import Raising
from agent.health.verdict import Verdict

MINUTE = 60.0
ILL = Verdict(ill=True, ill_samples=9)
WELL = Verdict(normal_since_s=0.0)


def raised_at(
    minutes: int, *, alarm: bool, state: float = 12.0, drift: float = 0.0, verdict: Verdict = WELL
) -> list[int]:
    raising = Raising()
    return [
        minute
        for minute in range(minutes)
        if raising.take(alarm=alarm, state=state, drift=drift, verdict=verdict, at_s=minute * MINUTE)
    ]


def test_at_most_one_finding_in_ten_minutes() -> None:
    assert raised_at(35, alarm=True) == [0, 10, 20, 30]


def test_an_alarm_that_the_state_does_not_bear_out_is_no_finding() -> None:
    assert raised_at(35, alarm=True, state=3.2) == []


def test_an_alarm_may_be_borne_out_a_little_later() -> None:
    raising = Raising()
    raising.take(alarm=True, state=1.0, drift=0.0, verdict=WELL, at_s=0.0)

    assert raising.take(alarm=False, state=4.5, drift=0.0, verdict=WELL, at_s=60.0) is FindingKind.ONSET


def test_an_illness_is_said_at_once_and_then_ever_more_seldom() -> None:
    hours = [minute / 60 for minute in raised_at(60 * 24 * 6, alarm=False, verdict=ILL)]

    minutes = [later - earlier for earlier, later in pairwise(round(hour * 60) for hour in hours)]
    assert minutes[:6] == [10, 20, 40, 80, 160, 320]
    assert set(minutes[9:]) == {24 * 60}


def test_a_device_that_often_looks_a_little_odd_has_to_look_odder() -> None:
    raising = Raising()
    days = [
        day for day in range(40) if raising.take(alarm=True, state=4.6, drift=0.0, verdict=WELL, at_s=day * 86_400.0)
    ]

    assert days[:2] == [0, 1]
    assert len(days) <= 13


def test_somebody_ill_for_a_moment_is_not_said() -> None:
    assert raised_at(30, alarm=False, verdict=Verdict(ill=True, ill_samples=4)) == []


def wear_said(drifts: list[float]) -> list[int]:
    """Feed a drift every two hours; return the places of those that made a finding."""
    raising = Raising()
    return [
        place
        for place, drift in enumerate(drifts)
        if raising.take(alarm=False, state=0.0, drift=drift, verdict=WELL, at_s=place * 7_200.0) is FindingKind.DRIFT
    ]


def test_wear_is_said_once_when_it_has_stood_for_six_hours() -> None:
    assert wear_said([0.9, 1.1, 1.2, 1.1, 1.1, 1.2, 1.1]) == [4]


def test_wear_that_dips_goes_on_and_wear_that_has_gone_begins_anew() -> None:
    assert wear_said([1.1, 0.8, 0.8, 1.1, 1.1]) == [3]
    assert wear_said([1.1, 1.1, 0.6, 1.1, 1.1, 1.1, 1.1]) == [6]


def test_a_busy_afternoon_is_no_wear() -> None:
    assert wear_said([0.5, 1.5, 3.0, 0.5] * 10) == []


def test_wear_that_was_dealt_with_is_said_again_once_it_has_stood_for_as_long() -> None:
    raising = Raising()

    def said(hours: range) -> list[int]:
        given = ((hour, hour * 3_600.0) for hour in hours)
        return [
            hour for hour, at_s in given if raising.take(alarm=False, state=0.0, drift=1.2, verdict=WELL, at_s=at_s)
        ]

    assert said(range(20)) == [6]
    raising.end_wear()
    assert said(range(20, 40)) == [26]


def test_wear_that_has_grown_two_and_a_half_times_is_said_again() -> None:
    assert wear_said([1.1, 1.1, 1.1, 1.1, 1.7, 2.2, 2.7, 2.8, 3.3, 6.9, 7.1]) == [3, 7, 10]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 12), st.floats(0, 3), st.booleans()), max_size=80))
def test_findings_never_follow_each_other_too_closely(asked: list[tuple[bool, float, float, bool]]) -> None:
    raising = Raising()
    raised = [
        minute
        for minute, (alarm, state, drift, ill) in enumerate(asked)
        if raising.take(alarm=alarm, state=state, drift=drift, verdict=ILL if ill else WELL, at_s=minute * MINUTE)
    ]

    assert all(later - earlier >= 10 for earlier, later in pairwise(raised))
