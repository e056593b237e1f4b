"""Faults and their look-alikes as values (pure): how they grow, when they are felt, what cures them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from broker.messages import Level


class FaultKind(StrEnum):
    """What would put it right."""

    HEALABLE = "healable"  # a command to the device
    VISIT = "visit"  # somebody with tools
    OWNER = "owner"  # the owner, once they know
    BENIGN = "benign"  # nothing is wrong; it passes


@dataclass(frozen=True, slots=True)
class Cure:
    """The command that heals. ``args`` must all be in the command with these values."""

    verb: str
    args: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Code:
    """An event the device reports by itself once severity has reached ``at_severity`` (0 to 1)."""

    code: str
    level: Level
    text: str
    at_severity: float = 0.4
    after: str = ""  # the code reported when it is over; empty: none


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be the matter with a product.

    ``strains`` says what it does to the physics at severity 1. ``grows_for`` is the time from its
    beginning to severity 1 in ordinary life. ``noticed_at`` is the severity from which the owner feels
    it (``None``: never), once ``felt_after`` has gone by. ``holds_for`` is how long it stays at its
    height before it passes by itself (``None``: it stays until it is mended). ``silent``: the device
    is switched off meanwhile. ``reboots``: it restarts once at the beginning.
    """

    name: str
    kind: FaultKind
    strains: Mapping[str, float]
    grows_for: timedelta
    noticed_at: float | None = None
    felt_after: timedelta = timedelta(0)
    cure: Cure | None = None
    code: Code | None = None
    holds_for: timedelta | None = None
    silent: bool = False
    reboots: bool = False


SHAPE = 1.2
"""Severity is progress to this power: wear starts unnoticed and hurries at the end."""


def severity_at(progress: float) -> float:
    """Return the severity, 0 to 1, at a progress from 0 (begins) to 1 (fully grown)."""
    return float(min(max(progress, 0.0), 1.0) ** SHAPE)


def progress_at(severity: float) -> float:
    """Return the progress, 0 to 1, at which a fault has grown to a severity."""
    return float(min(max(severity, 0.0), 1.0) ** (1.0 / SHAPE))


_MEMORY_LEAK = Fault(
    "memory_leak",
    FaultKind.HEALABLE,
    {"memory": 1.0},
    timedelta(days=5),
    noticed_at=0.9,
    cure=Cure("restart"),
)
_OFF_ON_PURPOSE = Fault(
    "off_on_purpose",
    FaultKind.BENIGN,
    {},
    timedelta(minutes=1),
    code=Code("power_off", Level.INFO, "switched off at the switch", at_severity=0.0, after="power_on"),
    holds_for=timedelta(hours=10),
    silent=True,
)
_NEW_ROUTER = Fault(
    "new_router",
    FaultKind.BENIGN,
    {"wifi_db": -13.0},
    timedelta(minutes=2),
    holds_for=timedelta(days=30),
    reboots=True,
)

COMMON: tuple[Fault, ...] = (_MEMORY_LEAK, _OFF_ON_PURPOSE, _NEW_ROUTER)
"""What every product can have, for it sits in the controller and the mains lead."""
