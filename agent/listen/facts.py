"""What leaves the hot path (pure values): rare, in order, each with the journal offset it came from.

A reader that saves the offset of the newest fact together with what it did about it does each fact once, however
often they are told again after a restart.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from agent.health.findings import Finding
from broker.messages import Birth, Event, Feedback, Result, Status


@dataclass(frozen=True, slots=True)
class Gap:
    """``missed`` ≥ 1 messages of a device never reached the journal."""

    missed: int


@dataclass(frozen=True, slots=True)
class Quarantined:
    """``count`` messages of a batch could not be read for one reason; ``example`` is the newest, hostile and cut."""

    reason: str
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class ClockJudged:
    """Whether a device's own time can be used; told when that changes."""

    has_clock: bool


Body: TypeAlias = Birth | Status | Event | Result | Feedback | Finding | Gap | Quarantined | ClockJudged


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the slow path should know. ``at`` is when the message behind it arrived, in UTC.

    ``device_id`` is empty for a quarantined message whose topic names no device.
    """

    offset: int
    device_id: str
    at: datetime
    body: Body
