"""What a remedy may do to a whole fleet (pure): how many devices at once, how many an hour, and the canary first.

A device is safe from its own ticket; the fleet is safe only when somebody counts across tickets.
"""

from dataclasses import dataclass
from math import ceil

from agent.decide.breaker import Breaker
from agent.decide.policy import Policy


@dataclass(frozen=True, slots=True)
class Crowd:
    """What goes on around a device among all ``devices`` of its product.

    ``at_work`` have a remedy decided, running or being verified; ``last_hour`` remedies were decided within an hour.
    """

    devices: int = 1
    at_work: int = 0
    last_hour: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """How one remedy has done on one firmware of one product, ``kin`` devices.

    ``breaker`` ``None``: it never opened. ``done`` is how many times it has ended under the present playbook since the
    breaker opened last. ``at_work`` devices have it at work now.
    """

    kin: int = 1
    breaker: Breaker | None = None
    done: int = 0
    at_work: int = 0


def most_at_once(devices: int, policy: Policy) -> int:
    """Return how many devices of a product may have a remedy at work at once: the policy's share, never below one."""
    return max(1, int(devices * policy.fleet_share))


def canary_room(record: Record, policy: Policy) -> int | None:
    """Return how many more devices may get the remedy before those that have it are verified; ``None``: no bound.

    A remedy that is new to a firmware, or whose playbook is new, goes to one device, then to the policy's next number
    of them altogether, then to a share of all; each step begins when all of the one before have ended. A firmware on
    fewer devices than that number has no canary: there, one device is never a small part.
    """
    if record.kin <= policy.canary_second:
        return None
    for step in (policy.canary_first, policy.canary_second, ceil(policy.canary_share * record.kin)):
        if record.done < step:
            return max(step - record.done - record.at_work, 0)
    return None
