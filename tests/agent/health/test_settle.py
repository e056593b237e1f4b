"""Calm scores are settled in bulk: with the same outcome as if the rules had been asked about every one."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.device import DeviceHealth
from agent.health.fleet import Fleet
from agent.health.gathering import Source
from agent.health.interface import Samples, Scores
from agent.health.models import ModelKind
from agent.health.recent import Ring
from broker.messages import Telemetry
from tests.builders import ShortSighted

START_S = 1_790_000_000.0
states = st.sampled_from([0.0, 0.5, 1.9, 2.0, 3.29, 3.3, 3.6, 4.0, 5.0, 9.0])
drifts = st.sampled_from([0.0, 0.0, 0.0, 0.69, 0.7, 0.99, 1.0, 1.6])
steps = st.tuples(
    st.integers(0, 1),  # device
    st.sampled_from([1.0, 60.0, 60.0, 700.0, 90_000.0]),  # seconds since the last sample
    states | st.just(0.0) | st.just(0.5),
    drifts,
    st.integers(0, 20).map(lambda draw: draw == 0),  # warming
    st.integers(0, 20).map(lambda draw: draw == 0),  # after a gap
    st.sampled_from([0.0, 0.0, 3.0, 900.0, 4_000.0]),  # seconds on its way
)


class Told(ShortSighted):
    """A model that says what it was told to say."""

    def __init__(self) -> None:
        self.next: list[tuple[float, float, bool]] = []

    def grow(self, devices: int) -> None:
        del devices

    def forget(self, device: int) -> None:
        del device

    def snapshot(self) -> bytes:
        return b""

    @classmethod
    def restore(cls, data: bytes) -> "Told":
        del data
        return cls()

    def step(self, samples: Samples) -> Scores:
        rows, width = samples.values.shape
        said, self.next = self.next[:rows], self.next[rows:]
        blank = np.zeros((rows, width), np.float32)
        state, drift, warming = zip(*said, strict=True)
        return Scores(
            onset=np.zeros(rows, np.float32),
            state=np.array(state, np.float32),
            drift=np.array(drift, np.float32),
            alarm=np.zeros(rows, np.bool_),
            warming=np.array(warming),
            because=blank,
            z=blank,
            usual=blank,
        )


def sample(seq: int) -> Telemetry:
    return Telemetry(boot=("b",), seq=(seq,), ts_ms=(None,), metrics=("m",), flat=(1.0,))


def as_state(device: DeviceHealth) -> dict[str, object]:
    kept = ("state", "drift", "warming", "newest_s", "gap_s", "incomplete_s")
    return {
        "verdict": asdict(device.verdict),
        "raising": asdict(device.raising),
        **{name: getattr(device, name) for name in kept},
    }


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.lists(steps, min_size=1, max_size=120), st.integers(1, 40))
def test_what_is_settled_in_bulk_ends_as_the_rules_say(
    said: list[tuple[int, float, float, float, bool, bool, float]], size: int
) -> None:
    model = Told()
    fleet = Fleet(choice=lambda _product: "told", kinds={"told": ModelKind(lambda: model, Told.restore)})
    alone = [DeviceHealth(f"d{place}", "", place, Ring(10)) for place in range(2)]
    found: list[tuple[str, float, str]] = []
    expected: list[tuple[str, float, str]] = []
    at_s = START_S
    for number, (place, passed_s, state, drift, warming, after_gap, late_s) in enumerate(said):
        at_s += passed_s
        arrived_s = at_s + late_s
        single = alone[place]
        level, wear = float(np.float32(state)), float(np.float32(drift))
        single.newest_s = at_s
        if after_gap:
            single.gap(arrived_s)
        single.scored(state=level, drift=wear, warming=warming, at_s=at_s, arrived_s=arrived_s)
        kind = single.raising.take(state=level, drift=wear, verdict=single.verdict, at_s=at_s)
        if kind is not None:
            expected.append((single.device_id, at_s, kind))
        fleet.sample(single.device_id, sample(number), [at_s], Source(number, arrived_s, after_gap))
        model.next.append((state, drift, warming))
        if number % size == 0 or number == len(said) - 1:
            found += [(one.finding.device_id, one.finding.at.timestamp(), one.finding.kind) for one in fleet.score()]

    assert found == expected
    for device_id, device in fleet.devices.items():
        assert as_state(fleet.current(device)) == as_state(alone[int(device_id[1])])
