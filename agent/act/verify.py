"""Whether a fix has held (pure): judged by the device's own signal, never by what the device answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.act.command import Signal
from agent.decide.case import calm_left, is_fresh, normal_since
from agent.decide.policy import Policy
from agent.health.findings import HealthView
from agent.health.gone import why_not_back
from agent.health.layout import Context

_HALF_AGAIN = 1.5


@dataclass(frozen=True, slots=True)
class Check:
    """What must show, and by when.

    ``done_at`` is when the remedy or visit was done; being normal before counts for nothing. From ``judge_from`` on
    the signal is judged; it must have been normal for ``normal_for`` by ``by``. ``before`` is the signal the remedy was
    decided on (``None``: not known, or it was a visit, which nobody can take back). ``found_in`` are the operating
    regimes in which the signal was found off, the only ones to prove anything (empty: not known). ``telling`` are
    the metrics that say something of a fault: slow wear of others is no matter of a fix (empty: not known, so of any
    is). ``harmless`` are those that only harmless causes move: they make nothing worse. ``worse_after`` is how long
    what is worse has to come back (``None``: half of the time there is, and no longer than the remedy counts as at
    work).
    """

    done_at: datetime
    judge_from: datetime
    normal_for: timedelta
    by: datetime
    before: Signal | None = None
    found_in: frozenset[Context] = frozenset()
    telling: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    worse_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Healed:
    """The signal has been normal since ``since`` for as long as it must."""

    since: datetime


@dataclass(frozen=True, slots=True)
class Watching:
    """Not decided yet; look again at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NotHealed:
    """The signal did not come back in time. ``why`` is a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Worse:
    """The device is clearly further off its normal than before. ``why`` is a sentence."""

    why: str


def judge(
    check: Check, view: HealthView | None, policy: Policy, now: datetime
) -> Healed | Watching | NotHealed | Worse:
    """Judge at ``now`` whether the fix has held.

    Normal means normal without a gap and on a fresh sample: a device that went silent is not healed. What is worse has
    some time to come back first. What is normal when its time is over, but not for long enough yet or hardly where it
    was off, is watched on until that proves it or it is off again.
    """
    if now < check.judge_from:
        return Watching(check.judge_from)
    since = normal_since(view, policy, now, of=check.telling)
    if since is not None:
        since = max(since, check.done_at)
    gone = None if check.before is None else check.before.gone
    stuck = None if since is None or gone is None or view is None else why_not_back(gone, view)
    left = check.normal_for
    if since is not None and view is not None:
        left = calm_left(view, check.found_in, since, now, during=check.normal_for)
    if since is not None and not stuck and not left:
        return Healed(since)
    comes_back_within = check.worse_after or min((check.by - check.judge_from) / 2, policy.fleet_watch)
    if since is None and now >= check.judge_from + comes_back_within and check.before is not None:
        metric = further_off(check.before, view, policy, but=check.harmless) if is_fresh(view, policy, now) else None
        if metric is not None:
            words = metric.replace("_", " ")
            return Worse(f"The device is worse off than before: {words} is further from its usual than it was.")
    # Normal in time, but not for long enough yet, or hardly where it was off.
    goes_on = since is not None and since <= check.by and not stuck
    if now >= check.by and not goes_on:
        return NotHealed(stuck or _why(view, policy, now))
    wait = policy.look_every if since is None or stuck else left
    return Watching(min(now + wait, check.by) if now < check.by else now + min(wait, policy.look_every))


def further_off(
    before: Signal, view: HealthView | None, policy: Policy, *, but: frozenset[str] = frozenset()
) -> str | None:
    """Return the metric by which a device is clearly worse off than ``before``; ``None``: it is not.

    A metric must have gone further from its usual by the policy's number of standard deviations and by half as much
    again as it was, and the device as a whole must not be nearer to its normal than before. Those of ``but`` do not
    count.
    """
    if view is None or view.state < before.state:
        return None
    was = dict(before.z)
    worst: tuple[float, str] | None = None
    for because in view.now:
        if because.z is None or because.metric in but:
            continue
        off, earlier = abs(because.z), abs(was.get(because.metric, 0.0))
        if off - earlier >= policy.worse_by and off >= _HALF_AGAIN * earlier:
            worst = max(worst or (0.0, ""), (off - earlier, because.metric))
    return None if worst is None else worst[1]


def _why(view: HealthView | None, policy: Policy, now: datetime) -> str:
    if view is None or view.sample_at is None:
        return "Nothing is known about the device's signal."
    if view.incomplete_since is not None:
        return "Samples are missing, so nothing proves that it is healed."
    if not is_fresh(view, policy, now):
        return "The device has gone silent, so nothing proves that it is healed."
    return "The device's own signal did not come back to normal in time."
