"""Probes of the ingest bench (pure): events among a load's samples, each sure to be told, and how long that takes.

A probe is an event of level ``info``. It goes the way of every sample, through broker and journal, and the hot path
tells it at once, whatever the models hold of the device; the desk puts it down as a finding of kind ``event``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

_PREFIX: Final = "PROBE-"


@dataclass(frozen=True, slots=True)
class Probe:
    """An event of a device, numbered ``seq`` among its events, sent right after message ``after`` of the load."""

    code: str
    device: int
    seq: int
    after: int


@dataclass(frozen=True, slots=True)
class Probed:
    """Of ``said`` probes, those that were told: seconds from the publishing of each to its telling, in no order."""

    said: int
    waited_s: tuple[float, ...]

    @property
    def never_came(self) -> int:
        """Return how many were said and not told."""
        return self.said - len(self.waited_s)


def probes_of(count: int, messages: int, devices: int, seed: int) -> list[Probe]:
    """Return probes that lie evenly among ``messages``; no device says its next before every other said as many."""
    order = list(range(devices))
    Random(seed).shuffle(order)  # noqa: S311 - which device is next, no secret
    return [
        Probe(
            f"{_PREFIX}{number}", order[number % devices], number // devices, (2 * number + 1) * messages // (2 * count)
        )
        for number in range(count)
    ]


def is_probe(code: str) -> bool:
    """Tell whether an event is one of ours."""
    return code.startswith(_PREFIX)


def probed(said_s: Mapping[str, float], told_s: Mapping[str, float]) -> Probed:
    """Put together when each code was published and when it was told, in seconds of one clock; others are left out."""
    return Probed(len(said_s), tuple(told_s[code] - at_s for code, at_s in said_s.items() if code in told_s))
