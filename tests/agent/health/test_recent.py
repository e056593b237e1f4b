import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.health.recent import Ring


def row(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@given(st.integers(1, 200), st.integers(1, 500))
def test_a_ring_keeps_the_newest_in_order(limit: int, count: int) -> None:
    ring = Ring(limit)
    for number in range(count):
        ring.add(float(number), row(number, -number), number / 10)

    at_s, values, state = ring.read()

    assert at_s.tolist() == [float(n) for n in range(count)][-limit:]
    assert values[:, 0].tolist() == at_s.tolist()
    assert len(state) == len(at_s)


def test_only_what_is_young_enough() -> None:
    ring = Ring(10)
    for number in range(20):
        ring.add(float(number), row(number), 0.0)

    assert ring.read(since_s=17.0)[0].tolist() == [17.0, 18.0, 19.0]


def test_a_new_metric_is_missing_from_what_was_before() -> None:
    ring = Ring(3)
    for number in range(5):
        ring.add(float(number), row(number), 0.0)
    ring.add(5.0, row(5, 50), 0.0)

    values = ring.read()[1]

    assert values[:, 0].tolist() == [3.0, 4.0, 5.0]
    assert np.isnan(values[:2, 1]).all()
    assert values[2, 1] == 50.0


@given(st.integers(1, 80), st.integers(0, 200))
def test_a_saved_ring_reads_the_same(limit: int, count: int) -> None:
    ring = Ring(limit)
    for number in range(count):
        ring.add(float(number), row(number, 1), 0.5)

    again = Ring.restored(limit, ring.saved())

    assert again.saved() == ring.saved()
