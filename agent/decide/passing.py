"""Whether a fault is over, and what is said of why (pure)."""

from datetime import datetime, timedelta
from typing import Final

from agent.decide.case import Case
from agent.decide.moves import Close
from agent.decide.policy import Policy
from agent.desk.ticket import Outcome
from agent.diagnose.playbook import FaultKind

PASSED: Final = "It passed by itself: the device's own signal is normal again, and nothing was done."
NORMAL_AGAIN: Final = "The device's own signal is normal again, though no remedy is proven to have done it."
STILL_HEALED: Final = "A remedy has healed it, and the device's own signal is normal."


def has_passed(case: Case, policy: Policy, now: datetime) -> bool:
    """Tell whether nothing is left to do.

    The calm must have outlived the newest finding, in the operating regimes in which it was off, and what had slowly
    changed must be back: a pump that rests at noon and a fault that a remedy has not reached are quiet too. A sure
    diagnosis that nothing was done about passes only once its evidence has faded altogether: some faults show only in
    use.
    """
    if not case.is_back(policy, now, during=policy.calm_for):
        return False
    if case.finding_at is None:
        return True
    return now - case.finding_at >= _speaks_for(case, policy)


def passed(case: Case) -> Close:
    """Return the move that ends a ticket on which nothing is left to do, with what is known of why."""
    tried = case.ticket.tried
    after_remedy = STILL_HEALED if tried and tried[-1].outcome is Outcome.HEALED else NORMAL_AGAIN
    return Close(after_remedy if tried else PASSED)


def _speaks_for(case: Case, policy: Policy) -> timedelta:
    """Return how long the newest finding speaks though the signal is normal again.

    What somebody would have to come for comes and goes with the load for days before it stays.
    """
    fault = case.fault()
    if fault is None or case.ticket.tried:
        return policy.calm_for
    return policy.slow_patience if fault.kind is FaultKind.VISIT else policy.evidence_lasts
