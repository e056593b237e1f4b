"""The rules that may stop a remedy (pure), each by itself: a refusal in words, or ``None``.

``HARD`` guards hold for staff too; ``SOFT`` ones are a person's to overrule. ``SPENT`` ones rule a remedy out for
this ticket, so that the next one has its turn; ``ASKING`` ones let a person decide about it; the others only say "not
now". ``SETTING_BACK`` are those that hold for taking a remedy back. Sentences hold no figures that change from look to
look, because each is told once.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.decide.breaker import BreakerState, state_of
from agent.decide.case import Case, is_fresh, sure_from
from agent.decide.fleet import canary_room, most_at_once
from agent.decide.holidays import holiday_on, over_at
from agent.decide.moves import Guard, Refusal
from agent.decide.policy import Policy
from agent.desk.ticket import Outcome, Tried
from agent.diagnose.playbook import Remedy

_HEALED = frozenset({Outcome.HEALED, Outcome.RECURRED})

Rule = Callable[[Case, Remedy, Policy, datetime], Refusal | None]


def halted(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while the kill switch is thrown."""
    return Refusal(Guard.HALT, "Not now: every automatic fix is halted.") if case.halted else None


def in_flight(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while another command to the device is not answered for good."""
    if not case.load.in_flight:
        return None
    return Refusal(Guard.IN_FLIGHT, "Not now: another command to this device is in flight.")


def another_product(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse what the playbook of one product says to a device that has become another."""
    if case.device.product == case.ticket.product:
        return None
    return Refusal(Guard.PRODUCT, "Not now: the device is another product now.")


def switched_off(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while the device is off on purpose: it says so before its connection goes, and some stay connected."""
    if not case.device.off_on_purpose:
        return None
    return Refusal(Guard.SWITCHED_OFF, "Not now: it was switched off at its switch.")


def offline(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while the device is not connected: it would do later what is right now."""
    return None if case.device.online else Refusal(Guard.OFFLINE, "Not now: the device is offline.")


def busy(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while somebody is using the device."""
    return Refusal(Guard.BUSY, "Not now: somebody is using the device.") if case.device.busy else None


def stale(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse on old evidence, and across a gap."""
    if is_fresh(case.view, policy, now):
        return None
    if case.view is not None and case.view.incomplete_since is not None:
        return Refusal(Guard.STALE, "Not now: samples are missing, and nothing is done across a gap.")
    minutes = policy.stale_after.total_seconds() / 60
    return Refusal(Guard.STALE, f"Not now: the newest sample is older than {minutes:.0f} minutes.")


def returned(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while a device that had been switched off finds back to its usual; it takes as long as it was off."""
    if case.back_at is None:
        return None
    until = case.back_at + min(case.was_off_for, policy.comes_back_within)
    if now >= until:
        return None
    text = "Not now: it had been switched off, and is still on its way back to its usual."
    return Refusal(Guard.RETURNED, text, until)


def cooldown(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse shortly after another remedy: its effect must be able to show first."""
    if case.load.last_at is None or now - case.load.last_at >= policy.cooldown:
        return None
    minutes = policy.cooldown.total_seconds() / 60
    text = f"Not now: the last remedy on this device is less than {minutes:.0f} minutes ago."
    return Refusal(Guard.COOLDOWN, text, case.load.last_at + policy.cooldown)


def daily(case: Case, _remedy: Remedy, policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse when the device has had its share of remedies for 24 hours."""
    if case.load.last_day < policy.remedies_a_day:
        return None
    return Refusal(Guard.DAILY, f"Not now: this device has had {policy.remedies_a_day} remedies within 24 hours.")


def visit(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse from shortly before somebody comes to look at the device until they have reported.

    A report that never comes is waited for as long after the end of the visit as one may take.
    """
    ahead = [one.starts_at for one in case.visits if now < one.starts_at <= now + policy.before_visit]
    if any(one.starts_at <= now <= one.ends_at + policy.visit_report_within for one in case.visits):
        return Refusal(Guard.VISIT, "Not now: a technician is there, or has not reported yet.")
    return Refusal(Guard.VISIT, "Not now: a technician is about to visit.", min(ahead)) if ahead else None


def holiday(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse on a public holiday what can wait until it is over: few are there to help, should it go wrong."""
    name = holiday_on(policy.holidays, now.astimezone(ZoneInfo(case.zone)).date())
    if name is None:
        return None
    over = over_at(policy.holidays, now, case.zone)
    fault, felt_by = case.fault(), case.ticket.fails_by
    if felt_by is None or felt_by <= over or (fault is not None and fault.safety):
        return None
    return Refusal(Guard.HOLIDAY, f"Not now: it is a holiday ({name}), and this can wait until it is over.", over)


def clock(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while the last remedy lies in the future: the machine's clock was set, and nothing can be counted."""
    if case.load.last_at is None or case.load.last_at - now <= policy.clock_slack:
        return None
    text = "Not now: the last remedy on this device lies in the future, so the clock of this machine was set."
    return Refusal(Guard.CLOCK, text, case.load.last_at)


def fleet(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while as many devices of the product have a remedy at work as may at once."""
    if case.crowd.at_work < most_at_once(case.crowd.devices, policy):
        return None
    text = "Not now: as many devices of this product have a remedy at work as may at once."
    return Refusal(Guard.FLEET, text, now + policy.crowd_look)


def hourly(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse when the product has had its share of remedies for an hour."""
    if case.crowd.last_hour < policy.fleet_per_hour:
        return None
    text = f"Not now: this product has had {policy.fleet_per_hour} remedies within an hour."
    return Refusal(Guard.HOURLY, text, now + policy.crowd_look)


def canary(case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while a remedy that is new to the firmware, or of a new playbook, has not proven itself on a few."""
    if canary_room(case.record(remedy), policy) != 0:
        return None
    text = f"Not now: {remedy.name} is new to this firmware, and the first devices to get it are not verified yet."
    return Refusal(Guard.CANARY, text, now + policy.crowd_look)


def trial(case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse a second trial while a breaker is half open and the first has not ended."""
    record = case.record(remedy)
    if record.at_work == 0 or state_of(record.breaker, policy, now) is not BreakerState.HALF_OPEN:
        return None
    text = f"Not now: the breaker of {remedy.name} is half open, and one device at a time may try it."
    return Refusal(Guard.TRIAL, text, now + policy.crowd_look)


def breaker(case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse, without a person, what has failed too often on this firmware."""
    record = case.record(remedy)
    if record.breaker is None or state_of(record.breaker, policy, now) is not BreakerState.OPEN:
        return None
    text = f"Not by itself: the breaker of {remedy.name} is open on this firmware. {record.breaker.why}"
    return Refusal(Guard.BREAKER, text, record.breaker.changed_at + policy.breaker_pause)


def frozen(case: Case, _remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Refuse while the same fault shows on many devices at once and a person has not decided about all of them."""
    return gathered(case, policy, now)


def gathered(case: Case, policy: Policy, now: datetime) -> Refusal | None:
    """Return why nothing at all is done about a ticket whose fault shows everywhere; ``None``: it does not."""
    if case.frozen_by is None:
        return None
    text = f"Not now: many devices have this fault at once. {case.frozen_by} gathers them, and a person decides."
    return Refusal(Guard.FROZEN, text, now + policy.frozen_look)


def consent(case: Case, _remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse where the owner has not agreed to fixes without being asked."""
    if case.may_fix:
        return None
    return Refusal(Guard.CONSENT, "Not by itself: the owner has not agreed to fixes without being asked.")


def taken_out(case: Case, remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse, without a person, what the playbook in force does not have like that any more: it may have done harm."""
    if remedy.name not in case.taken_out:
        return None
    text = f"Not by itself: the playbook in force no longer has {remedy.name} as it was when this ticket was opened."
    return Refusal(Guard.TAKEN_OUT, text)


def set_again(case: Case, remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse, without a person, to set a second time what may be as it is because somebody at the device wants it so.

    No device says who changed a setting, so it is set right once; how often a person may is theirs to say.
    """
    if remedy.name not in case.set_right:
        return None
    text = "Not by itself: it was set back once and is off again. Perhaps somebody sets it at the device, and may."
    return Refusal(Guard.SET_AGAIN, text)


def once(case: Case, remedy: Remedy, policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse the same remedy twice for one ticket.

    One that the device turned down did not run. One that healed for long before the fault came back may run once more,
    and one that sets values as often as a person agrees and it heals.
    """
    runs = [tried for tried in case.ticket.tried if tried.remedy == remedy.name]
    turned_down = sum(tried.outcome is Outcome.REJECTED for tried in runs)
    if turned_down >= policy.max_rejections:
        return Refusal(Guard.ONCE, f"Not {remedy.name} again: the device turned it down {turned_down} times.")
    ran = [tried for tried in runs if tried.outcome is not Outcome.REJECTED]
    if (
        not ran
        or (remedy.name in case.set_right and ran[-1].outcome in _HEALED)
        or (len(ran) == 1 and (remedy.repeatable or _healed_for_long(ran[0], policy)))
    ):
        return None
    return Refusal(Guard.ONCE, f"Not {remedy.name} again: it was tried on this ticket already.")


def _healed_for_long(tried: Tried, policy: Policy) -> bool:
    return tried.outcome is Outcome.RECURRED and tried.held_h * 3600 >= policy.held_for.total_seconds()


def refused(case: Case, remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse what staff said no to."""
    if remedy.name not in case.refused:
        return None
    return Refusal(Guard.REFUSED, f"Not {remedy.name}: staff said no to it on this ticket.")


def unsupported(case: Case, remedy: Remedy, _policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse a verb that this device's firmware does not name."""
    if remedy.verb in case.device.commands:
        return None
    return Refusal(Guard.UNSUPPORTED, f"Not {remedy.name}: this device does not know the command {remedy.verb}.")


def faded(case: Case, remedy: Remedy, policy: Policy, _now: datetime) -> Refusal | None:
    """Refuse while the evidence no longer speaks for the fault: a name stays when what it was given for fades."""
    fault = case.fault()
    if fault is None or case.diagnosis is None:
        return None
    of_it = next((one.probability for one in case.diagnosis.suspects if one.fault == fault.name), 0.0)
    others = (one.probability for one in case.diagnosis.suspects if one.fault != fault.name)
    if of_it >= max(sure_from(fault, policy) - policy.fades_by, case.diagnosis.unknown, *others):
        return None
    name = fault.words_in("en").name
    return Refusal(Guard.FADED, f"Not now: what the device shows no longer speaks for {name}, so {remedy.name} waits.")


HARD: tuple[Rule, ...] = (halted, another_product, in_flight, switched_off, offline, busy, stale)
SOFT: tuple[Rule, ...] = (frozen, faded, clock, returned, holiday, cooldown, daily, visit, trial, canary, fleet, hourly)
SPENT: tuple[Rule, ...] = (unsupported, refused, once)
ASKING: tuple[Rule, ...] = (consent, taken_out, breaker)
# What a device had before needs no new evidence.
SETTING_BACK: tuple[Rule, ...] = (halted, in_flight, switched_off, offline, busy, unsupported)


def first_refusal(rules: tuple[Rule, ...], case: Case, remedy: Remedy, policy: Policy, now: datetime) -> Refusal | None:
    """Return the first guard that speaks against the remedy; ``None``: none does."""
    for rule in rules:
        refusal = rule(case, remedy, policy, now)
        if refusal is not None:
            return refusal
    return None
