"""Whether a fix has held (pure): judged by the device's own signal, never by what the device answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.decide.case import is_fresh, normal_since
from agent.decide.policy import Policy
from agent.health.findings import HealthView


@dataclass(frozen=True, slots=True)
class Check:
    """What must show, and by when.

    ``done_at`` is when the remedy or visit was done; being normal before counts for nothing. From ``judge_from`` on
    the signal is judged; it must have been normal for ``normal_for`` by ``by``.
    """

    done_at: datetime
    judge_from: datetime
    normal_for: timedelta
    by: datetime


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


def judge(check: Check, view: HealthView | None, policy: Policy, now: datetime) -> Healed | Watching | NotHealed:
    """Judge at ``now`` whether the fix has held.

    Normal means normal without a gap and on a fresh sample: a device that went silent is not healed.
    """
    if now < check.judge_from:
        return Watching(check.judge_from)
    since = normal_since(view, policy, now)
    if since is not None:
        since = max(since, check.done_at)
    if since is not None and now - since >= check.normal_for:
        return Healed(since)
    if now >= check.by:
        return NotHealed(_why(view, policy, now))
    return Watching(min(now + policy.look_every if since is None else since + check.normal_for, check.by))


def _why(view: HealthView | None, policy: Policy, now: datetime) -> str:
    if view is None or view.sample_at is None:
        return "Nothing is known about the device's signal."
    if view.incomplete_since is not None:
        return "Samples are missing, so nothing proves that it is healed."
    if not is_fresh(view, policy, now):
        return "The device has gone silent, so nothing proves that it is healed."
    return "The device's own signal did not come back to normal in time."
