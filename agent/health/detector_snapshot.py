"""How river's detectors are written down (pure): pickled, for they have no other form, and read back with a short list.

River offers no format of its own. A snapshot lies in our data directory behind a checksum, and the reader makes nothing
but river's own objects and the few plain classes they are built from: a forged one is refused, not run.
"""

import io
import pickle
from collections.abc import Sequence
from typing import Any, Final

from agent.health.detector_device import DetectorDevice
from agent.health.errors import SnapshotError
from agent.health.river_detectors import DETECTORS
from agent.health.seal import seal, unseal

KIND: Final = "river-detectors"
_VERSION: Final = 1
_PROTOCOL: Final = 5
_ALLOWED: Final = frozenset(
    {
        ("builtins", "tuple"),
        ("collections", "defaultdict"),
        ("functools", "partial"),
        ("random", "Random"),
        ("numpy", "dtype"),
        ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy._core.numeric", "_frombuffer"),
        ("agent.health.budget", "Budget"),
        ("agent.health.detector_device", "DetectorDevice"),
        ("agent.health.detector_device", "Stream"),
        ("agent.health.long_mean", "LongMean"),
        ("agent.health.river_detectors", "EachMetric"),
        ("agent.health.river_detectors", "Scale"),
        ("agent.health.tail", "Tail"),
    }
)
_RIVER: Final = ("river.anomaly.", "river.optim.", "river.proba.", "river.sketch.", "river.stats.", "river.tree.")
_RIVER_RUST: Final = ("river._river_rust.vectordict", "VectorDict")


class _Reader(pickle.Unpickler):
    """Makes river's objects and our own, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - the base class's own type
        named = (module, name)
        if named in _ALLOWED or named == _RIVER_RUST:
            return super().find_class(module, name)
        if module.startswith(_RIVER):
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise SnapshotError(KIND, f"it holds {module}.{name}, which no detector is made of")


def pack_devices(name: str, warm: int, devices: Sequence[DetectorDevice]) -> bytes:
    """Return everything known about devices under the detector ``name``; the same state gives the same bytes.

    Pickles note which equal values are one object. Only what was read back is told apart by value alone, so it is
    written a second time.
    """
    once = pickle.dumps((name, warm, list(devices)), _PROTOCOL)
    return seal(KIND, _VERSION, pickle.dumps(_Reader(io.BytesIO(once)).load(), _PROTOCOL))


def unpack_devices(data: bytes) -> tuple[str, int, list[DetectorDevice]]:
    """Return the detector's name, its warm-up and the devices.

    Raises:
        SnapshotError: damaged, of another version or a detector unknown here, or holding what no detector is made of.
    """
    body = unseal(KIND, _VERSION, data)
    try:
        name, warm, devices = _Reader(io.BytesIO(body)).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, TypeError, ValueError, EOFError) as error:
        raise SnapshotError(KIND, str(error)) from error
    if name not in DETECTORS:
        raise SnapshotError(KIND, f"no detector is called {name!r} here")
    return name, warm, devices
