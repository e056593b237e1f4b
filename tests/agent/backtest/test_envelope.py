import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.backtest.envelope import Envelope
from agent.backtest.frames import Frame

readings = st.lists(st.floats(-100, 100, width=32), min_size=1, max_size=60)


@given(readings, st.integers(1, 70), st.integers(1, 20))
def test_no_spike_is_lost_however_long_the_history_and_however_it_is_fed(
    values: list[float], batch: int, slices: int
) -> None:
    envelope = Envelope(Frame(0, 0, len(values) - 1 or 1, ("flow",)), 1, slices)
    column = np.array(values, np.float32)[:, None]

    for first in range(0, len(values), batch):
        at_us = np.arange(first, min(first + batch, len(values)))
        envelope.feed(at_us, column[first : first + batch])

    assert np.nanmin(envelope.low) == column.min()
    assert np.nanmax(envelope.high) == column.max()


def test_slices_without_rows_stay_empty_and_rows_outside_are_left_out() -> None:
    envelope = Envelope(Frame(0, 100, 199, ("flow",)), 1, 10)

    envelope.feed(np.array([50, 105, 195, 300]), np.array([[9.0], [1.0], [2.0], [9.0]], np.float32))

    assert np.flatnonzero(np.isfinite(envelope.high[0])).tolist() == [0, 9]
    assert np.nanmax(envelope.high) == 2.0
