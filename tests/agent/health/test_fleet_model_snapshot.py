"""A fleet model as bytes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.errors import SnapshotError
from agent.health.fleet_model import FleetModel
from agent.health.seal import seal, unseal
from agent.health.sheet import MOST_METRICS
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
        FleetModel.restore(seal("fleet", 4, unseal("fleet", 4, SNAPSHOT)[:-4]))
    with pytest.raises(SnapshotError, match="missing"):
        FleetModel.restore(seal("fleet", 4, b""))


def test_what_is_written_into_a_file_is_the_snapshot_and_reads_back(tmp_path: Path) -> None:
    model = FleetModel.restore(SNAPSHOT)
    path = tmp_path / "model"

    with path.open("wb") as file:
        model.write(file)
    with path.open("rb") as file:
        again = FleetModel.read(file)

    assert path.read_bytes() == SNAPSHOT
    assert again.snapshot() == SNAPSHOT


def test_a_snapshot_with_something_behind_it_is_refused() -> None:
    with pytest.raises(SnapshotError, match="checksum"):
        FleetModel.restore(SNAPSHOT + b"x")


def test_more_metrics_than_a_model_may_have_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        FleetModel().step(samples(np.zeros((1, MOST_METRICS + 1))))
