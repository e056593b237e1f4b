"""Whose time a sample gets (pure): the device's own where it can be right, the arrival's where it cannot.

A device without a clock says nothing or 1970; one that sends seconds for milliseconds lands in 1970 too.
"""

from datetime import timedelta
from typing import Final

_OLDEST: Final = timedelta(days=400) // timedelta(milliseconds=1)  # a backlog of a device that was away for a year
_AHEAD: Final = timedelta(minutes=10) // timedelta(milliseconds=1)  # what clocks drift apart when somebody minds them


def can_be_right(ts_ms: int | None, arrival_ms: int) -> bool:
    """Tell whether a device's own time may be used; ``None``: it gave none."""
    return ts_ms is not None and arrival_ms - _OLDEST <= ts_ms <= arrival_ms + _AHEAD
