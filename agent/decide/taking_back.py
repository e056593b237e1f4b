"""When what a remedy has changed for the worse is set back (pure): until it is, more and more rarely, not for ever."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from math import isclose
from typing import Final, TypeAlias

from agent.decide.policy import Policy

Value: TypeAlias = str | float | bool
Values: TypeAlias = Mapping[str, Value]

_SINGLE: Final = 1e-6  # what is lost of a number in a device that keeps it in single precision


class Standing(StrEnum):
    """What stands of the values that a remedy has changed for the worse."""

    HARMFUL = "harmful"  # one of them at least is what a remedy has set
    EARLIER = "earlier"  # all are what they were before
    ANOTHER = "another"  # somebody else has set them since


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


def standing(config: Values, earlier: Values, ours: Collection[Values]) -> Standing | None:
    """Return what stands of the ``earlier`` values by a device's ``config``; ``None``: it does not name them all.

    ``ours`` are the values that remedies have set: the one that has replaced them, those since, and those before that
    were never set back.
    """
    if any(name not in config for name in earlier):
        return None
    changed = [name for name, was in earlier.items() if not _is_same(config[name], was)]
    if any(name in values and _is_same(config[name], values[name]) for name in changed for values in ours):
        return Standing.HARMFUL
    return Standing.ANOTHER if changed else Standing.EARLIER


def _is_same(said: Value, meant: Value) -> bool:
    if isinstance(said, str) or isinstance(meant, str):
        return said == meant
    return isclose(said, meant, rel_tol=_SINGLE)
