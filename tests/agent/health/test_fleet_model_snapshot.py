"""A fleet model as bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.errors import SnapshotError
from agent.health.fleet_model import FleetModel
from agent.health.seal import seal, unseal
from tests.agent.health.made import calm, samples


def learned() -> bytes:
    model = FleetModel()
    model.step(samples(calm(50, metrics=2)))
    return model.snapshot()


SNAPSHOT = learned()


@settings(deadline=None)
@given(place=st.integers(0, len(SNAPSHOT) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_in_a_snapshot_is_noticed(place: int, bit: int) -> None:
    data = bytearray(SNAPSHOT)
    data[place] ^= 1 << bit

    with pytest.raises(SnapshotError):
        FleetModel.restore(bytes(data))


def test_a_snapshot_of_the_right_kind_and_the_wrong_size_is_refused() -> None:
    with pytest.raises(SnapshotError, match="size"):
        FleetModel.restore(seal("fleet", 3, unseal("fleet", 3, SNAPSHOT)[:-4]))
    with pytest.raises(SnapshotError, match="head"):
        FleetModel.restore(seal("fleet", 3, b""))
