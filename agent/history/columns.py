"""Which column a metric has in a file of history (pure): its own name, unless that is one of ours."""

from typing import Final

import pyarrow as pa

INSTANT: Final = pa.timestamp("us", "UTC")
DEVICE: Final = "device_id"
AT: Final = "ts"
SAMPLES: Final = "samples"
LAST_AT: Final = "last_at"
STATISTICS: Final = ("min", "max", "mean", "last")
MOST_COLUMNS: Final = 512
"""Columns a product may have; further metrics are left out, so that no device can make a file of any width."""

_OURS: Final = frozenset({DEVICE, AT, SAMPLES, LAST_AT, "product", "firmware", "day", "month"})


def column_of(metric: str) -> str:
    """Return the metric's column; no metric's own name has a dot in it."""
    return f"metric.{metric}" if metric in _OURS else metric


def rolled_up(column: str, statistic: str) -> str:
    """Return the column of one of the ``STATISTICS`` of a column in a roll-up."""
    return f"{column}_{statistic}"
