import pytest

from agent.scorecard.judge import Span, judge
from agent.scorecard.ledger import Ledger
from device_sim.ailments import Ended, Lived
from device_sim.faults import FaultKind
from device_sim.truth import Deed, Visited
from tests.agent.scorecard.told import Told

HOUR = 3600.0
SPAN = Span(devices=10, owners=5, days=30, ends_s=100 * HOUR, speedup=1000)


def a_trouble(
    kind: FaultKind = FaultKind.HEALABLE,
    *,
    noticed_h: float | None = None,
    ended_h: float | None = 5,
    how: Ended | None = Ended.HEALED,
    would_notice_h: float | None = 50,
) -> Lived:
    hours = [None if hour is None else hour * HOUR for hour in (noticed_h, ended_h, would_notice_h)]
    return Lived("some_fault", kind, 0.0, hours[0], hours[1], how, hours[2])


def a_deed(*, right: bool = True, acted: bool = True, harmed: bool = False, repeated: bool = False) -> Deed:
    return Deed("d-1", HOUR, "restart", "some_fault", right, acted, harmed, repeated)


def test_a_fault_counts_as_healed_only_when_it_ended_before_it_was_felt() -> None:
    unnoticed, noticed, still_on = a_trouble(), a_trouble(noticed_h=4), a_trouble(ended_h=None, how=None)

    figures = judge(Told(unnoticed, noticed, still_on, a_trouble(how=Ended.REPAIRED)), Ledger(), SPAN)

    assert figures.healed_before_noticed == 0.5
    assert (figures.cases.healed_by_command, figures.cases.repaired_by_visit) == (1, 1)


def test_what_nobody_would_have_felt_within_the_run_is_not_judged() -> None:
    figures = judge(Told(a_trouble(would_notice_h=101), a_trouble(FaultKind.BENIGN)), Ledger(), SPAN)

    assert figures.healed_before_noticed is None
    assert figures.lead_time_hours is None


@pytest.mark.parametrize(("booked_h", "share"), [(3, 1.0), (49, 1.0), (51, 0.0), (-1, 0.0)])
def test_a_visit_counts_when_it_was_booked_between_the_fault_and_its_being_felt(booked_h: float, share: float) -> None:
    worn = a_trouble(FaultKind.VISIT, noticed_h=50, ended_h=60, how=Ended.REPAIRED)
    ledger = Ledger(booked=[("d-1", booked_h * HOUR), ("d-2", 3 * HOUR)])

    assert judge(Told(worn), ledger, SPAN).booked_before_failure == share


def test_what_was_never_noticed_has_no_lead_time() -> None:
    ledger = Ledger(noticed=[("d-1", 2 * HOUR)])

    seen = judge(Told(a_trouble()), ledger, SPAN).lead_time_hours
    unseen = judge(Told(a_trouble()), Ledger(), SPAN).lead_time_hours

    assert seen is not None
    assert unseen is not None
    assert (seen.p50, unseen.p50) == (48.0, 0.0)


def test_false_actions_are_commands_that_were_done_and_cured_nothing() -> None:
    deeds = [a_deed(), a_deed(right=False), a_deed(right=False, acted=False), a_deed(harmed=True, repeated=True)]

    figures = judge(Told(deeds=deeds), Ledger(), SPAN)

    assert figures.false_actions_per_device_month == 0.1
    assert (figures.harmful, figures.repeated_commands) == (1, 1)


def test_a_visit_that_finds_nothing_is_needless() -> None:
    visited = [Visited("d-1", 0.0, None, mended=False), Visited("d-1", 0.0, "some_fault", mended=True)]

    assert judge(Told(visited=visited), Ledger(), SPAN).needless_visits_per_device_month == 0.1
