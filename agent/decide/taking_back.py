"""When what a remedy has changed for the worse is set back (pure): until it is, more and more rarely, not for ever."""

from datetime import datetime

from agent.decide.policy import Policy


def next_try_at(owed_since: datetime, last_try_at: datetime | None, policy: Policy) -> datetime:
    """Return when it may be tried next; at once where ``last_try_at`` is ``None``, since it was not tried yet.

    What has just been turned down is tried again within minutes. Each pause is half of the time the device has been
    worse off by the last try, so there are about a dozen tries in six hours.
    """
    if last_try_at is None:
        return owed_since
    return last_try_at + max(policy.look_every, (last_try_at - owed_since) / 2)


def owed_until(owed_since: datetime, policy: Policy) -> datetime:
    """Return from when on it is tried no more, and a person gets it."""
    return owed_since + policy.guarded_for
