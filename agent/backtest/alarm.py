"""An alarm (pure values): evidence to be diagnosed, not yet a ticket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LEAST_SHARE: Final = 0.03
_MOST_METRICS: Final = 8


class AlarmKind(StrEnum):
    """What an alarm is about."""

    ONSET = "onset"
    DRIFT = "drift"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm of one device; ``device`` is its place in the replay.

    ``at_us`` is Unix µs. ``until_us`` is how long it stands: wear stands while drift does (``None``: to the end of the
    recording), the others for their moment. ``score`` is −log10 of a tail probability for an onset, multiples of the
    threshold for drift, minutes without a word for silence. ``metrics`` explain it, largest share first.
    """

    device: int
    at_us: int
    kind: AlarmKind
    score: float
    metrics: tuple[str, ...] = ()
    until_us: int | None = None


def explaining(because: NDArray[np.float32], metrics: tuple[str, ...]) -> tuple[str, ...]:
    """Return the metrics that explain a score, largest share first; those that hardly matter are left out."""
    shares = np.abs(because)
    order = np.argsort(-shares, kind="stable")[:_MOST_METRICS]
    return tuple(metrics[place] for place in order.tolist() if shares[place] >= _LEAST_SHARE)
