"""Whether a remedy has earned being sent without a person (pure): the breaker of one remedy on one firmware.

It opens when too few of its last outcomes were healed, and then a person decides each time. After a pause one trial at
a time may show that it heals again. What the device turned down says nothing about the remedy and does not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.decide.policy import Policy
from agent.desk.ticket import Outcome

COUNTED = frozenset(Outcome) - {Outcome.REJECTED}


class BreakerState(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"  # the agent may send the remedy, past the other guards
    OPEN = "open"  # a person decides
    HALF_OPEN = "half_open"  # the agent may send one, and waits for what comes of it


@dataclass(frozen=True, slots=True)
class Breaker:
    """The breaker of one remedy on one firmware of one product.

    ``is_open`` covers half-open, which it becomes by time alone. ``counts_after`` is the id of the newest outcome that
    no longer counts. ``trials`` are those that healed since it opened. ``why`` is a sentence, empty until it opened.
    """

    is_open: bool
    changed_at: datetime
    counts_after: int = 0
    trials: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """The newest outcome of one command. ``id`` grows with time; ``canary``: it was of the present playbook.

    ``sent_at`` is when the command left (``None``: nobody knows, so it is no trial).
    """

    id: int
    outcome: Outcome
    canary: bool = True
    sent_at: datetime | None = None


def state_of(breaker: Breaker | None, policy: Policy, now: datetime) -> BreakerState:
    """Return what the breaker lets through at ``now``; ``None``: it was never opened."""
    if breaker is None or not breaker.is_open:
        return BreakerState.CLOSED
    return BreakerState.HALF_OPEN if now >= breaker.changed_at + policy.breaker_pause else BreakerState.OPEN


def after(
    breaker: Breaker | None, record: Sequence[Ended], policy: Policy, now: datetime, *, kin: int
) -> Breaker | None:
    """Return the breaker after the newest outcome of ``record``; the same one where nothing changes.

    While a remedy is on its canary the first failures are enough, and only what it did under the present playbook
    counts. While it is open a failure opens it anew whenever it was sent, and only what was sent since is a trial.

    Args:
        breaker: as it stood; ``None``: it was never opened.
        record: outcomes with an id above ``breaker.counts_after``, oldest first, each remedy sent once.
        policy: from how many and below which share it opens.
        now: when the newest outcome became known.
        kin: devices of the firmware; where they are fewer than a canary, there is none.
    """
    counted = [one for one in record if one.outcome in COUNTED][-policy.breaker_last :]
    if not counted:
        return breaker
    newest = counted[-1]
    if breaker is not None and breaker.is_open:
        if newest.outcome is not Outcome.HEALED:
            return replace(breaker, changed_at=now, counts_after=newest.id, trials=0)
        if newest.sent_at is None or newest.sent_at <= breaker.changed_at:
            return breaker  # it was on its way when it opened: no trial, and not one device at a time
        trials = breaker.trials + 1
        return replace(breaker, is_open=trials < policy.breaker_trials, trials=trials)
    canary = [one for one in counted if one.canary]
    new = 0 < len(canary) <= policy.canary_second < kin
    judged, enough = (canary, 1) if new else (counted, policy.breaker_from)
    healed = sum(one.outcome is Outcome.HEALED for one in judged)
    if len(judged) < enough or healed >= policy.breaker_share * len(judged):
        return breaker
    why = f"Of the last {len(judged)} it was sent to, {healed} {'was' if healed == 1 else 'were'} healed."
    return Breaker(is_open=True, changed_at=now, counts_after=newest.id, why=why)
