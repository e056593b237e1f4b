"""What is done next about a ticket (pure): one decision in one place, told the time.

It sends nothing and changes nothing. While a command is in flight or its effect is being verified the ticket
rests here; ``desk/deadlines.py`` and ``desk/check.py`` move it on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never

from agent.decide.breaker import COUNTED
from agent.decide.case import Case, is_calm, is_fresh
from agent.decide.guards import ASKING, HARD, SOFT, SPENT, first_refusal, gathered, holiday, set_again
from agent.decide.holidays import last_over
from agent.decide.moves import (
    AskApproval,
    Book,
    Close,
    Guard,
    HandOver,
    JudgeVisit,
    Move,
    Refusal,
    Rest,
    Suggest,
    TellOwner,
    Try,
    Wait,
)
from agent.decide.passing import has_passed, passed
from agent.decide.patience import is_held, needs_nobody, patience_of, spared_for
from agent.decide.policy import Policy
from agent.desk.ticket import Outcome, Ticket, TicketState, Tried
from agent.diagnose.playbook import Autonomy, Fault, FaultKind, Remedy

_LOOK_SHARE: Final = 0.1  # of the time a question has been open, until it is looked at again
_TURNED: Final = frozenset({Outcome.WORSE, Outcome.HEALED, Outcome.RECURRED})  # for better or worse


def next_move(case: Case, policy: Policy, now: datetime) -> Move:
    """Choose what to do about a ticket at ``now``.

    A fault is acted on once the diagnosis is sure and the ticket is not brand new. Remedies run in playbook order,
    each once unless the playbook says otherwise, and only past every guard; with none left a visit is booked where
    the fault names a skill, otherwise a person decides. What stays unclear beyond the policy's patience
    goes to a person; what is normal again before anything was done has passed.
    """
    match case.ticket.state:
        case TicketState.NOTICED:
            return _weigh(case, policy, now)
        case TicketState.AWAITING_APPROVAL:
            return _wait_for_approval(case, policy, now)
        case TicketState.WITH_OWNER:
            return _wait_for_owner(case, policy, now)
        case TicketState.VISIT_BOOKED:
            return _wait_for_visit(case, policy, now)
        case TicketState.HEALED:
            return _watch(case, policy, now)
        case TicketState.FIXING | TicketState.VERIFYING | TicketState.WITH_PERSON | TicketState.CLOSED:
            return Rest()
        case never:
            assert_never(never)


def _weigh(case: Case, policy: Policy, now: datetime) -> Move:
    if case.playbook is None:
        return HandOver(f"There is no playbook for {case.ticket.product or 'a product that never said its name'}.")
    if has_passed(case, policy, now):
        return passed(case)
    fault = case.fault()
    if fault is None:
        return _stay_unsure(case, policy, now)
    refusal = gathered(case, policy, now)
    if refusal is not None and not fault.safety:
        return Wait(now + policy.frozen_look, refusal)
    if fault.kind is not FaultKind.BENIGN and case.view is not None and case.view.warming:
        return HandOver("Its model has seen too little of it yet, so only its own word speaks for this.")
    weighed_at = _weighed_at(case.ticket, fault, policy)
    return Wait(weighed_at) if now < weighed_at else _answer(case, fault, policy, now)


def _weighed_at(ticket: Ticket, fault: Fault, policy: Policy) -> datetime:
    """Return when a ticket has been weighed: what a remedy had healed and is back is weighed anew, if not as long."""
    if ticket.tried and ticket.tried[-1].outcome is Outcome.RECURRED:
        return ticket.changed_at + min(_weighed_for(fault, policy), policy.weigh_most)
    return ticket.opened_at + _weighed_for(fault, policy)


def _weighed_for(fault: Fault, policy: Policy) -> timedelta:
    """Return how old a ticket must be before anything is done about a fault; safety and short times left hurry.

    A meter that drifts is felt after a week and named within minutes, when much else still looks like it.
    """
    if fault.safety or fault.time_left is None:
        return policy.weigh_for
    if fault.kind is FaultKind.HEALABLE and fault.time_left >= policy.slow_from:
        return policy.weigh_slow
    return max(policy.weigh_for, min(policy.weigh_share * fault.time_left, policy.weigh_most))


def _answer(case: Case, fault: Fault, policy: Policy, now: datetime) -> Move:
    match fault.kind:
        case FaultKind.BENIGN:
            return Close("It is no fault, and nothing needs doing.")
        case FaultKind.OWNER:
            return TellOwner()
        case FaultKind.VISIT:
            waits = case.is_quiet(policy, now) if case.ticket.tried else is_calm(case.view, policy, now)
            if waits and not fault.safety:
                return Wait(now + policy.slow_look)  # nobody is sent for what may not show again
            return _come(case, policy, now)
        case FaultKind.HEALABLE:
            return _heal(case, fault, policy, now)
        case never:
            assert_never(never)


def _stay_unsure(case: Case, policy: Policy, now: datetime) -> Move:
    patience, asked_for = patience_of(case, policy), now - case.ticket.changed_at
    held = is_held(case, policy)  # its name may have held any minute
    if asked_for < patience:
        soonest = policy.slow_look if patience >= policy.slow_patience and not held else policy.look_every
        pause = max(soonest, min(_LOOK_SHARE * asked_for, policy.slow_look))
        return Wait(min(now + pause, case.ticket.changed_at + patience))
    spared = spared_for(case, policy, asked_for) if patience == policy.unclear_patience else None
    if spared is not None:
        return Wait(now + policy.slow_look, spared)
    nothing = needs_nobody(case, policy) if asked_for >= policy.slow_patience else None
    if nothing is not None:
        return Close(nothing)
    if case.ticket.fault is not None:
        return HandOver(f"The playbook no longer has the fault {case.ticket.fault}.")
    if case.diagnosis is None:
        return HandOver("Nothing is heard from the device, so nothing can be said about the cause.")
    why = "What it is named after keeps changing." if held else "No known fault fits well enough."
    return HandOver(f"{why} {case.diagnosis.explanation}".strip())


def _come(case: Case, policy: Policy, now: datetime, why: str = "") -> Move:
    if case.visited >= policy.most_visits:
        in_vain = f"The same shows again after {case.visited} visits, so one more would not end it."
        return HandOver(f"{in_vain} {why}".strip())
    if not is_fresh(case.view, policy, now):
        if now - case.ticket.changed_at >= policy.guarded_for:
            return HandOver("A visit seems needed, and the device has not been heard well since; a person decides.")
        return Wait(now + policy.look_every, Refusal(Guard.STALE, "Not now: no visit is booked on old evidence."))
    earliest = now + policy.visit_lead
    latest = case.ticket.fails_by
    # A time left that has run out is no reason to stay away.
    return Book(earliest, latest if latest is not None and latest > earliest else None, why)


def _heal(case: Case, fault: Fault, policy: Policy, now: datetime) -> Move:
    assert case.playbook is not None  # a fault comes from one
    if case.ticket.tried and case.is_quiet(policy, now):
        # The last remedy may have helped after all: no second one on a normal device.
        return Wait(now + policy.look_every)
    why = _stopped(case, policy)
    if why is not None:
        return _come(case, policy, now, why) if fault.skill else HandOver(why)
    reasons: list[str] = []
    for name in fault.remedies:
        remedy = case.playbook.remedy(name)
        spent = first_refusal(SPENT, case, remedy, policy, now)
        if spent is not None:
            reasons.append(spent.text)
        elif case.autonomy(remedy) is Autonomy.OBSERVE:
            reasons.append(f"The agent would have sent {remedy.name} and is told only to observe.")
        else:
            return _propose_or_try(case, remedy, policy, now)
    why = " ".join(("No remedy is left.", *reasons))
    # Nobody travels for what somebody at the device may want as it is.
    comes = fault.skill and case.set_right.isdisjoint(fault.remedies)
    return _come(case, policy, now, why) if comes else HandOver(why)


def _stopped(case: Case, policy: Policy) -> str | None:
    """Return why no further remedy is tried on this ticket, whatever is left; ``None``: one may be."""
    tried = case.ticket.tried
    # What sets values is no cure that fails: whether it is wanted again, a person says each time.
    recurred = sum(one.outcome is Outcome.RECURRED and one.remedy not in case.set_right for one in tried)
    if recurred >= policy.most_recurrences:
        return f"It was healed and came back {recurred} times, so no remedy reaches its cause."
    if not tried:
        return None
    harmful = _harmful(tried)
    if harmful is not None:
        return f"The device was worse off after {harmful.remedy}, so nothing more is tried."
    last = tried[-1]
    record = case.records.get(last.remedy)
    failed = last.outcome in COUNTED - {Outcome.HEALED, Outcome.RECURRED}
    if failed and record is not None and record.breaker is not None and record.breaker.is_open:
        return f"{last.remedy} has not helped here, and its breaker is open on this firmware. {record.breaker.why}"
    return None


def _harmful(tried: Sequence[Tried]) -> Tried | None:
    """Return the last remedy that made the device worse, unless one has healed it since, whoever sent what."""
    last = next((one for one in reversed(tried) if one.outcome in _TURNED), None)
    return last if last is not None and last.outcome is Outcome.WORSE else None


def _propose_or_try(case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Move:
    refusal = set_again(case, remedy, policy, now)
    if refusal is not None:
        return AskApproval(remedy.name, refusal)
    match case.autonomy(remedy):
        case Autonomy.SUGGEST:
            return Suggest(remedy.name)
        case Autonomy.ASK:
            return AskApproval(remedy.name)
        case Autonomy.ACT_IF_REVERSIBLE if not remedy.reversible:
            return AskApproval(remedy.name)
        case Autonomy.ACT | Autonomy.ACT_IF_REVERSIBLE:
            return _try_past_guards(case, remedy, policy, now)
        case Autonomy.OBSERVE:
            return HandOver(f"The agent is told only to observe {remedy.name}.")
        case never:
            assert_never(never)


def _try_past_guards(case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Move:
    refusal = first_refusal(ASKING, case, remedy, policy, now)
    if refusal is not None:
        return AskApproval(remedy.name, refusal)
    refusal = first_refusal((*HARD, *SOFT), case, remedy, policy, now)
    if refusal is None:
        return Try(remedy.name)
    # A thrown switch is people's own doing: they know, and the queue need not fill up with it.
    # What shows only in use fades every night.
    held_for = policy.slow_patience if refusal.guard is Guard.FADED else policy.guarded_for
    waits = case.halted or holiday(case, remedy, policy, now) is not None  # for a day that everybody knows
    late_at = _ripe_at(case, policy, now) + held_for
    if now >= late_at and not waits:
        return HandOver(f"Guards have kept {remedy.name} back for too long. {refusal.text}")
    look_at = max(refusal.until or now, now + policy.look_every)
    return Wait(look_at if waits else min(look_at, late_at), refusal)  # once a clock was set, a guard may mean years


def _ripe_at(case: Case, policy: Policy, now: datetime) -> datetime:
    """Return from when on a remedy could have been sent, had none but a halt or a holiday spoken against it."""
    fault = case.fault()
    weighed_at = case.ticket.opened_at if fault is None else _weighed_at(case.ticket, fault, policy)
    ripe_at = max(case.ticket.changed_at, weighed_at, case.named_at or weighed_at, case.resumed_at or weighed_at)
    over = last_over(policy.holidays, ripe_at, now, case.zone) if policy.holidays else None
    return ripe_at if over is None else max(ripe_at, over)


def _wait_for_approval(case: Case, policy: Policy, now: datetime) -> Move:
    if has_passed(case, policy, now):
        return passed(case)
    late_at = case.ticket.changed_at + policy.approval_within
    if now >= late_at:
        return HandOver("Nobody decided in time whether the remedy may be sent.")
    return Wait(min(now + policy.look_every, late_at))


def _wait_for_owner(case: Case, policy: Policy, now: datetime) -> Move:
    told_for = now - case.ticket.changed_at
    if told_for >= policy.calm_for and case.is_back(policy, now, during=policy.calm_for):
        return Close("It was put right by hand: the device's own signal is normal again.")
    late_at = case.ticket.changed_at + policy.owner_within
    if now >= late_at and not case.owner_heard:
        return HandOver("Only its owner can put it right, and no message has reached them.")
    if now >= late_at:
        return HandOver("The owner was told what they can do, and the device is still not normal.")
    return Wait(min(now + policy.look_every, late_at))


def _wait_for_visit(case: Case, policy: Policy, now: datetime) -> Move:
    if case.visit_ends_at is None:
        return HandOver("The visit this ticket waited for is no longer booked.")
    late_at = case.visit_ends_at + policy.visit_report_within
    if now < late_at:
        return Wait(late_at)
    if is_calm(case.view, policy, now, during=policy.visit_verify_for):
        return JudgeVisit()
    return HandOver("The time of the visit is over, there is no report of it, and the device is not normal.")


def _watch(case: Case, policy: Policy, now: datetime) -> Move:
    over_at = case.ticket.changed_at + policy.watch_for
    if now < over_at:
        return Wait(over_at)
    days = policy.watch_for.days
    return Close(f"Healed, and it did not come back within {days} days.")
