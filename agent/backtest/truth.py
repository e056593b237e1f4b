"""What really happened to devices (pure values): labelled windows and failures."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Window:
    """An event of one device, both instants in Unix µs and within it; ``metrics`` are those affected, if known."""

    device_id: str
    start_us: int
    end_us: int
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One device failed at this instant, in Unix µs. ``component`` is empty when it is not known."""

    device_id: str
    failed_us: int
    component: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known to have happened. ``None``: nobody said, which is not the same as nothing."""

    windows: tuple[Window, ...] | None = None
    failures: tuple[Failure, ...] | None = None


def strangers(named: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the devices that are named and not known, in order."""
    return tuple(sorted(set(named) - set(known)))
