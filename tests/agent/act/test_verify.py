"""When a fix counts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.act.command import Signal
from agent.act.verify import Check, Healed, NotHealed, Watching, Worse, judge
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.health.findings import Because, HealthView, Worn
from agent.health.gone import Gone
from agent.health.stays import Stay
from tests.builders import MINUTE, NOON, a_view

CHECK = Check(done_at=NOON, judge_from=NOON + 5 * MINUTE, normal_for=20 * MINUTE, by=NOON + 90 * MINUTE)


def test_nothing_is_judged_before_the_effect_has_settled() -> None:
    normal = a_view(normal_since=NOON - timedelta(hours=5), sample_at=NOON + 4 * MINUTE)

    assert judge(CHECK, normal, POLICY, NOON + 4 * MINUTE) == Watching(CHECK.judge_from)


def test_normal_for_long_enough_after_the_remedy_is_healed() -> None:
    normal = a_view(normal_since=NOON + 3 * MINUTE, sample_at=NOON + 23 * MINUTE)

    assert judge(CHECK, normal, POLICY, NOON + 23 * MINUTE) == Healed(NOON + 3 * MINUTE)


def test_having_been_normal_before_the_remedy_counts_for_nothing() -> None:
    always_normal = a_view(normal_since=NOON - timedelta(hours=5), sample_at=NOON + 19 * MINUTE)

    assert judge(CHECK, always_normal, POLICY, NOON + 19 * MINUTE) == Watching(NOON + 20 * MINUTE)


def test_still_not_normal_in_the_end_is_not_healed() -> None:
    assert isinstance(judge(CHECK, a_view(sample_at=CHECK.by), POLICY, CHECK.by), NotHealed)


def test_what_says_nothing_of_any_fault_does_not_hide_slow_wear_that_stands() -> None:
    slow = Worn("fan_rpm", z=-4.5, shift=-60.0, usual=2400.0, lately=2335.0)
    router = Worn("wifi_rssi_dbm", z=4.9, shift=9.6, usual=-61.0, lately=-61.0)
    worn = a_view(normal_since=NOON, drift=1.2, sample_at=CHECK.by, worn=(slow, router))

    assert isinstance(judge(replace(CHECK, telling=frozenset({"fan_rpm"})), worn, POLICY, CHECK.by), NotHealed)


def test_what_is_normal_again_when_its_time_is_over_is_watched_until_that_has_lasted_or_it_is_off_again() -> None:
    back = NOON + 80 * MINUTE
    just = a_view(normal_since=back, sample_at=CHECK.by)

    assert judge(CHECK, just, POLICY, CHECK.by) == Watching(CHECK.by + POLICY.look_every)
    lasted = back + CHECK.normal_for
    assert judge(CHECK, replace(just, sample_at=lasted), POLICY, lasted) == Healed(back)
    assert isinstance(judge(CHECK, a_view(sample_at=lasted), POLICY, lasted), NotHealed)
    again = a_view(normal_since=CHECK.by + MINUTE, sample_at=lasted)
    assert isinstance(judge(CHECK, again, POLICY, lasted), NotHealed)


def test_slow_wear_that_is_still_there_is_not_healed() -> None:
    there = Worn("fan_rpm", z=-7.0, shift=-60.0, usual=2400.0, lately=2345.0)
    worn = a_view(normal_since=NOON, drift=1.2, sample_at=CHECK.by, worn=(there,))

    assert isinstance(judge(CHECK, worn, POLICY, CHECK.by), NotHealed)


def test_slow_wear_of_what_says_nothing_of_any_fault_is_no_matter_of_a_fix() -> None:
    router = Worn("wifi_rssi_dbm", z=51.0, shift=9.6, usual=-61.0, lately=-49.0)
    mended = a_view(normal_since=NOON, drift=104.0, sample_at=CHECK.by, worn=(router,))

    assert judge(replace(CHECK, telling=frozenset({"fan_rpm"})), mended, POLICY, CHECK.by) == Healed(NOON)
    assert isinstance(judge(replace(CHECK, telling=frozenset({"wifi_rssi_dbm"})), mended, POLICY, CHECK.by), NotHealed)
    assert isinstance(judge(CHECK, mended, POLICY, CHECK.by), NotHealed)


def test_many_metrics_a_little_off_for_long_are_not_healed_while_the_furthest_stands() -> None:
    little = tuple(Worn(f"m{n}", z=-3.0 - n / 10, shift=-6.0, usual=24.0, lately=18.5) for n in range(4))
    worn = a_view(normal_since=NOON, drift=1.1, sample_at=CHECK.by, worn=little)

    assert isinstance(judge(CHECK, worn, POLICY, CHECK.by), NotHealed)


def test_a_drift_that_only_remembers_does_not_keep_a_fix_from_counting() -> None:
    back_again = Worn("fan_rpm", z=-7.0, shift=-60.0, usual=2400.0, lately=2390.0)
    back = a_view(normal_since=NOON, drift=1.2, sample_at=NOON + 30 * MINUTE, worn=(back_again,))

    assert judge(CHECK, back, POLICY, NOON + 30 * MINUTE) == Healed(NOON)


WORN_BEFORE = replace(CHECK, before=Signal(0.4, (("flow_l_min", -1.9),), Gone("flow_l_min", -0.9, 18.5)))


def flowing(lately: float | None, usual: float | None = 18.5) -> Worn:
    return Worn("flow_l_min", z=-2.4, shift=-0.8, usual=usual, lately=lately)


@pytest.mark.parametrize(
    ("flow", "why"),
    [
        (flowing(17.6), "far from its usual"),
        (flowing(18.0), "far from its usual"),
        (flowing(None), "not measured"),
        (flowing(18.4, None), "not measured"),
        (flowing(0.0, 0.0), "rests"),
        (flowing(8.0, 0.0), "rests"),
    ],
)
def test_what_slowly_changed_must_itself_come_back_whatever_the_short_run_says(flow: Worn, why: str) -> None:
    calm = a_view(state=0.2, normal_since=NOON - timedelta(hours=5), drift=0.9, sample_at=CHECK.by, worn=(flow,))

    assert judge(WORN_BEFORE, calm, POLICY, NOON + 60 * MINUTE) == Watching(NOON + 60 * MINUTE + POLICY.look_every)
    verdict = judge(WORN_BEFORE, calm, POLICY, CHECK.by)
    assert isinstance(verdict, NotHealed)
    assert "flow l min" in verdict.why
    assert why in verdict.why


def test_a_device_that_is_normal_is_not_worse_because_what_slowly_changed_has_not_come_back() -> None:
    other = (Because("wifi_rssi_dbm", 1.0, 4.2, -50.0, -60.0),)
    calm = a_view(state=0.5, normal_since=NOON, sample_at=NOON + 60 * MINUTE, worn=(flowing(17.6),), now=other)

    assert isinstance(judge(WORN_BEFORE, calm, POLICY, NOON + 60 * MINUTE), Watching)


def off_by(lately: float) -> Check:
    """A pump or a fan, 3.0 of 18.5 or 100 of 900 off in the long run and by ``lately`` when the remedy was sent."""
    usual, shift = (18.5, -3.0) if lately > -100.0 else (900.0, -100.0)
    return replace(CHECK, before=Signal(0.4, (), Gone("flow_l_min", shift, usual, lately)))


@pytest.mark.parametrize(("lately", "heals"), [(-5.9, True), (-6.1, False)])
def test_what_has_to_come_back_is_what_the_newest_samples_were_off_up_to_four_times_the_long_run(
    lately: float,
    heals: bool,  # noqa: FBT001 - a column of the table
) -> None:
    worn = Worn("flow_l_min", -8.0, -3.0, 18.5, 18.5 + lately)
    calm = a_view(normal_since=NOON, drift=0.9, sample_at=NOON + 30 * MINUTE, worn=(worn,))

    for far in (-12.0, -14.0):
        assert isinstance(judge(off_by(far), calm, POLICY, NOON + 30 * MINUTE), Healed) == heals


def test_a_pump_at_rest_proves_nothing_however_far_it_was_off() -> None:
    rests = a_view(
        normal_since=NOON, drift=0.9, sample_at=CHECK.by, worn=(Worn("flow_l_min", -8.0, -3.0, usual=0.1, lately=0.0),)
    )

    assert judge(off_by(-12.0), rests, POLICY, CHECK.by) == NotHealed(
        "The device rests: nothing proves that flow l min came back."
    )


def test_what_is_back_at_a_lower_level_is_back() -> None:
    milder = Worn("flow_l_min", -8.0, -100.0, usual=390.0, lately=388.0)
    back = a_view(normal_since=NOON, drift=0.9, sample_at=CHECK.by, worn=(milder,))

    assert judge(off_by(-400.0), back, POLICY, CHECK.by) == Healed(NOON)


def test_a_dying_cell_is_not_healed_by_balancing() -> None:
    volt = read_playbooks(default_dir())["volt-12"]
    worn = (
        Worn("cell_delta_mv", 6.0, 12.0, 20.0, 21.0),  # balanced
        Worn("pack_temp_c", 7.0, 3.0, 25.0, 28.2),  # which only the weak cell's fault speaks of
        Worn("wifi_rssi_dbm", 51.0, 9.6, -61.0, -49.0),
    )
    warm = a_view(normal_since=NOON, drift=1.8, sample_at=CHECK.by, worn=worn)

    assert isinstance(judge(replace(CHECK, telling=volt.telling()), warm, POLICY, CHECK.by), NotHealed)
    cool = replace(warm, worn=(worn[0], worn[2]))
    assert judge(replace(CHECK, telling=volt.telling()), cool, POLICY, CHECK.by) == Healed(NOON)


def test_harm_shows_while_a_remedy_counts_as_at_work_unless_its_playbook_knows_better() -> None:
    day = replace(BEFORE, by=NOON + timedelta(hours=24))
    hot = (Because("memory_free_kb", 0.5, -9.0, 1, 1), Because("a", 0.5, 7, 1, 1))
    soon = day.judge_from + POLICY.fleet_watch
    off = a_view(state=6.0, sample_at=soon, now=hot)

    assert isinstance(judge(day, off, POLICY, soon), Worse)
    assert isinstance(judge(day, replace(off, sample_at=soon - MINUTE), POLICY, soon - MINUTE), Watching)
    fills = replace(day, worse_after=timedelta(hours=6))
    assert isinstance(judge(fills, off, POLICY, soon), Watching)
    late = fills.judge_from + timedelta(hours=6)
    assert isinstance(judge(fills, replace(off, sample_at=late), POLICY, late), Worse)


def test_what_crosses_zero_can_come_back_too() -> None:
    iced = replace(CHECK, before=Signal(0.4, (), Gone("coil_temp_c", -4.0, -2.0)))
    thawed = Worn("coil_temp_c", z=-3.0, shift=-3.5, usual=-0.9, lately=-0.9)
    calm = a_view(normal_since=NOON, drift=0.9, sample_at=NOON + 30 * MINUTE, worn=(thawed,))

    assert judge(iced, calm, POLICY, NOON + 30 * MINUTE) == Healed(NOON)


@pytest.mark.parametrize("lately", [18.2, 18.5, 19.4])
def test_what_slowly_changed_and_is_back_is_healed(lately: float) -> None:
    calm = a_view(normal_since=NOON, drift=0.9, sample_at=NOON + 30 * MINUTE, worn=(flowing(lately),))

    assert judge(WORN_BEFORE, calm, POLICY, NOON + 30 * MINUTE) == Healed(NOON)


def test_what_slowly_changed_and_is_measured_no_more_proves_nothing() -> None:
    calm = a_view(state=0.2, normal_since=NOON, sample_at=CHECK.by)

    assert isinstance(judge(WORN_BEFORE, calm, POLICY, CHECK.by), NotHealed)


def test_a_device_that_went_silent_is_not_healed() -> None:
    silent = a_view(normal_since=NOON, sample_at=NOON + MINUTE)

    assert isinstance(judge(CHECK, silent, POLICY, NOON + 30 * MINUTE), Watching)
    assert isinstance(judge(CHECK, silent, POLICY, CHECK.by), NotHealed)
    assert isinstance(judge(CHECK, None, POLICY, CHECK.by), NotHealed)


def test_nothing_is_proven_across_a_gap() -> None:
    gap = a_view(normal_since=NOON, sample_at=CHECK.by, incomplete_since=NOON + MINUTE)

    assert isinstance(judge(CHECK, gap, POLICY, CHECK.by), NotHealed)


minutes = st.integers(-60, 200).map(lambda n: NOON + n * MINUTE)


@given(now=minutes, since=st.none() | minutes, sample_at=minutes)
def test_healed_is_always_proven_and_every_verdict_comes_in_the_end(
    now: datetime, since: datetime | None, sample_at: datetime
) -> None:
    verdict = judge(CHECK, a_view(normal_since=since, sample_at=sample_at), POLICY, now)

    match verdict:
        case Healed(healed_since):
            assert since is not None
            assert healed_since >= CHECK.done_at
            assert now - healed_since >= CHECK.normal_for
            assert now - sample_at <= POLICY.stale_after
        case Watching(until):
            assert now < CHECK.by or (since is not None and since <= CHECK.by)
            assert now < CHECK.by + CHECK.normal_for
            assert until > now
        case NotHealed(why):
            assert now >= CHECK.by
            assert why


BEFORE = replace(CHECK, before=Signal(4.0, (("memory_free_kb", -9.0),)))
HALF = CHECK.judge_from + (CHECK.by - CHECK.judge_from) / 2


def test_another_metric_far_off_after_the_remedy_is_worse_and_has_half_of_the_time_to_come_back() -> None:
    off = a_view(
        state=6.0, sample_at=HALF, now=(Because("memory_free_kb", 0.5, -9.0, 1, 1), Because("a", 0.5, 7, 1, 1))
    )

    assert isinstance(judge(BEFORE, off, POLICY, HALF), Worse)
    assert isinstance(judge(BEFORE, replace(off, sample_at=HALF - MINUTE), POLICY, HALF - MINUTE), Watching)


def test_what_only_harmless_causes_move_does_not_make_a_fix_worse() -> None:
    network = a_view(state=9.0, sample_at=HALF, now=(Because("wifi_rssi_dbm", 1.0, 9.0, -40.0, -61.0),))

    assert isinstance(judge(BEFORE, network, POLICY, HALF), Worse)
    assert isinstance(judge(replace(BEFORE, harmless=frozenset({"wifi_rssi_dbm"})), network, POLICY, HALF), Watching)


def test_what_no_fault_speaks_of_makes_a_fix_worse_all_the_same() -> None:
    warmer = a_view(state=9.0, sample_at=HALF, now=(Because("cabinet_temp_c", 1.0, 14.0, 3.0, -18.0),))

    assert isinstance(judge(replace(BEFORE, telling=frozenset({"memory_free_kb"})), warmer, POLICY, HALF), Worse)


def test_as_bad_as_before_is_not_worse() -> None:
    same = a_view(state=4.2, sample_at=HALF, now=(Because("memory_free_kb", 1.0, -12.0, 1, 1),))
    nearer = a_view(state=3.9, sample_at=HALF, now=(Because("a", 1.0, 20.0, 1, 1),))

    assert isinstance(judge(BEFORE, same, POLICY, HALF), Watching)
    assert isinstance(judge(BEFORE, nearer, POLICY, HALF), Watching)


def test_nothing_is_called_worse_on_old_evidence_or_without_a_before() -> None:
    off = a_view(state=9.0, sample_at=HALF, now=(Because("a", 1.0, 20.0, 1, 1),))

    assert isinstance(judge(BEFORE, replace(off, sample_at=NOON), POLICY, HALF), Watching)
    assert isinstance(judge(CHECK, off, POLICY, HALF), Watching)


HEATING, WATER = ("heating",), ("dhw",)
WHERE = replace(CHECK, found_in=frozenset({HEATING}))


def bathing(from_minute: int, to_minute: int, **changes: Any) -> HealthView:
    """A device that is normal, and made hot water between two minutes after noon."""
    stays = (
        Stay(HEATING, NOON - timedelta(days=2)),
        Stay(WATER, NOON + from_minute * MINUTE),
        Stay(HEATING, NOON + to_minute * MINUTE),
    )
    given = {"state": 0.1, "normal_since": NOON - timedelta(hours=5), "stays": stays, "now": (), **changes}
    return a_view(**given)


@given(to_minute=st.integers(1, 200), minute=st.integers(0, 23 * 60))
def test_a_fix_is_proven_where_the_trouble_was_seen_or_by_two_hours_of_calm(to_minute: int, minute: int) -> None:
    now = NOON + minute * MINUTE

    verdict = judge(WHERE, bathing(0, to_minute, sample_at=now), POLICY, now)

    assert isinstance(verdict, Healed) == (minute >= min(to_minute + 20, 120))
    assert not isinstance(verdict, NotHealed)


def test_what_is_normal_in_time_though_elsewhere_is_watched_until_it_is_back_there() -> None:
    bath = bathing(65, 95, normal_since=NOON + 66 * MINUTE)
    assert CHECK.by == NOON + 90 * MINUTE

    assert judge(WHERE, replace(bath, sample_at=CHECK.by), POLICY, CHECK.by) == Watching(CHECK.by + POLICY.look_every)
    back = NOON + 115 * MINUTE
    assert judge(WHERE, replace(bath, sample_at=back), POLICY, back) == Healed(NOON + 66 * MINUTE)
    off = replace(bath, sample_at=back, normal_since=None)
    assert judge(WHERE, off, POLICY, back) == NotHealed("The device's own signal did not come back to normal in time.")


def test_a_device_that_falls_silent_elsewhere_is_not_healed_and_not_waited_for() -> None:
    silent = bathing(60, 1_000, sample_at=NOON + 65 * MINUTE)

    assert isinstance(judge(WHERE, silent, POLICY, CHECK.by), NotHealed)


def test_what_must_be_normal_for_days_is_not_healed_after_one() -> None:
    days, now = replace(CHECK, normal_for=timedelta(days=2), by=NOON + timedelta(days=3)), NOON + timedelta(hours=30)

    assert judge(days, bathing(0, 1, sample_at=now), POLICY, now) == Watching(NOON + timedelta(days=2))
