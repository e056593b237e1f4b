"""The lead-time rule."""

import numpy as np

from agent.bench.recordings import Recording
from agent.bench.wear import score_wear


def fleet(machines: int, cycles: int) -> Recording:
    """Machines that fail after so many cycles of an hour."""
    rows = machines * cycles
    return Recording(
        name="made up",
        device_ids=tuple(str(machine) for machine in range(machines)),
        metrics=("m",),
        device=np.repeat(np.arange(machines, dtype=np.int32), cycles),
        at_s=np.tile(np.arange(cycles) * 3600.0, machines),
        values=np.zeros((rows, 1), np.float32),
        regime=np.zeros(rows, np.int32),
        scored=np.ones(rows, np.bool_),
        windows=(),
        failed_at_s=np.full(machines, cycles * 3600.0),
    )


def test_a_machine_is_found_when_its_drift_first_crosses() -> None:
    recording = fleet(4, 300)
    left = 300 - np.tile(np.arange(300), 4)

    score = score_wear(recording, (left <= 60).astype(np.float64))

    assert (score.in_time, score.lead_median, score.false_per_1000) == (1.0, 60.0, 0.0)


def test_a_machine_found_too_late_is_not_in_time() -> None:
    recording = fleet(4, 300)
    left = 300 - np.tile(np.arange(300), 4)

    assert score_wear(recording, (left <= 10).astype(np.float64)).in_time == 0.0


def test_a_constant_drift_finds_nothing() -> None:
    assert score_wear(fleet(4, 300), np.ones(1200)).lead_median == 0.0
