"""How long a ticket may stay unclear before a person gets it (pure)."""

from datetime import timedelta
from typing import Final, assert_never

from agent.decide.case import DRIFTING, WHEREVER, WORN, Case, is_wearing, sure_of
from agent.decide.moves import Guard, Refusal
from agent.decide.policy import Policy
from agent.diagnose.diagnosis import Shows
from agent.diagnose.playbook import FaultKind
from agent.health.findings import HealthView

_HALF: Final = 0.5
_COMMON: Final = Refusal(
    Guard.COMMON, "Not to a person yet: they have several devices of this product that show something unclear now."
)
_FAMILIAR: Final = Refusal(
    Guard.FAMILIAR, "Not to a person yet: somebody has looked at the same on this device lately, and closed it."
)
_SLIGHT: Final = Refusal(
    Guard.SLIGHT,
    "Not to a person yet: nothing it measures is far from its usual, and most of that passes within hours.",
)
_EARLY: Final = Refusal(
    Guard.EARLY,
    "Not to a person yet: nothing is plainly off in the short run, and within hours it passes or becomes clear.",
)
_FITS: Final = "Not to a person yet: what is far off fits"
_NOT_FAR: Final = (
    "After a day nothing it measures is far from its usual, and no known fault fits well enough, "
    "so nothing needs doing."
)


def patience_of(case: Case, policy: Policy) -> timedelta:
    """Return how long a ticket may stay unclear.

    A day where hours make it clearer: only slow wear speaks, a person could see nothing, or one fault is likely enough
    and only its name has to hold, since a worse one begins alike. What metrics alone show often passes by itself
    within an hour or two: cold nights, guests, a device that is still learning.
    """
    if case.view is not None and case.view.normal_since is not None and is_wearing(case.view):
        return policy.slow_patience
    if case.diagnosis is None or case.ticket.fault is not None or _might_hurt(case, policy):
        return policy.patience
    match case.diagnosis.shows:
        case Shows.NOTHING:
            return policy.slow_patience
        case Shows.UNCLEAR | Shows.FOREIGN:
            return policy.slow_patience if is_held(case, policy) else _calm_elsewhere_for(case, policy)
        case Shows.WORD:
            return policy.patience
        case never:
            assert_never(never)


def _calm_elsewhere_for(case: Case, policy: Policy) -> timedelta:
    """Return the patience with what is normal, if not where it was off: it passes in two hours, or is off again."""
    if not case.found_in or case.view is None or case.view.normal_since is None:
        return policy.unclear_patience
    passes_at = case.view.normal_since + WHEREVER + policy.look_every
    return max(policy.unclear_patience, min(passes_at - case.ticket.changed_at, policy.slow_patience))


def is_held(case: Case, policy: Policy) -> bool:
    """Tell whether one fault is likely enough to act on and only its name has to hold, for a ticket that has none."""
    return sure_of(case.diagnosis, case.playbook, policy) is not None


def spared_for(case: Case, policy: Policy, asked_for: timedelta) -> Refusal | None:
    """Return why people need not see yet what has been unclear ``asked_for`` so long; ``None``: they should.

    What the device says itself is no matter of how far off it is, nor of what its metrics fit. None waits for more than
    a day, and what is merely not plain yet for hours.
    """
    if asked_for >= policy.slow_patience:
        return None
    if case.is_common:
        return _COMMON
    if case.is_familiar:
        return _FAMILIAR
    if case.diagnosis is None or case.diagnosis.shows is not Shows.UNCLEAR:
        return None
    return _spared_by_signal(case, policy, asked_for)


def _spared_by_signal(case: Case, policy: Policy, asked_for: timedelta) -> Refusal | None:
    if _is_slight(case, policy):
        return _SLIGHT
    name = _harmless(case, policy)
    if name is not None:
        return Refusal(Guard.HARMLESS, f"{_FITS} {name}, which needs nobody.")
    early = asked_for < policy.early_for and not case.failed and _is_nowhere(case, policy.plain_from)
    return _EARLY if early else None


def needs_nobody(case: Case, policy: Policy) -> str | None:
    """Return in a sentence why nobody need look at what has been unclear for a day; ``None``: somebody should.

    Either all that is off fits what is no fault, or nothing is far off. What grows shows again, under a new ticket. A
    person gets what was named, what no longer does its work, as somebody has said, and what might hurt somebody.
    """
    if case.diagnosis is None or case.diagnosis.shows is not Shows.UNCLEAR or _is_fault_likely(case, policy):
        return None
    if case.ticket.fault is not None or case.failed or _might_hurt(case, policy):
        return None
    name = _harmless(case, policy)
    if name is not None:
        return f"After a day nothing stands out but what fits {name}, so nothing needs doing."
    return _NOT_FAR if _is_slight(case, policy) else None


def _is_fault_likely(case: Case, policy: Policy) -> bool:
    """Tell whether any fault is at least half as likely as it must be to be acted on."""
    if case.diagnosis is None or case.playbook is None:
        return True
    benign = {fault.name for fault in case.playbook.faults if fault.kind is FaultKind.BENIGN}
    return any(
        suspect.probability >= _HALF * policy.sure_from
        for suspect in case.diagnosis.suspects
        if suspect.fault not in benign
    )


def _is_slight(case: Case, policy: Policy) -> bool:
    """Tell whether all that the device measures is near its usual, however surely it is off, and nothing wears."""
    return case.view is not None and case.view.drift < DRIFTING and _is_nowhere(case, policy.slight_below)


def _is_nowhere(case: Case, from_z: float) -> bool:
    """Tell whether no metric is so many standard deviations off in the short run; of an unknown device nobody can."""
    if case.view is None:
        return False
    known = any(because.z is not None for because in case.view.now)
    return known and not _far_off(case.view, from_z)


def _far_off(view: HealthView, from_z: float) -> dict[str, float]:
    """Return the metrics that are at least so many standard deviations off, with theirs."""
    return {because.metric: because.z for because in view.now if because.z is not None and abs(because.z) >= from_z}


def _harmless(case: Case, policy: Policy) -> str | None:
    """Return the name of what it is if it is anything known, where that is no fault and none is likely.

    It must also account for all that is far off, in the short run and the long: nobody is spared what fits nothing.
    ``None``: they should see it.
    """
    if case.view is None or case.diagnosis is None or case.playbook is None or not case.diagnosis.suspects:
        return None
    benign = {fault.name: fault for fault in case.playbook.faults if fault.kind is FaultKind.BENIGN}
    first = max(case.diagnosis.suspects, key=lambda suspect: suspect.probability)
    if first.fault not in benign or _is_fault_likely(case, policy):
        return None
    it = benign[first.fault]
    symptoms = {symptom.metric: symptom for symptom in it.symptoms}
    off = [*_far_off(case.view, policy.slight_below).items(), *_worn_off(case.view).items()]
    fits = all(metric in symptoms and symptoms[metric].moves(z) for metric, z in off)
    return it.words_in("en").name if fits else None


def _worn_off(view: HealthView) -> dict[str, float]:
    """Return the metrics that slow wear has taken where they alone would be a drift, and that still are there."""
    return {worn.metric: worn.z for worn in view.worn if worn.stands and abs(worn.z) >= WORN}


def _might_hurt(case: Case, policy: Policy) -> bool:
    """Tell whether what might hurt somebody is among the likelier causes, though not sure."""
    if case.diagnosis is None or case.playbook is None:
        return False
    unsafe = {fault.name for fault in case.playbook.faults if fault.safety}
    return any(one.fault in unsafe and one.probability >= policy.margin for one in case.diagnosis.suspects)
