import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.health.recent import Ring


def one(at_s: float, *values: float, state: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([at_s], np.float64), np.array([values], np.float32), np.array([state], np.float32)


@given(st.integers(1, 200), st.integers(1, 500))
def test_a_ring_keeps_the_newest_in_order(limit: int, count: int) -> None:
    ring = Ring(limit)
    for number in range(count):
        ring.extend(*one(number, number, -number, state=number / 10))

    at_s, values, state = ring.read()

    assert at_s.tolist() == [float(n) for n in range(count)][-limit:]
    assert values[:, 0].tolist() == at_s.tolist()
    assert len(state) == len(at_s)


def test_only_what_is_young_enough() -> None:
    ring = Ring(10)
    for number in range(20):
        ring.extend(*one(number, number, state=0.0))

    assert ring.read(since_s=17.0)[0].tolist() == [17.0, 18.0, 19.0]


def test_a_new_metric_is_missing_from_what_was_before() -> None:
    ring = Ring(3)
    for number in range(5):
        ring.extend(*one(number, number, state=0.0))
    ring.extend(*one(5, 5, 50))

    values = ring.read()[1]

    assert values[:, 0].tolist() == [3.0, 4.0, 5.0]
    assert np.isnan(values[:2, 1]).all()
    assert values[2, 1] == 50.0


@given(st.integers(1, 80), st.integers(0, 200))
def test_a_saved_ring_reads_the_same(limit: int, count: int) -> None:
    ring = Ring(limit)
    for number in range(count):
        ring.extend(*one(number, number, 1, state=0.5))

    again = Ring.restored(limit, ring.saved())

    assert again.saved() == ring.saved()
