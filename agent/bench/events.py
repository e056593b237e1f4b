"""Scoring rules for alarms against labelled events (pure).

At most one alarm a device and hour. An event is found when an alarm falls inside its window. An alarm outside
every window and more than an hour after one is false. One threshold serves all devices of a set. Precision counts
found events against false alarms, so that many alarms inside one event count once.
"""

# The loop at the end is compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN202, PLR0913, PLR0917 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.bench.recordings import Recording
from agent.health.compiled import loop

HOUR_S = 3600.0
THRESHOLDS = 600
"""Candidate thresholds: ranks of the scored rows, spaced by a constant ratio."""


@dataclass(frozen=True, slots=True)
class EventScore:
    """What one threshold, or the alarms themselves, would have found."""

    threshold: float
    found: int
    events: int
    false_alarms: int
    device_days: float

    @property
    def recall(self) -> float:
        """Share of events found, 0 where there are none."""
        return self.found / self.events if self.events else 0.0

    @property
    def precision(self) -> float:
        """Events found among events found and false alarms."""
        return self.found / max(1, self.found + self.false_alarms)

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return 2 * self.found / max(1, self.found + self.false_alarms + self.events)

    @property
    def false_per_day(self) -> float:
        """False alarms a device and day."""
        return self.false_alarms / self.device_days


@dataclass(frozen=True, slots=True)
class Truth:
    """The labels of a recording, row by row, for the rows that are scored."""

    device: NDArray[np.int32]
    at_s: NDArray[np.float64]
    event: NDArray[np.int32]
    """Number of the window a row lies in, −1 for none."""
    forgiven: NDArray[np.bool_]
    """Within an hour after a window: an alarm here is neither right nor wrong."""
    events: int
    device_days: float


def truth_of(recording: Recording) -> Truth:
    """Return the labels of the scored rows; events wholly before ``scored_from`` do not count."""
    event = np.full(len(recording.device), -1, np.int32)
    forgiven = np.zeros(len(recording.device), np.bool_)
    for number, window in enumerate(recording.windows):
        rows = recording.rows_of(window.device)
        at_s = recording.at_s[rows]
        event[rows][(at_s >= window.start_s) & (at_s <= window.end_s)] = number
        forgiven[rows] |= (at_s > window.end_s) & (at_s <= window.end_s + HOUR_S)
    keep = recording.scored
    days = 0.0
    for device in range(len(recording.device_ids)):
        rows = recording.rows_of(device)
        at_s = recording.at_s[rows][keep[rows]]
        if len(at_s) > 1:
            days += (at_s[-1] - at_s[0]) / 86400.0
    return Truth(
        device=recording.device[keep],
        at_s=recording.at_s[keep],
        event=event[keep],
        forgiven=forgiven[keep],
        events=len(np.unique(event[keep][event[keep] >= 0])),
        device_days=max(days, 1e-9),
    )


def score_alarms(truth: Truth, alarm: NDArray[np.bool_]) -> EventScore:
    """Return what given alarms found. ``alarm`` has one entry a scored row."""
    found, false = _count(alarm.astype(np.float64), 0.5, truth.device, truth.at_s, truth.event, truth.forgiven)
    return EventScore(0.5, found, truth.events, false, truth.device_days)


def score_thresholds(truth: Truth, score: NDArray[np.float64]) -> list[EventScore]:
    """Return what every candidate threshold would have found, highest threshold first."""
    return [
        EventScore(
            float(threshold),
            *_counted(truth, score, float(threshold)),
        )
        for threshold in candidates(score)
    ]


def _counted(truth: Truth, score: NDArray[np.float64], threshold: float) -> tuple[int, int, int, float]:
    found, false = _count(score, threshold, truth.device, truth.at_s, truth.event, truth.forgiven)
    return found, truth.events, false, truth.device_days


def candidates(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds to try, highest first; denser where alarms are few."""
    ordered = np.sort(score)[::-1]
    ranks = np.unique(np.geomspace(1, len(ordered), THRESHOLDS).astype(np.int64)) - 1
    return np.unique(ordered[ranks])[::-1]


def best_f1(scores: list[EventScore]) -> EventScore:
    """Return the threshold with the best event F1."""
    return max(scores, key=lambda score: score.f1)


def recall_within(scores: list[EventScore], false_per_day: float) -> float:
    """Return the best event recall among thresholds within a rate of false alarms."""
    return max((score.recall for score in scores if score.false_per_day <= false_per_day), default=0.0)


def average_precision(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return the area under the precision-recall curve, row by row, as the step-wise sum; ties share a step."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(positive[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    recall = hits[ends] / max(1, hits[-1])
    precision = hits[ends] / (ends + 1)
    return float(np.sum(np.diff(np.append(0.0, recall)) * precision))


@loop
def _count(score, threshold, device, at_s, event, forgiven):
    found = 0
    false = 0
    last_device = -1
    last_s = -1e18
    last_found = -1
    for row in range(len(score)):
        if not score[row] >= threshold:
            continue
        if device[row] == last_device and at_s[row] - last_s < HOUR_S:
            continue
        last_device = device[row]
        last_s = at_s[row]
        if event[row] >= 0:
            if event[row] != last_found:
                found += 1
                last_found = event[row]
        elif not forgiven[row]:
            false += 1
    return found, false
