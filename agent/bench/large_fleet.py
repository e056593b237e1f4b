"""What a large fleet takes in one process (shell: steps, writes and reads a model in a child process).

``python -m agent.bench.large_fleet DEVICES`` prints its figures as JSON. Peak memory is that of the child alone: its
interpreter, the compiled code, the model while it learns, is written to a file and, once it is gone, read back.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

import numpy as np

from agent.health.fleet_model import FleetModel
from agent.health.interface import Samples

DEVICES: Final = 100_000
_METRICS: Final = 20
_ROUNDS: Final = 12  # samples a device: residuals are judged by then
_BATCH: Final = 5_000
_MINUTE_S: Final = 60.0


def measure_large(devices: int = DEVICES) -> dict[str, float]:
    """Return the figures of a child process that keeps so many devices; takes about a minute for 100,000.

    Raises:
        subprocess.CalledProcessError: it failed, its message on standard error.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", __name__, str(devices)], check=True, capture_output=True, text=True
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def run(devices: int, path: Path) -> dict[str, float]:
    """Step, write and read a fleet in this process, and return what it took; the file stays."""
    model = FleetModel()
    model.grow(devices)
    stepped_s: list[float] = []
    for batch in _batches(devices):
        begun = process_time()
        model.step(batch)
        stepped_s.append((process_time() - begun) / len(batch.device))
    stepped_mb = _peak_mb()
    begun = process_time()
    with path.open("wb") as file:
        model.write(file)
    written_s, written_mb = process_time() - begun, _peak_mb()
    del model
    begun = process_time()
    with path.open("rb") as file:
        again = FleetModel.read(file)
    return {
        "devices": float(again.devices),
        "us_a_sample": median(stepped_s) * 1e6,
        "peak_mb_stepped": stepped_mb,
        "peak_mb_snapshotted": written_mb,
        "peak_mb_restored": _peak_mb(),
        "snapshot_s": written_s,
        "restore_s": process_time() - begun,
        "bytes_a_device_on_disk": path.stat().st_size / devices,
    }


def _batches(devices: int) -> Iterator[Samples]:
    chance = np.random.default_rng(7)

    def batch(number: int) -> Samples:
        round_, first = divmod(number * _BATCH, -(-devices // _BATCH) * _BATCH)
        device = np.arange(first, min(first + _BATCH, devices), dtype=np.int32)
        return Samples(
            device=device,
            at_s=np.full(len(device), _MINUTE_S * round_),
            values=chance.normal(20.0, 1.0, (len(device), _METRICS)).astype(np.float32),
            regime=np.zeros(len(device), np.int32),
            learn=np.ones(len(device), np.bool_),
        )

    return map(batch, range(_ROUNDS * -(-devices // _BATCH)))


def _peak_mb() -> float:
    """Return the most memory this process has had at once; not what its parent had, as ``getrusage`` would."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(int(sys.argv[1]), Path(folder) / "model")))  # noqa: T201 - what the parent reads
