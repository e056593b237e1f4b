"""The score of the Numenta Anomaly Benchmark, as published (pure).

Inside a window the earliest detection earns ``σ(y) = 2/(1 + e^{5y}) − 1`` for its relative position y (−1 at the left
edge, 0 at the right); a window without a detection costs the weight of a miss; each detection outside costs the weight
of a false alarm, scaled by how far it lies behind the window before it. One threshold is chosen for the whole corpus.
The sum is normalised so that a detector that says nothing has 0 and a perfect one 100.

Source: A. Lavin, S. Ahmad, "Evaluating Real-time Anomaly Detection Algorithms", ICMLA 2015, and the reference scorer.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from agent.bench.recordings import Recording

NO_LONGER = 3.0
"""Window widths behind a window after which a false alarm has nothing to do with it."""


class Profile(StrEnum):
    """What an application cares about."""

    STANDARD = "standard"
    LOW_FP = "reward_low_FP"
    LOW_FN = "reward_low_FN"


@dataclass(frozen=True, slots=True)
class Weights:
    """What a window found, a false alarm and a window missed count."""

    right: float
    false: float
    missed: float


WEIGHTS = {
    Profile.STANDARD: Weights(1.0, 0.11, 1.0),
    Profile.LOW_FP: Weights(1.0, 0.22, 1.0),
    Profile.LOW_FN: Weights(1.0, 0.11, 2.0),
}


@dataclass(frozen=True, slots=True)
class NabScore:
    """The normalised score (at most 100) and the threshold that earned it."""

    score: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What a detection at each scored row would earn, before weighting."""

    window: NDArray[np.int64]
    """Number of the window a row lies in, −1 for none."""
    unit: NDArray[np.float64]
    windows: int


def worth_of(recording: Recording) -> Worth:
    """Return what detections are worth; windows that end before ``scored_from`` do not count."""
    window = np.full(len(recording.device), -1, np.int64)
    unit = np.full(len(recording.device), -1.0)
    for number, label in enumerate(recording.windows):
        rows = recording.rows_of(label.device)
        at_s = recording.at_s[rows]
        inside = np.flatnonzero((at_s >= label.start_s) & (at_s <= label.end_s))
        first, last = inside[0], inside[-1]
        width = float(last - first + 1)
        window[rows][inside] = number
        unit[rows][inside] = scaled_sigmoid(-(last - inside + 1) / width) / scaled_sigmoid(np.array([-1.0]))
        behind = np.arange(last + 1, len(at_s))
        unit[rows][behind] = scaled_sigmoid((behind - last) / max(1.0, width - 1))
    keep = recording.scored
    counted = np.unique(window[keep][window[keep] >= 0])
    return Worth(window=window[keep], unit=unit[keep], windows=len(counted))


def scaled_sigmoid(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the worth of a detection at a position relative to a window's right edge, in window widths."""
    return np.where(position >= NO_LONGER, -1.0, 2.0 / (1.0 + np.exp(np.clip(5.0 * position, -60, 60))) - 1.0)


def score_corpus(worth: Worth, score: NDArray[np.float64], profile: Profile) -> NabScore:
    """Return the best normalised score over all thresholds. ``score`` has one entry a scored row."""
    weights = WEIGHTS[profile]
    best: dict[int, float] = {}
    total, top = 0.0, 0.0
    threshold = float("inf")
    missed = weights.missed
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    last = np.append(np.diff(ordered) != 0, True)
    for place, row in enumerate(order):
        window = int(worth.window[row])
        if window < 0:
            total += weights.false * worth.unit[row]
        else:
            earned = weights.right * worth.unit[row]
            before = best.get(window, -missed)
            if earned > before:
                total += earned - before
                best[window] = earned
        if last[place] and total > top:
            top, threshold = total, float(ordered[place])
        if total < top - 200 * missed:
            break
    return NabScore(100.0 * top / ((weights.right + missed) * worth.windows), threshold)
