from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.health.findings import FindingKind
from agent.health.raising import Raising
from agent.health.verdict import Verdict

MINUTE = 60.0
ILL = Verdict(ill=True, ill_samples=30)
WELL = Verdict(normal_since_s=0.0)


def raised(states: Iterable[float], *, verdict: Verdict = WELL, every_s: float = MINUTE) -> list[int]:
    """Feed states at a steady pace; return the places of those that made a finding."""
    raising = Raising()
    return [
        place
        for place, state in enumerate(states)
        if raising.take(state=state, drift=0.0, verdict=verdict, at_s=place * every_s)
    ]


def test_what_grows_is_said_with_its_fourth_odd_sample() -> None:
    assert raised([0.3, 1.9, 2.0, 2.6, 3.4, 4.5, 6.0]) == [5]


def test_what_jumps_and_fades_is_never_said_however_far_it_jumped() -> None:
    assert raised([0.4, 12.0, 9.8, 7.1, 5.1, 3.6, 2.5, 1.6, 0.4]) == []
    assert raised([2.5, 7.0, 10.4, 5.0, 4.0, 3.5, 3.1, 1.7]) == []


def test_what_jumps_and_stays_is_said() -> None:
    assert raised([0.4, 8.0, 12.0, 12.0, 12.0, 12.0]) == [4]


def test_one_ordinary_sample_begins_the_count_anew() -> None:
    assert raised([2.0, 3.0, 4.0, 1.9, 4.0, 5.0, 6.0]) == []


def test_what_is_odd_but_below_the_bar_is_not_said_until_it_reaches_it() -> None:
    assert raised([3.0, 3.1, 3.2, 3.3, 3.4, 3.5]) == []
    assert raised([3.0, 3.1, 3.2, 3.3, 3.4, 4.1]) == [5]


def test_what_jumps_and_sags_a_little_waits_for_a_long_illness() -> None:
    raising, verdict = Raising(), Verdict()
    said = []
    for place, state in enumerate([0.4, 12.0, *(11.9 - place / 100 for place in range(20))]):
        verdict.take(state, place * MINUTE)
        if raising.take(state=state, drift=0.0, verdict=verdict, at_s=place * MINUTE):
            said.append(place)

    assert said == [12]  # ill from its second odd sample on, and ten more


def test_a_long_illness_below_the_bar_is_not_said() -> None:
    assert raised([3.5] * 40, verdict=ILL) == []


def test_what_was_missed_begins_the_row_anew() -> None:
    raising = Raising()
    for place in range(3):
        raising.take(state=4.0, drift=0.0, verdict=WELL, at_s=place * MINUTE)
    raising.interrupt()

    said = [raising.take(state=5.0, drift=0.0, verdict=WELL, at_s=(3 + place) * MINUTE) for place in range(4)]
    assert said == [None, None, None, FindingKind.ONSET]


def test_a_long_illness_is_said_though_it_fades() -> None:
    ill = Verdict(ill=True, ill_samples=10)

    assert raised([12.0, 9.0, 8.0, 7.0], verdict=ill) == [0]
    assert raised([12.0, 9.0, 8.0, 7.0], verdict=Verdict(ill=True, ill_samples=9)) == []


def test_at_most_one_finding_in_ten_minutes() -> None:
    assert raised([12.0] * 35) == [3, 13, 23, 33]


def test_an_illness_is_said_and_then_ever_more_seldom() -> None:
    said = raised([12.0] * (60 * 24 * 6), verdict=Verdict(ill=True, ill_samples=30))

    minutes = [later - earlier for earlier, later in pairwise(said)]
    assert minutes[:6] == [10, 20, 40, 80, 160, 320]
    assert set(minutes[9:]) == {24 * 60}


def test_a_device_that_often_looks_a_little_odd_has_to_look_odder() -> None:
    daily = [2.5, 3.0, 4.0, 4.6, 0.0]  # once a day
    days = [place // 5 for place in raised(daily * 40, every_s=86_400.0 / 5)]

    assert days[:2] == [0, 1]
    assert len(days) <= 13


def wear_said(drifts: list[float]) -> list[int]:
    """Feed a drift every two hours; return the places of those that made a finding."""
    raising = Raising()
    return [
        place
        for place, drift in enumerate(drifts)
        if raising.take(state=0.0, drift=drift, verdict=WELL, at_s=place * 7_200.0) is FindingKind.DRIFT
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
        return [hour for hour, at_s in given if raising.take(state=0.0, drift=1.2, verdict=WELL, at_s=at_s)]

    assert said(range(20)) == [6]
    raising.end_wear()
    assert said(range(20, 40)) == [26]


def test_wear_that_has_grown_two_and_a_half_times_is_said_again() -> None:
    assert wear_said([1.1, 1.1, 1.1, 1.1, 1.7, 2.2, 2.7, 2.8, 3.3, 6.9, 7.1]) == [3, 7, 10]


@given(st.lists(st.tuples(st.floats(0, 12), st.floats(0, 3), st.booleans()), max_size=80))
def test_findings_never_follow_each_other_too_closely(fed: list[tuple[float, float, bool]]) -> None:
    raising = Raising()
    said = [
        minute
        for minute, (state, drift, ill) in enumerate(fed)
        if raising.take(state=state, drift=drift, verdict=ILL if ill else WELL, at_s=minute * MINUTE)
    ]

    assert all(later - earlier >= 10 for earlier, later in pairwise(said))
