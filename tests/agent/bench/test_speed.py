"""What speed and memory are measured with."""

from pathlib import Path

import pytest

from agent.bench.large_fleet import measure_large, run
from agent.bench.speed import measure_speed
from agent.health.fleet_model import FleetModel


def test_a_fleet_is_stepped_written_and_read_back_whole(tmp_path: Path) -> None:
    figures = run(30, tmp_path / "model")

    with (tmp_path / "model").open("rb") as file:
        model = FleetModel.read(file)
    assert figures["devices"] == model.devices == 30
    assert model.memory().seen.tolist() == [12] * 30
    assert 0 < figures["bytes_a_device_on_disk"] < 16_000


@pytest.mark.slow
def test_peak_memory_is_that_of_a_process_of_its_own() -> None:
    figures = measure_large(20_000)

    assert figures["devices"] == 20_000
    assert 250 < figures["peak_mb_restored"] < 700


@pytest.mark.slow
def test_every_contender_is_measured_on_the_same_stream() -> None:
    figures = measure_speed(5)

    assert {"amends", "river HalfSpaceTrees", "river MinMaxScaler | HalfSpaceTrees"} <= set(figures)
    assert figures["amends"]["times_the_model"] == 1.0
    assert figures["river HalfSpaceTrees"]["times_the_model"] > 10
