"""When an owner may hear something, and when they should rather not hear it at all (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import assert_never
from zoneinfo import ZoneInfo

from agent.care.customer import Customer
from agent.care.message import VISIT_STAGES, Stage

WEEK = timedelta(days=7)
BUDGET = 3  # messages a week across all devices; three keep to what somebody still reads
# What loses its point by waiting for a good hour. A fix somebody asked to hear of joins them.
_PRESSING = VISIT_STAGES | {Stage.NEEDS_YOU}


@dataclass(frozen=True, slots=True)
class SendAt:
    """Send it at ``at``, not before."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Withhold:
    """Do not send it; ``why`` is a sentence staff read."""

    why: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What decides whether and when a mail goes out.

    ``agrees``: they agreed to mail. ``noticeable``: they noticed the fault, were told of it, or would have to.
    ``due_lately`` are the instants of their other mails of the past week and of those planned.
    """

    stage: Stage
    customer: Customer
    agrees: bool
    noticeable: bool
    safety: bool = False
    due_lately: Sequence[datetime] = ()
    budget: int = BUDGET


def when_to_send(moment: Moment, now: datetime) -> SendAt | Withhold:
    """Decide about one mail at ``now``.

    Safety is said at once, by day or night, budget or not, to everybody who agreed to mail. An appointment is
    never kept from somebody whose door it is: it counts towards the budget but is not stopped by it.
    """
    customer = moment.customer
    if not moment.agrees:
        return Withhold("the owner has not agreed to messages by mail")
    if "@" not in customer.email:
        return Withhold("the owner's mail address is not known")
    if moment.safety:
        return SendAt(now)
    if moment.stage is Stage.FIXED and not moment.noticeable and not customer.tell_about_fixes:
        return Withhold("the owner did not and need not notice, and has not asked to hear of such fixes")
    at = _good_moment(moment, now)
    if moment.stage not in VISIT_STAGES and _spent(moment, at) >= moment.budget:
        return Withhold(f"the owner already hears from us {moment.budget} times in these seven days")
    return SendAt(at)


def _good_moment(moment: Moment, now: datetime) -> datetime:
    customer = moment.customer
    asked_for = moment.stage is Stage.FIXED and customer.tell_about_fixes
    if moment.stage in _PRESSING or asked_for:
        return waking(customer, now)
    return waking(customer, next_hour(customer.zone, customer.good_hour, now))


def _spent(moment: Moment, at: datetime) -> int:
    return sum(due_at > at - WEEK for due_at in moment.due_lately)


def waking(customer: Customer, at: datetime) -> datetime:
    """Return ``at``, or the end of the quiet hours it falls into."""
    return wall_time(customer.zone, customer.quiet_to, at) if customer.is_quiet(at) else at


def next_hour(zone: str, hour: int, now: datetime) -> datetime:
    """Return ``now`` when it falls into that hour of the local day, otherwise the hour's next beginning."""
    return now if now.astimezone(ZoneInfo(zone)).hour == hour else wall_time(zone, hour, now)


def wall_time(zone: str, hour: int, after: datetime) -> datetime:
    """Return the first instant after ``after`` at which wall clocks in ``zone`` show the full ``hour``, in UTC.

    An hour that a clock change leaves out begins where the clocks were set forward to; of an hour that comes
    twice, the first counts.
    """
    local = after.astimezone(ZoneInfo(zone))
    for days in (0, 1, 2):
        day = (local + timedelta(days=days)).date()
        # By way of UTC, a wall time that does not exist is moved forward by the hour that is missing.
        instant = datetime.combine(day, time_of_day(hour), ZoneInfo(zone)).astimezone(UTC)
        if instant > after:
            return instant
    raise AssertionError  # every zone has every hour, or its stand-in, within two days


def sentence(verdict: SendAt | Withhold) -> str:
    """Return the verdict as staff read it after "mail"."""
    match verdict:
        case SendAt(at):
            return f"planned for {at:%Y-%m-%d %H:%M} UTC"
        case Withhold(why):
            return f"withheld: {why}"
        case never:
            assert_never(never)
