"""Whether a firmware has moved what is normal (pure): one matter of a product, not a fault of each device.

Each device measures itself by its own past, so after an update that changes a reading, every one of them looks ill in
the same way. Devices without the update come first, then the updated ones in the order they were updated; the test of
Page and Hinkley over their deviations tells whether that made a difference. Weather and season move both groups alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from river.drift import PageHinkley

from agent.diagnose.playbook import Playbook

TELLING_Z: Final = 2.0
MOST_OF: Final = 0.6
"""Share of the updated devices that must have moved the same way."""
LEAST_DEVICES: Final = 5
_CLIP: Final = 6.0  # one wild device is one device
_NEUTRAL: Final = (0.0,) * LEAST_DEVICES  # by definition a device is at 0 as long as its normal is what it was
_TOLERANCE: Final = 0.5  # standard deviations; groups of devices differ that much by chance
_THRESHOLD: Final = 8.0  # as much as three devices or more, each three deviations off

Deviations = Mapping[str, float]
"""A device's short-run deviation by metric, in its own standard deviations."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A metric whose normal a firmware moved: up or down, on ``moved`` of the ``watched`` devices that have it."""

    metric: str
    up: bool
    moved: int
    watched: int


def shifts(others: Sequence[Deviations], updated: Sequence[Deviations]) -> tuple[Shift, ...]:
    """Return what an update moved, by name of metric; () while too few devices have it.

    Args:
        others: devices of the product without the update, in any order.
        updated: those with it, in the order in which they were updated.
    """
    if len(updated) < LEAST_DEVICES:
        return ()
    metrics = sorted({metric for device in updated for metric in device})
    found = (_shift(metric, _of(metric, others), _of(metric, updated)) for metric in metrics)
    return tuple(shift for shift in found if shift is not None)


def _of(metric: str, devices: Iterable[Deviations]) -> list[float]:
    return [min(max(device[metric], -_CLIP), _CLIP) for device in devices if metric in device]


def _shift(metric: str, others: Sequence[float], updated: Sequence[float]) -> Shift | None:
    if len(updated) < LEAST_DEVICES:
        return None
    before = sorted(others) if len(others) >= LEAST_DEVICES else _NEUTRAL
    usual = fmean(before)
    up = fmean(updated) > usual
    moved = sum(z - usual >= TELLING_Z if up else usual - z >= TELLING_Z for z in updated)
    if moved < LEAST_DEVICES or moved < MOST_OF * len(updated):
        return None
    return Shift(metric, up, moved, len(updated)) if _differs([usual] * len(before), updated) else None


def _differs(before: Sequence[float], after: Sequence[float]) -> bool:
    test = PageHinkley(min_instances=LEAST_DEVICES, delta=_TOLERANCE, threshold=_THRESHOLD, alpha=1.0)
    for z in before:
        test.update(z)  # type: ignore[no-untyped-call]  # river gives it no types
    for z in after:
        test.update(z)  # type: ignore[no-untyped-call]  # the same
        if test.drift_detected:
            return True
    return False


def shift_sentence(shift: Shift, firmware: str, playbook: Playbook) -> str:
    """Return the news in one sentence for staff; ``firmware`` is a device's own word, hostile until escaped."""
    words = {metric.name: metric.words for metric in playbook.metrics}.get(shift.metric, shift.metric.replace("_", " "))
    way = "up" if shift.up else "down"
    return (
        f"Firmware {firmware} of {playbook.product} moved {words} {way} on {shift.moved} of {shift.watched} devices"
        " that have it. That is one matter of the firmware; no tickets are opened for it."
    )
