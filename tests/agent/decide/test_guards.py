"""What may stop a remedy, one by one and together."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.decide.case import Case, Load, is_fresh
from agent.decide.guards import HARD, SOFT, SPENT, first_refusal
from agent.decide.moves import AskApproval, Close, Guard, HandOver, Suggest, Try, Wait
from agent.decide.next_move import next_move
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome, TicketState, Tried
from agent.diagnose.playbook import Autonomy
from tests.builders import (
    MINUTE,
    NOON,
    a_case,
    a_device,
    a_diagnosis,
    a_fault,
    a_permit,
    a_playbook,
    a_remedy,
    a_ticket,
    a_view,
    a_visit,
)

RESTART = a_remedy("restart")
CAREFUL = a_playbook(a_fault("memory_leak", sure_from=0.85))


def visited(*begins_in: timedelta) -> Case:
    """A case with visits of two hours that begin so much later, none of them reported on."""
    return a_case(visits=tuple(a_visit(NOON + one) for one in begins_in))


def guard_of(case: Case) -> Guard | None:
    refusal = first_refusal((*SPENT, *HARD, *SOFT), case, RESTART, POLICY, NOON)
    return None if refusal is None else refusal.guard


@pytest.mark.parametrize(
    ("case", "guard"),
    [
        (a_case(), None),
        (a_case(halted=True), Guard.HALT),
        (a_case(load=Load(in_flight=True, last_at=None, last_day=0)), Guard.IN_FLIGHT),
        (a_case(device=a_device(online=False)), Guard.OFFLINE),
        (a_case(device=a_device(busy=True)), Guard.BUSY),
        (a_case(device=a_device(commands=("defrost",))), Guard.UNSUPPORTED),
        (a_case(view=None), Guard.STALE),
        (a_case(view=a_view(sample_at=NOON - 6 * MINUTE)), Guard.STALE),
        (a_case(view=a_view(sample_at=NOON - 5 * MINUTE)), Guard.STALE),
        (a_case(view=a_view(sample_at=NOON - 4 * MINUTE)), None),
        (a_case(view=a_view(incomplete_since=NOON - MINUTE)), Guard.STALE),
        (a_case(load=Load(in_flight=False, last_at=NOON - 29 * MINUTE, last_day=1)), Guard.COOLDOWN),
        (a_case(load=Load(in_flight=False, last_at=NOON - 30 * MINUTE, last_day=1)), None),
        (a_case(load=Load(in_flight=False, last_at=NOON - timedelta(hours=5), last_day=3)), Guard.DAILY),
        (a_case(device=a_device(product="volt-12")), Guard.PRODUCT),
        (a_case(device=a_device(off_on_purpose=True)), Guard.SWITCHED_OFF),
        (a_case(device=a_device(off_on_purpose=True, online=False)), Guard.SWITCHED_OFF),
        (visited(timedelta(hours=1)), Guard.VISIT),
        (visited(timedelta(hours=2)), Guard.VISIT),
        (visited(timedelta()), Guard.VISIT),
        (visited(-MINUTE), Guard.VISIT),
        (visited(timedelta(hours=-6)), Guard.VISIT),
        (visited(timedelta(hours=-7)), None),
        (visited(timedelta(hours=-7), timedelta(hours=1)), Guard.VISIT),
        (a_case(diagnosis=a_diagnosis(probability=0.51)), None),
        (a_case(diagnosis=a_diagnosis(probability=0.49)), Guard.FADED),
        (a_case(diagnosis=a_diagnosis("fan_bearing_wear")), Guard.FADED),
        (a_case(diagnosis=a_diagnosis(probability=0.64), playbook=CAREFUL), Guard.FADED),
        (a_case(diagnosis=a_diagnosis(probability=0.66), playbook=CAREFUL), None),
        (visited(timedelta(hours=3)), None),
        (a_case(refused=frozenset({"restart"})), Guard.REFUSED),
        (a_case(ticket=a_ticket(tried=(Tried("restart", "c", NOON, Outcome.FAILED),))), Guard.ONCE),
        (a_case(ticket=a_ticket(tried=(Tried("restart", "c", NOON, Outcome.REJECTED),))), None),
        (a_case(ticket=a_ticket(tried=(Tried("restart", "c", NOON, Outcome.REJECTED),) * 2)), Guard.ONCE),
        (a_case(ticket=a_ticket(tried=(Tried("defrost", "c", NOON, Outcome.FAILED),))), None),
    ],
)
def test_each_guard_speaks_when_it_should_and_only_then(case: Case, guard: Guard | None) -> None:
    assert guard_of(case) is guard


def test_every_guard_belongs_to_exactly_one_group() -> None:
    rules = [*HARD, *SOFT, *SPENT]

    assert len(rules) == len(set(rules))


instants = st.timedeltas(min_value=-timedelta(days=2), max_value=timedelta(days=2)).map(lambda delta: NOON + delta)
tried = st.builds(
    Tried, st.sampled_from(["restart", "defrost"]), st.just("c"), instants, st.sampled_from([None, *Outcome])
)
REMEDIES = st.sampled_from([a_remedy("restart"), a_remedy("defrost"), a_remedy("restart", reversible=False)])
cases = st.builds(
    a_case,
    ticket=st.builds(
        a_ticket,
        fault=st.sampled_from([None, "memory_leak", "fan_bearing_wear", "door_left_open", "heat_wave", "gone"]),
        state=st.sampled_from(TicketState),
        opened_at=instants,
        changed_at=instants,
        tried=st.lists(tried, max_size=4).map(tuple),
    ),
    device=st.builds(
        a_device,
        product=st.sampled_from(["frost-200", "volt-12"]),
        off_on_purpose=st.booleans(),
        online=st.booleans(),
        busy=st.booleans(),
        commands=st.sampled_from([(), ("restart",), ("restart", "defrost")]),
    ),
    view=st.none()
    | st.builds(
        a_view,
        normal_since=st.none() | instants,
        sample_at=st.none() | instants,
        incomplete_since=st.none() | instants,
        drift=st.floats(0, 3),
    ),
    finding_at=st.none() | instants,
    load=st.builds(Load, st.booleans(), st.none() | instants, st.integers(0, 5)),
    permits=st.dictionaries(
        st.sampled_from(["restart", "defrost"]), st.builds(a_permit, st.sampled_from(Autonomy), REMEDIES)
    ),
    refused=st.frozensets(st.sampled_from(["restart", "defrost"])),
    visit_ends_at=st.none() | instants,
    visits=st.lists(instants.map(a_visit), max_size=3).map(tuple),
    halted=st.booleans(),
    may_fix=st.booleans(),
)


@given(cases)
def test_nothing_is_sent_against_any_guard(case: Case) -> None:
    move = next_move(case, POLICY, NOON)

    if isinstance(move, Try):
        runs = [one for one in case.ticket.tried if one.remedy == move.remedy and one.outcome is not Outcome.REJECTED]
        assert case.ticket.state is TicketState.NOTICED
        if move.remedy in case.permits:
            assert case.permits[move.remedy] in {
                a_permit(level, a_remedy(move.remedy)) for level in (Autonomy.ACT, Autonomy.ACT_IF_REVERSIBLE)
            }
        assert case.may_fix
        assert not case.halted
        assert not case.load.in_flight
        assert not case.device.busy
        assert case.device.online
        assert not case.device.off_on_purpose
        assert case.device.product == case.ticket.product
        assert move.remedy in case.device.commands
        assert case.load.last_day < POLICY.remedies_a_day
        assert case.load.last_at is None or NOON - case.load.last_at >= POLICY.cooldown
        assert is_fresh(case.view, POLICY, NOON)
        assert not runs
        assert move.remedy not in case.refused
        for visit in case.visits:
            ahead, over = visit.starts_at - POLICY.before_visit, visit.ends_at + POLICY.visit_report_within
            assert not ahead <= NOON <= over


@given(cases)
def test_every_refusal_has_a_reason_and_every_wait_an_end(case: Case) -> None:
    match next_move(case, POLICY, NOON):
        case Wait(until, refusal):
            assert until > NOON
            assert refusal is None or refusal.text.endswith(".")
        case HandOver(why) | Close(why):
            assert why.endswith((".", "!", "?"))
        case AskApproval(_, refusal):
            assert refusal is None or refusal.text.endswith(".")
        case _:
            pass


@given(cases, instants)
def test_nobody_is_even_asked_about_what_is_spent(case: Case, now: datetime) -> None:
    move = next_move(case, POLICY, now)

    if isinstance(move, Try | AskApproval | Suggest):
        assert move.remedy not in case.refused
        assert move.remedy in case.device.commands
