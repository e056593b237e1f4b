"""When a device's sample is news, and when its alarm budget lets it be said (pure: compiled; works on rows)."""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917 - the same, and numbers handed on one by one cost nothing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from agent.health.compiled import part
from agent.health.surprise import HOLD

DAY_S = 86400.0
HOUR_S = 3600.0
LONG_GAP = 8.0
"""Usual intervals after which the last value says nothing about the next."""
SPEND = 0.6
THETA_LOW, THETA_START, THETA_HIGH = 1.0, 3.0, 8.0
BAR_FALL = 0.02
"""By how much the bar falls with each sample."""


@part
def arrive(last_s, interval_s, d, at_s):
    """Note the time; return the seconds since the last sample, and whether that is too old to forecast from."""
    gap_s = max(at_s - last_s[d], 0.0)
    last_s[d] += gap_s
    usual = interval_s[d]
    if gap_s > 0:
        interval_s[d] = usual + 0.05 * (min(gap_s, 4.0 * usual) - usual) if usual > 0 else gap_s
    return gap_s, usual > 0 and gap_s > LONG_GAP * usual


@part
def is_fresh(bar, bar_age, d, evidence):
    """Return whether this beats the bar: an onset is news, a thing that goes on is not."""
    bar_age[d] += 1
    fresh = evidence > bar[d] - BAR_FALL * bar_age[d] or bar_age[d] > HOLD
    if fresh:
        bar[d] = evidence
        bar_age[d] = 0
    return fresh


@part
def spend(theta, alarm_s, d, at_s, gap_s, score, warming, per_day, teach):
    """Return whether to raise an alarm, and move the device's threshold so that alarms keep to the budget."""
    if teach:
        earned = SPEND * per_day * min(gap_s, DAY_S / 4) / DAY_S
        theta[d] = max(theta[d] - earned, THETA_LOW)
    loud = not warming and score >= theta[d] and at_s - alarm_s[d] >= HOUR_S
    if loud:
        alarm_s[d] = at_s
        theta[d] = min(theta[d] + SPEND, THETA_HIGH)
    return loud
