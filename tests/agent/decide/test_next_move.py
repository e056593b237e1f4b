"""What is decided about a ticket, and when."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent.decide.case import DRIFTING, Case, Load, is_fresh, sure_of
from agent.decide.moves import (
    AskApproval,
    Book,
    Close,
    Guard,
    HandOver,
    JudgeVisit,
    Move,
    Rest,
    Suggest,
    TellOwner,
    Try,
    Wait,
)
from agent.decide.next_move import next_move
from agent.decide.passing import NORMAL_AGAIN, PASSED, STILL_HEALED
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome, TicketState, Tried
from agent.diagnose.diagnosis import Diagnosis, Shows, Suspect
from agent.diagnose.playbook import Autonomy, Direction, FaultKind, Symptom
from agent.health.findings import Because, Worn
from tests.builders import MINUTE, NOON, a_case, a_diagnosis, a_fault, a_permit, a_playbook, a_remedy, a_ticket, a_view


def test_a_sure_fault_gets_its_first_remedy() -> None:
    assert next_move(a_case(), POLICY, NOON) == Try("restart")


def test_the_second_remedy_comes_when_the_first_has_not_healed() -> None:
    tried = a_ticket(tried=(Tried("restart", "c1", NOON - timedelta(hours=2), Outcome.NOT_HEALED),))

    assert next_move(a_case(ticket=tried), POLICY, NOON) == Try("defrost")


def test_a_remedy_that_may_be_repeated_runs_twice_and_not_three_times() -> None:
    playbook = a_playbook(a_fault(remedies=("restart",)), remedies=(a_remedy("restart", repeatable=True),))
    once = a_ticket(tried=(Tried("restart", "c1", NOON, Outcome.NOT_HEALED),))
    twice = replace(once, tried=once.tried * 2)

    assert next_move(a_case(ticket=once, playbook=playbook), POLICY, NOON) == Try("restart")
    assert isinstance(next_move(a_case(ticket=twice, playbook=playbook), POLICY, NOON), HandOver)


def test_a_spent_playbook_goes_to_a_technician_where_one_can_help_and_to_a_person_otherwise() -> None:
    spent = a_ticket(tried=tuple(Tried(name, name, NOON, Outcome.NOT_HEALED) for name in ("restart", "defrost")))
    skilled = a_playbook(a_fault(skill="cooling"))

    assert isinstance(next_move(a_case(ticket=spent), POLICY, NOON), HandOver)
    booked = next_move(a_case(ticket=spent, playbook=skilled), POLICY, NOON)
    assert isinstance(booked, Book)
    assert (booked.not_before, booked.not_after) == (NOON + POLICY.visit_lead, None)
    assert booked.why.startswith("No remedy is left. Not restart again: it was tried on this ticket already.")


@pytest.mark.parametrize(
    ("autonomy", "reversible", "move"),
    [
        (Autonomy.ACT, True, Try("restart")),
        (Autonomy.ACT, False, AskApproval("restart")),
        (Autonomy.ACT_IF_REVERSIBLE, True, Try("restart")),
        (Autonomy.ACT_IF_REVERSIBLE, False, AskApproval("restart")),
        (Autonomy.ASK, True, AskApproval("restart")),
        (Autonomy.SUGGEST, True, Suggest("restart")),
    ],
)
def test_autonomy_says_how_far_it_goes(autonomy: Autonomy, *, reversible: bool, move: object) -> None:
    playbook = a_playbook(remedies=(a_remedy(autonomy=autonomy, reversible=reversible), a_remedy("defrost")))

    assert next_move(a_case(playbook=playbook), POLICY, NOON) == move


def test_staff_s_word_overrides_the_playbook() -> None:
    assert next_move(a_case(permits={"restart": a_permit(Autonomy.ASK)}), POLICY, NOON) == AskApproval("restart")


def test_what_is_only_observed_is_said_and_left_to_a_person() -> None:
    move = next_move(
        a_case(permits={name: a_permit(Autonomy.OBSERVE, a_remedy(name)) for name in ("restart", "defrost")}),
        POLICY,
        NOON,
    )

    assert isinstance(move, HandOver)
    assert "only to observe" in move.why


def test_without_the_owner_s_consent_staff_are_asked() -> None:
    move = next_move(a_case(may_fix=False), POLICY, NOON)

    assert isinstance(move, AskApproval)
    assert move.refusal is not None
    assert move.refusal.guard is Guard.CONSENT


def test_a_brand_new_ticket_is_weighed_before_anything_is_done() -> None:
    new = a_ticket(opened_at=NOON - MINUTE, changed_at=NOON - MINUTE)

    assert next_move(a_case(ticket=new), POLICY, NOON) == Wait(new.opened_at + POLICY.weigh_for)


@pytest.mark.parametrize(
    ("time_left", "safety", "weighed"),
    [
        (timedelta(days=7), False, POLICY.weigh_slow),
        (timedelta(days=2), False, 0.01 * timedelta(days=2)),
        (timedelta(hours=2), False, POLICY.weigh_for),
        (timedelta(days=7), True, POLICY.weigh_for),
        (None, False, POLICY.weigh_for),
    ],
)
def test_what_takes_days_to_be_felt_is_weighed_longer_unless_it_is_about_safety(
    time_left: timedelta | None,
    safety: bool,  # noqa: FBT001 - a column of the table
    weighed: timedelta,
) -> None:
    new = a_ticket(opened_at=NOON - MINUTE, changed_at=NOON - MINUTE)
    slow = a_playbook(a_fault("memory_leak", time_left=time_left, safety=safety))

    assert next_move(a_case(ticket=new, playbook=slow), POLICY, NOON) == Wait(new.opened_at + weighed)


def test_a_visit_for_slow_wear_is_not_put_off_for_hours() -> None:
    new = a_ticket(opened_at=NOON - MINUTE, changed_at=NOON - MINUTE)
    worn = a_playbook(a_fault("memory_leak", kind=FaultKind.VISIT, remedies=(), time_left=timedelta(days=14)))

    assert next_move(a_case(ticket=new, playbook=worn), POLICY, NOON) == Wait(new.opened_at + POLICY.weigh_most)


def test_an_unclear_case_is_looked_at_again_until_patience_ends() -> None:
    unclear = a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4))
    changed_at = unclear.ticket.changed_at

    assert next_move(unclear, POLICY, NOON) == Wait(NOON + POLICY.look_every)
    assert next_move(unclear, POLICY, changed_at + timedelta(minutes=100)) == Wait(changed_at + timedelta(minutes=110))
    assert isinstance(next_move(unclear, POLICY, changed_at + POLICY.unclear_patience), HandOver)


def test_a_likely_fault_whose_name_has_to_hold_first_is_no_matter_for_a_person_meanwhile() -> None:
    held = a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.83))
    changed_at = held.ticket.changed_at
    unsafe = replace(held, playbook=a_playbook(a_fault("memory_leak", safety=True)))
    said = replace(held, diagnosis=replace(a_diagnosis(probability=0.83), shows=Shows.WORD))

    assert isinstance(next_move(held, POLICY, changed_at + POLICY.slow_patience - MINUTE), Wait)
    ended = next_move(held, POLICY, changed_at + POLICY.slow_patience)
    assert isinstance(ended, HandOver)
    assert ended.why.startswith("What it is named after keeps changing.")
    assert isinstance(next_move(said, POLICY, changed_at + POLICY.patience), HandOver)
    assert isinstance(next_move(unsafe, POLICY, changed_at + POLICY.patience), HandOver)


def test_a_word_of_the_device_or_a_cause_that_might_hurt_is_not_watched_for_long() -> None:
    unclear = a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4))
    due = unclear.ticket.changed_at + POLICY.patience
    said = replace(unclear, diagnosis=replace(a_diagnosis(probability=0.4), shows=Shows.WORD))
    unsafe = replace(unclear, playbook=a_playbook(a_fault("memory_leak", safety=True)))

    assert isinstance(next_move(unclear, POLICY, due), Wait)
    assert isinstance(next_move(said, POLICY, due), HandOver)
    assert isinstance(next_move(unsafe, POLICY, due), HandOver)


def test_what_is_normal_again_before_anything_was_done_has_passed() -> None:
    calm = a_view(normal_since=NOON - POLICY.calm_for, state=0.1)
    unclear = a_case(ticket=a_ticket(fault=None), view=calm, finding_at=NOON - POLICY.calm_for)

    assert next_move(unclear, POLICY, NOON) == Close(PASSED)
    assert isinstance(next_move(replace(unclear, finding_at=NOON - MINUTE), POLICY, NOON), Wait)


def test_a_quiet_signal_does_not_outweigh_fresh_evidence_of_a_sure_fault() -> None:
    calm = a_view(normal_since=NOON - timedelta(hours=2), state=0.1)

    assert next_move(a_case(view=calm), POLICY, NOON) == Try("restart")
    assert next_move(a_case(view=calm, finding_at=NOON - POLICY.evidence_lasts), POLICY, NOON) == Close(PASSED)


def test_slow_wear_has_not_passed_though_the_signal_is_within_its_usual() -> None:
    worn = a_view(normal_since=NOON - timedelta(hours=2), state=0.1, drift=1.4)

    assert next_move(a_case(view=worn, finding_at=NOON - timedelta(hours=5)), POLICY, NOON) == Try("restart")


def test_no_second_remedy_on_a_device_that_is_normal_again() -> None:
    tried = a_ticket(tried=(Tried("restart", "c1", NOON - 10 * MINUTE, Outcome.NO_ANSWER),))
    just_calm = a_case(ticket=tried, view=a_view(normal_since=NOON - MINUTE))
    long_calm = a_case(ticket=tried, view=a_view(normal_since=NOON - POLICY.calm_for), finding_at=None)

    assert next_move(just_calm, POLICY, NOON) == Wait(NOON + POLICY.look_every)
    assert next_move(long_calm, POLICY, NOON) == Close(NORMAL_AGAIN)


def test_what_a_remedy_was_judged_to_have_healed_is_not_said_to_be_unproven() -> None:
    healed = a_ticket(tried=(Tried("restart", "c1", NOON - timedelta(hours=2), Outcome.HEALED),))
    calm = a_case(ticket=healed, view=a_view(normal_since=NOON - POLICY.calm_for), finding_at=None)

    assert next_move(calm, POLICY, NOON) == Close(STILL_HEALED)


def test_each_kind_of_fault_has_its_own_answer() -> None:
    def about(fault: str) -> object:
        return next_move(a_case(ticket=a_ticket(fault=fault, fails_by=NOON + timedelta(days=6))), POLICY, NOON)

    assert about("fan_bearing_wear") == Book(NOON + POLICY.visit_lead, NOON + timedelta(days=6))
    assert about("door_left_open") == TellOwner()
    assert isinstance(about("heat_wave"), Close)


def test_a_visit_is_booked_even_when_the_time_left_has_run_out() -> None:
    late = a_case(ticket=a_ticket(fault="fan_bearing_wear", fails_by=NOON - timedelta(days=1)))

    assert next_move(late, POLICY, NOON) == Book(NOON + POLICY.visit_lead, None)


@pytest.mark.parametrize("visited", range(4))
def test_nobody_is_sent_once_as_many_visits_as_may_be_were_about_the_fault(visited: int) -> None:
    case = a_case(ticket=a_ticket(fault="fan_bearing_wear"), visited=visited)

    move = next_move(case, POLICY, NOON)

    assert isinstance(move, Book if visited < POLICY.most_visits else HandOver)


def test_a_product_without_a_playbook_goes_to_a_person_at_once() -> None:
    assert isinstance(next_move(a_case(playbook=None), POLICY, NOON), HandOver)


def test_a_fault_that_left_the_playbook_goes_to_a_person_in_the_end() -> None:
    gone = a_case(ticket=a_ticket(fault="no_such", changed_at=NOON - POLICY.patience))

    assert isinstance(next_move(gone, POLICY, NOON), HandOver)


@pytest.mark.parametrize("state", [TicketState.NOTICED, TicketState.AWAITING_APPROVAL])
@pytest.mark.parametrize("outcome", [None, Outcome.NOT_HEALED])
def test_what_is_normal_again_is_not_said_to_have_passed_by_itself_where_a_remedy_was_tried(
    state: TicketState, outcome: Outcome | None
) -> None:
    since = NOON - timedelta(hours=7)
    tried = () if outcome is None else (Tried("restart", "c1", since, outcome),)
    ticket = a_ticket(state=state, tried=tried, opened_at=since, changed_at=since)
    calm = a_view(state=0.1, now=(), normal_since=since, sample_at=NOON)

    move = next_move(a_case(ticket=ticket, view=calm, finding_at=since), POLICY, NOON)

    assert move == Close(NORMAL_AGAIN if tried else PASSED)


def test_guards_that_hold_too_long_bring_a_person_but_a_thrown_switch_does_not() -> None:
    old = a_ticket(opened_at=NOON - timedelta(days=1), changed_at=NOON - POLICY.guarded_for)
    busy = a_case(ticket=old, load=Load(in_flight=True, last_at=None, last_day=0))

    assert isinstance(next_move(busy, POLICY, NOON), HandOver)
    assert isinstance(next_move(a_case(ticket=old, halted=True), POLICY, NOON), Wait)


def test_how_long_guards_may_hold_a_remedy_back_counts_from_when_it_has_been_weighed() -> None:
    slow = a_playbook(a_fault("memory_leak", time_left=timedelta(days=7)))
    opened_at = NOON - POLICY.weigh_slow
    held = a_case(
        ticket=a_ticket(opened_at=opened_at, changed_at=opened_at),
        playbook=slow,
        load=Load(in_flight=True, last_at=None, last_day=0),
    )

    last = NOON + POLICY.guarded_for - MINUTE
    assert isinstance(next_move(replace(held, view=a_view(sample_at=last)), POLICY, last), Wait)
    late = last + MINUTE
    assert isinstance(next_move(replace(held, view=a_view(sample_at=late)), POLICY, late), HandOver)


def test_a_fault_that_was_named_late_has_its_six_hours_from_then() -> None:
    old = a_ticket(opened_at=NOON - timedelta(hours=20), changed_at=NOON - timedelta(hours=20))
    held = a_case(ticket=old, load=Load(in_flight=True, last_at=None, last_day=0))

    assert isinstance(next_move(held, POLICY, NOON), HandOver)
    assert isinstance(next_move(replace(held, named_at=NOON - MINUTE), POLICY, NOON), Wait)


def test_a_clock_that_was_set_back_brings_a_person_in_time() -> None:
    ahead = Load(in_flight=False, last_at=NOON + timedelta(days=365), last_day=1)
    begun = a_ticket(opened_at=NOON - timedelta(hours=5), changed_at=NOON - timedelta(hours=5))

    move = next_move(a_case(ticket=begun, load=ahead), POLICY, NOON)

    assert isinstance(move, Wait)
    assert move.until == begun.opened_at + POLICY.weigh_for + POLICY.guarded_for
    late = a_case(ticket=begun, load=ahead, view=a_view(sample_at=move.until))
    assert isinstance(next_move(late, POLICY, move.until), HandOver)


def test_guards_have_their_time_anew_once_a_halt_is_over() -> None:
    old = a_ticket(opened_at=NOON - timedelta(hours=20), changed_at=NOON - timedelta(hours=20))
    held = a_case(ticket=old, load=Load(in_flight=True, last_at=None, last_day=0))

    assert isinstance(next_move(replace(held, resumed_at=NOON - POLICY.guarded_for), POLICY, NOON), HandOver)
    assert isinstance(next_move(replace(held, resumed_at=NOON - POLICY.guarded_for + MINUTE), POLICY, NOON), Wait)


def test_evidence_that_fades_by_night_is_waited_for_until_it_has_faded_for_a_day() -> None:
    def faded(ago: timedelta) -> Move:
        old = a_ticket(opened_at=NOON - timedelta(days=3), changed_at=NOON - ago)
        return next_move(a_case(ticket=old, diagnosis=a_diagnosis(probability=0.3)), POLICY, NOON)

    assert isinstance(faded(POLICY.guarded_for), Wait)
    assert isinstance(faded(POLICY.slow_patience), HandOver)


def test_what_had_healed_and_is_back_is_weighed_anew_for_an_hour_or_so() -> None:
    slow = a_playbook(a_fault("memory_leak", time_left=timedelta(days=7)))
    back = a_ticket(
        opened_at=NOON - timedelta(days=3),
        changed_at=NOON - MINUTE,
        tried=(Tried("restart", "c", NOON - timedelta(days=2), Outcome.RECURRED, held_h=40.0),),
    )

    assert next_move(a_case(ticket=back, playbook=slow), POLICY, NOON) == Wait(back.changed_at + POLICY.weigh_most)


def test_an_approval_waits_a_day_and_is_withdrawn_when_the_fault_has_passed() -> None:
    asked = a_ticket(state=TicketState.AWAITING_APPROVAL)
    calm = a_view(normal_since=NOON - timedelta(hours=2))
    faded = NOON - POLICY.evidence_lasts

    assert next_move(a_case(ticket=asked), POLICY, NOON) == Wait(NOON + POLICY.look_every)
    assert isinstance(next_move(a_case(ticket=asked), POLICY, asked.changed_at + POLICY.approval_within), HandOver)
    assert next_move(a_case(ticket=asked, view=calm, finding_at=faded), POLICY, NOON) == Close(PASSED)


def test_an_owner_who_put_it_right_closes_the_ticket_and_one_who_did_not_gets_a_person() -> None:
    told = a_ticket(state=TicketState.WITH_OWNER, fault="door_left_open", changed_at=NOON - POLICY.calm_for)
    calm = a_view(normal_since=NOON - POLICY.calm_for)
    just_told = replace(told, changed_at=NOON)

    assert next_move(a_case(ticket=told), POLICY, NOON) == Wait(NOON + POLICY.look_every)
    assert isinstance(next_move(a_case(ticket=told, view=calm), POLICY, NOON), Close)
    assert isinstance(next_move(a_case(ticket=just_told, view=calm), POLICY, NOON), Wait)  # they have just heard
    assert isinstance(next_move(a_case(ticket=told), POLICY, told.changed_at + POLICY.owner_within), HandOver)


def test_a_healed_ticket_is_watched_for_a_week_and_then_closed() -> None:
    healed = a_ticket(state=TicketState.HEALED, changed_at=NOON)
    over_at = NOON + timedelta(days=7)

    assert next_move(a_case(ticket=healed), POLICY, NOON) == Wait(over_at)
    assert isinstance(next_move(a_case(ticket=healed), POLICY, over_at), Close)


def test_a_visit_without_a_report_brings_a_person() -> None:
    booked = a_case(ticket=a_ticket(state=TicketState.VISIT_BOOKED), visit_ends_at=NOON)

    assert next_move(booked, POLICY, NOON) == Wait(NOON + POLICY.visit_report_within)
    late = NOON + POLICY.visit_report_within
    assert isinstance(next_move(booked, POLICY, late), HandOver)
    calm = a_view(state=0.1, normal_since=NOON, sample_at=late, now=())
    assert next_move(replace(booked, view=calm), POLICY, late) == JudgeVisit()


def test_a_device_whose_model_has_seen_too_little_is_a_persons_matter() -> None:
    new = a_case(ticket=a_ticket(), view=replace(a_view(), warming=True))

    assert isinstance(next_move(new, POLICY, new.ticket.opened_at + POLICY.weigh_for), HandOver)


@pytest.mark.parametrize(
    "state", [TicketState.FIXING, TicketState.VERIFYING, TicketState.WITH_PERSON, TicketState.CLOSED]
)
def test_what_others_move_rests(state: TicketState) -> None:
    assert next_move(a_case(ticket=a_ticket(state=state)), POLICY, NOON) == Rest()


def test_two_suspects_close_together_are_not_sure() -> None:
    def judged(first: float, second: float) -> Suspect | None:
        return sure_of(Diagnosis((Suspect("a", first, ()), Suspect("b", second, ())), 0.0, ""), None, POLICY)

    assert judged(0.65, 0.35) == Suspect("a", 0.65, ())
    assert judged(0.65, 0.5) is None
    assert judged(0.55, 0.1) is None
    assert sure_of(Diagnosis((), 1.0, ""), None, POLICY) is None
    assert sure_of(None, None, POLICY) is None


def test_a_fault_may_ask_for_more_certainty_than_the_others() -> None:
    asking = a_playbook(a_fault("memory_leak", sure_from=0.85))

    assert sure_of(a_diagnosis(probability=0.84), asking, POLICY) is None
    assert sure_of(a_diagnosis(probability=0.85), asking, POLICY) is not None
    assert sure_of(a_diagnosis(probability=0.84), a_playbook(a_fault("memory_leak")), POLICY) is not None


def test_what_many_devices_show_at_once_is_brought_to_people_a_few_times_and_not_from_each() -> None:
    unclear = a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4))
    changed_at = unclear.ticket.changed_at
    soon, late = changed_at + POLICY.unclear_patience, changed_at + POLICY.slow_patience

    assert isinstance(next_move(unclear, POLICY, soon), HandOver)
    held = next_move(replace(unclear, is_common=True), POLICY, soon)
    assert isinstance(held, Wait)
    assert held.refusal is not None
    assert "several devices of this product" in held.refusal.text
    assert isinstance(next_move(replace(unclear, is_common=True), POLICY, late), HandOver)


def test_what_is_unclear_and_nowhere_far_off_is_spared_people_for_a_day() -> None:
    def unclear(*deviations: float | None) -> Case:
        now = tuple(Because(f"metric_{place}", 0.5, z, None, None) for place, z in enumerate(deviations))
        view = a_view(normal_since=None, state=12.0, drift=0.3, now=now)
        return a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4), view=view)

    changed_at = a_ticket().changed_at
    soon, late = changed_at + POLICY.unclear_patience, changed_at + POLICY.slow_patience

    held = next_move(unclear(-3.9, 2.0, None), POLICY, soon)
    assert isinstance(held, Wait)
    assert held.refusal is not None
    assert held.refusal.guard is Guard.SLIGHT
    assert isinstance(next_move(unclear(-3.9, 2.0), POLICY, late), HandOver)
    for plain in (unclear(-6.0, 2.0), unclear(None), unclear()):
        assert isinstance(next_move(plain, POLICY, soon), HandOver)
    assert isinstance(next_move(unclear(-3.9), replace(POLICY, slight_below=0.0, plain_from=0.0), soon), HandOver)
    said = unclear(-3.9)
    assert said.diagnosis is not None
    foreign = replace(said, diagnosis=replace(said.diagnosis, shows=Shows.FOREIGN))
    assert isinstance(next_move(foreign, POLICY, soon), HandOver)


def test_what_is_unclear_and_not_plainly_off_yet_is_spared_people_for_six_hours() -> None:
    def unclear(z: float, *, drift: float = 0.3, **changes: Any) -> Case:
        view = a_view(normal_since=None, state=12.0, drift=drift, now=(Because("fan_rpm", 1.0, z, None, None),))
        return a_case(ticket=a_ticket(fault=None), diagnosis=a_diagnosis(probability=0.4), view=view, **changes)

    soon, late = (a_ticket().changed_at + after for after in (POLICY.unclear_patience, POLICY.early_for))

    for moment, drift in ((soon, 0.3), (late - MINUTE, 0.3), (soon, 1.0)):  # what wears has days
        held = next_move(unclear(-5.9, drift=drift), POLICY, moment)
        assert isinstance(held, Wait)
        assert held.refusal is not None
        assert held.refusal.guard is Guard.EARLY
    assert isinstance(next_move(unclear(-5.9), POLICY, late), HandOver)
    assert isinstance(next_move(unclear(-6.0), POLICY, soon), HandOver)
    assert isinstance(next_move(unclear(-5.9, failed=True), POLICY, soon), HandOver)
    assert isinstance(next_move(unclear(-5.9), replace(POLICY, early_for=timedelta()), soon), HandOver)


def _perhaps_a_router(benign: float, fault: float, **view: Any) -> Case:
    router = a_fault("new_router", kind=FaultKind.BENIGN, symptoms=(Symptom("wifi_rssi_dbm", Direction.DOWN),))
    suspects = (Suspect("new_router", benign, ()), Suspect("memory_leak", fault, ()))
    diagnosis = Diagnosis(suspects, 1.0 - benign - fault, "")
    playbook = a_playbook(a_fault("memory_leak"), router)
    return a_case(ticket=a_ticket(fault=None), diagnosis=diagnosis, playbook=playbook, view=a_view(**view))


def _off(metric: str, z: float) -> tuple[Because, ...]:
    return (Because(metric, 1.0, z, None, None), Because("case_temp_c", 0.0, 3.9, None, None))


def test_what_is_unclear_and_most_likely_no_fault_is_spared_people_for_a_day() -> None:
    soon = a_ticket().changed_at + POLICY.unclear_patience
    off = _off("wifi_rssi_dbm", -9.0)

    held = next_move(_perhaps_a_router(0.45, 0.29, now=off), POLICY, soon)
    assert isinstance(held, Wait)
    assert held.refusal is not None
    assert held.refusal.guard is Guard.HARMLESS
    worn = (Worn("fan_rpm", -6.0, -100.0, 1_200.0, 1_100.0),)
    for now in (_off("wifi_rssi_dbm", 9.0), _off("fan_rpm", -9.0)):
        assert isinstance(next_move(_perhaps_a_router(0.45, 0.19, now=now), POLICY, soon), HandOver)
    assert isinstance(next_move(_perhaps_a_router(0.45, 0.19, now=off, worn=worn), POLICY, soon), HandOver)
    for benign, fault in ((0.45, 0.3), (0.1, 0.15)):
        assert isinstance(next_move(_perhaps_a_router(benign, fault, now=off), POLICY, soon), HandOver)


def test_what_has_needed_nobody_for_a_day_is_closed_and_what_might_be_a_fault_goes_to_a_person() -> None:
    late = a_ticket().changed_at + POLICY.slow_patience
    off, slightly = _off("wifi_rssi_dbm", -9.0), _off("fan_rpm", -3.9)

    closed = next_move(_perhaps_a_router(0.45, 0.29, now=off), POLICY, late)
    assert isinstance(closed, Close)
    assert "fits" in closed.resolution
    slight = next_move(_perhaps_a_router(0.1, 0.2, now=slightly), POLICY, late)
    assert isinstance(slight, Close)
    assert "far from its usual" in slight.resolution
    for now in (off, slightly):
        assert isinstance(next_move(_perhaps_a_router(0.45, 0.3, now=now), POLICY, late), HandOver)
    wearing = _perhaps_a_router(0.1, 0.2, now=slightly, drift=DRIFTING)
    assert isinstance(next_move(wearing, POLICY, late), HandOver)
    said = replace(wearing, diagnosis=Diagnosis((), 1.0, "", shows=Shows.WORD))
    assert isinstance(next_move(said, POLICY, late), HandOver)
    named = _perhaps_a_router(0.1, 0.2, now=slightly)
    for somebodys in (
        replace(named, ticket=a_ticket(fault="gone_from_the_playbook")),
        replace(named, failed=True),
        replace(named, playbook=a_playbook(a_fault("memory_leak", safety=True))),
    ):
        assert isinstance(next_move(somebodys, POLICY, late), HandOver)


def test_evidence_at_the_very_end_of_its_time_is_no_ground_since_nothing_could_leave_on_it() -> None:
    old, younger = POLICY.stale_after, POLICY.stale_after - timedelta(microseconds=1)

    assert is_fresh(a_view(sample_at=NOON - younger), POLICY, NOON)
    assert not is_fresh(a_view(sample_at=NOON - old), POLICY, NOON)


def test_what_somebody_must_come_for_has_not_passed_for_being_quiet_a_while_and_is_booked_when_it_shows_again() -> None:
    ticket = a_ticket(fault="fan_bearing_wear")
    quiet, seen = a_view(normal_since=NOON - timedelta(hours=3)), NOON - timedelta(hours=5)
    case = a_case(ticket=ticket, view=quiet, finding_at=seen)

    assert next_move(case, POLICY, NOON) == Wait(NOON + POLICY.slow_look)
    assert isinstance(next_move(replace(case, view=a_view(normal_since=None, state=6.0)), POLICY, NOON), Book)
    assert next_move(replace(case, finding_at=NOON - POLICY.slow_patience), POLICY, NOON) == Close(PASSED)


def test_what_sets_a_value_is_set_by_the_agent_once_and_then_as_a_person_says() -> None:
    sets = a_remedy("restart", rollback=True)
    playbook = a_playbook(
        a_fault(remedies=("restart", "defrost"), skill="cooling"), remedies=(sets, a_remedy("defrost"))
    )
    back = tuple(
        Tried("restart", f"c{number}", NOON - timedelta(days=3 - number), Outcome.RECURRED, held_h=held_h)
        for number, held_h in enumerate((1.0, 40.0, 2.0))
    )
    cases = [
        a_case(playbook=playbook, set_right=frozenset({"restart"}), ticket=a_ticket(tried=back[:times]))
        for times in range(4)
    ]
    suggested = replace(cases[1], permits={"restart": a_permit(Autonomy.SUGGEST, sets)})

    for case in (*cases, suggested):
        move = next_move(case, POLICY, NOON)
        assert isinstance(move, AskApproval)
        assert (move.remedy, move.refusal and move.refusal.guard) == ("restart", Guard.SET_AGAIN)
    refused = replace(
        cases[1],
        refused=frozenset({"restart"}),
        playbook=a_playbook(a_fault(remedies=("restart",), skill="cooling"), remedies=(sets,)),
    )
    assert isinstance(next_move(refused, POLICY, NOON), HandOver)


def test_what_sets_a_value_and_has_not_healed_is_not_asked_for_again_and_the_next_one_gets_its_turn() -> None:
    playbook = a_playbook(
        a_fault(remedies=("restart", "defrost")), remedies=(a_remedy("restart", rollback=True), a_remedy("defrost"))
    )
    earlier = Tried("restart", "c0", NOON - timedelta(days=2), Outcome.RECURRED, held_h=20.0)
    for outcome in (Outcome.NOT_HEALED, Outcome.NO_ANSWER):
        for before in ((), (earlier,)):  # healed under another ticket, or under this one
            ticket = a_ticket(tried=(*before, Tried("restart", "c1", NOON - timedelta(hours=2), outcome)))
            move = next_move(a_case(playbook=playbook, set_right=frozenset({"restart"}), ticket=ticket), POLICY, NOON)
            assert move == Try("defrost")
