"""Valid recordings and signs with one thing changed."""

import numpy as np

from agent.bench.recordings import Recording, Window
from agent.diagnose.signs import Signs


def recording(at_h: list[float], windows: list[tuple[float, float]], scored_from_h: float = 0.0) -> Recording:
    """One device, one metric, a row at each given hour."""
    at_s = np.array(at_h) * 3600
    rows = len(at_h)
    return Recording(
        name="made up",
        device_ids=("d",),
        metrics=("m",),
        device=np.zeros(rows, np.int32),
        at_s=at_s,
        values=np.zeros((rows, 1), np.float32),
        regime=np.zeros(rows, np.int32),
        scored=at_s >= scored_from_h * 3600,
        windows=tuple(Window(0, start * 3600, end * 3600, frozenset()) for start, end in windows),
        failed_at_s=np.array([np.nan]),
    )


def signs(*recent: str, hour: int = 12, age_days: dict[str, float] | None = None) -> Signs:
    """Signs of the last day, the last one last."""
    return Signs(last=recent[-1], recent=frozenset(recent), hour=hour, age_days=age_days or {"pump": 10.0})
