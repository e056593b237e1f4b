"""Slow wear: how long before failure each machine is found (pure).

One cycle is one hour. The fleet's threshold comes from half of the machines' healthy part, more than 150 cycles before
failure, at no more than one crossing in 1,000 healthy cycles, and is judged on the other half; then the halves change
places. A machine is found at the first crossing within its last 150 cycles.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.bench.recordings import Recording

CYCLE_S = 3600.0
HEALTHY_CYCLES = 150.0
IN_TIME_CYCLES = 20.0


@dataclass(frozen=True, slots=True)
class WearScore:
    """Over both halves."""

    in_time: float
    """Share of machines found at least 20 cycles ahead."""
    lead_median: float
    lead_least: float
    false_per_1000: float
    """Crossings in the healthy cycles of the judged halves, per 1,000."""


def score_wear(recording: Recording, drift: NDArray[np.float64]) -> WearScore:
    """Return how long before failure the machines are found."""
    left = (recording.failed_at_s[recording.device] - recording.at_s) / CYCLE_S
    healthy = left > HEALTHY_CYCLES
    leads: list[float] = []
    crossed = cycles = 0
    for half in (0, 1):
        mine = recording.device % 2 == half
        threshold = _threshold(drift[mine & healthy])
        crossed += int(np.sum(drift[~mine & healthy] > threshold))
        cycles += int(np.sum(~mine & healthy))
        for device in range(1 - half, len(recording.device_ids), 2):
            rows = recording.rows_of(device)
            seen = (drift[rows] > threshold) & ~healthy[rows]
            leads.append(float(left[rows][seen].max()) if seen.any() else 0.0)
    return WearScore(
        in_time=float(np.mean(np.array(leads) >= IN_TIME_CYCLES)),
        lead_median=float(np.median(leads)),
        lead_least=min(leads),
        false_per_1000=1000.0 * crossed / max(1, cycles),
    )


def _threshold(healthy: NDArray[np.float64]) -> float:
    """Return the least threshold that at most one in 1,000 healthy cycles crosses."""
    allowed = len(healthy) // 1000
    return float(np.sort(healthy)[::-1][allowed])
