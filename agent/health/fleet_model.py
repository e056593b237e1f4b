"""The per-device model of all devices of one product (state): compiled, a few µs a sample, 16 kB a device."""

import struct
import sys
from collections.abc import Iterable
from io import BufferedIOBase, BytesIO
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from agent.health.errors import SnapshotError
from agent.health.interface import NOTHING_LASTS, Lasting, Samples, Scores
from agent.health.kernel import step_rows
from agent.health.kinship import WEAR_AFTER_S
from agent.health.memory import (
    LEAST_WANDER,
    WORN_PEAK,
    Memory,
    bytes_per_device,
    first_rows,
    new_fleet,
    new_memory,
    wear_of,
    widened,
    widened_fleet,
    with_devices,
)
from agent.health.seal import begin, head_of, seal_parts
from agent.health.sheet import MOST_METRICS

KIND: Final = "fleet"
_VERSION: Final = 4
_ROOM_AHEAD: Final = 8  # one row in so many is made ahead of need
_NEGATIVE: Final = "a device row or a regime is negative"
_TOO_WIDE: Final = f"a model has at most {MOST_METRICS} metrics"


_HEAD: Final = struct.Struct("<IIId")  # metrics, regimes, devices, alarms a day


class FleetModel:
    """Learns what is normal for each device of a product, online, and says when it is not.

    One call scores and learns a batch; a score never depends on a later row, nor on how rows were cut into batches.
    What devices of the product have in common (spread, how metrics move together, usual wear) is learned beside it and
    helps a new device over its first days.

    Args:
        alarms_per_day: onsets a device may raise in a day on average; ask often, act seldom.
    """

    def __init__(self, alarms_per_day: float = 1.0) -> None:
        self.alarms_per_day = alarms_per_day
        self._memory = self._room = new_memory(0, 0, 1)  # the room may be for more devices than there are
        self._fleet = new_fleet(0, 1)

    @property
    def devices(self) -> int:
        """Device rows there are."""
        return len(self._memory.seen)

    @property
    def metrics(self) -> int:
        """Metrics there is room for: up to the last one that was ever measured."""
        return int(self._memory.mean.shape[2])

    @property
    def regimes(self) -> int:
        """Regimes there is room for, at least one."""
        return int(self._memory.mean.shape[1])

    def grow(self, devices: int) -> None:
        """Make room for at least ``devices`` device rows; what is known stays."""
        if devices <= self.devices:
            return
        room = len(self._room.seen)
        if devices > room:  # ahead of need by a share: who join one by one are not all copied for each
            self._room = with_devices(self._memory, max(devices, room + room // _ROOM_AHEAD))
        self._memory = first_rows(self._room, devices)

    def forget(self, device: int) -> None:
        """Let a device row be as it was before its first sample; the fleet's averages stay."""
        fresh = new_memory(1, self.metrics, self.regimes)
        arrays: Iterable[tuple[NDArray[Any], NDArray[Any]]] = zip(self._memory, fresh, strict=True)
        for rows, empty in arrays:
            rows[device] = empty[0]

    def lasting(self, device: int) -> Lasting:
        """Return what has been lasting of a device."""
        memory, fleet, metrics = self._memory, self._fleet, self.metrics
        if device >= len(memory.seen) or not memory.seen[device] * memory.interval_s[device] >= WEAR_AFTER_S:
            return NOTHING_LASTS
        wear = wear_of(memory, device).reshape(-1)[:metrics]
        samples = fleet.learned[:, None] / max(fleet.learned.sum(), 1.0)
        spread = np.sqrt((samples * fleet.noise).sum(axis=0))
        return Lasting(
            (wear / np.sqrt(np.maximum(fleet.wander, LEAST_WANDER))).astype(np.float32),
            (wear * spread).astype(np.float32),
        )

    def begin_anew(self, device: int) -> None:
        """Let what has been lasting of a device count from nothing."""
        if device < self.devices:
            wear_of(self._memory, device)[:] = 0.0
            self._memory.worn_s[device], self._memory.mood[device, WORN_PEAK] = np.inf, 0.0

    def step(self, samples: Samples) -> Scores:
        """Score every sample, then learn from those marked ``learn``.

        A device row, a metric or a regime beyond the room there is makes room. A new metric does so in the very row
        that first measures it, so that how rows are cut into batches changes nothing.

        Raises:
            ValueError: a device row or a regime is negative, or there are too many metrics.
        """
        rows, width = samples.values.shape
        scores = _no_scores(rows, width)
        if rows == 0:
            return scores
        if min(int(samples.device.min()), int(samples.regime.min())) < 0:
            raise ValueError(_NEGATIVE)
        if width > MOST_METRICS:
            raise ValueError(_TOO_WIDE)
        self.grow(int(samples.device.max()) + 1)
        self._widen(self.metrics, int(samples.regime.max()) + 1)
        start = 0
        for row, metrics in _first_measured(samples.values, self.metrics):
            self._step(samples, scores, slice(start, row))
            self._widen(metrics, self.regimes)
            start = row
        self._step(samples, scores, slice(start, rows))
        return scores

    def snapshot(self) -> bytes:
        """Return the whole state; the same state gives the same bytes."""
        return seal_parts(KIND, _VERSION, self._parts())

    def write(self, file: BufferedIOBase) -> None:
        """Write what ``snapshot`` returns into a file, without a copy of it in memory.

        Raises:
            OSError: it could not be written.
        """
        parts = self._parts()
        file.write(head_of(KIND, _VERSION, parts))
        file.writelines(parts)

    @classmethod
    def restore(cls, data: bytes) -> Self:
        """Return the model a snapshot describes.

        Raises:
            SnapshotError: the bytes are damaged, or of another kind or version.
        """
        return cls.read(BytesIO(data))

    @classmethod
    def read(cls, file: BufferedIOBase) -> Self:
        """Return the model that ``write`` put into a file; what is read goes straight into the model's arrays.

        Raises:
            OSError: it could not be read.
            SnapshotError: it is damaged, or of another kind or version.
        """
        reading = begin(KIND, _VERSION, file)
        head = bytearray(_HEAD.size)
        reading.into(memoryview(head))
        metrics, regimes, devices, alarms_per_day = _HEAD.unpack(head)
        if max(metrics, regimes) > MOST_METRICS or reading.left != _bytes(devices, metrics, regimes):
            raise SnapshotError(KIND, "shape and size disagree")
        model = cls(alarms_per_day)
        model._memory = model._room = new_memory(devices, metrics, regimes)
        model._fleet = new_fleet(metrics, regimes)
        arrays: list[NDArray[Any]] = [*model._memory, *model._fleet]
        for array in arrays:
            reading.into(array.reshape(-1).view(np.uint8).data)
            if sys.byteorder == "big":
                array.byteswap(inplace=True)
        reading.finish()
        return model

    def memory(self) -> Memory:
        """Return the arrays themselves, to read and not to keep."""
        return self._memory

    def _parts(self) -> list[bytes | memoryview]:
        """Return the state as the bytes of its arrays, not copied."""
        head = _HEAD.pack(self.metrics, self.regimes, self.devices, self.alarms_per_day)
        arrays: list[NDArray[Any]] = [*self._memory, *self._fleet]
        return [head, *(_little(array).reshape(-1).view(np.uint8).data for array in arrays)]

    def _widen(self, metrics: int, regimes: int) -> None:
        if metrics > self.metrics or regimes > self.regimes:
            metrics, regimes = max(metrics, self.metrics), max(regimes, self.regimes)
            self._memory = self._room = widened(self._memory, metrics, regimes)
            self._fleet = widened_fleet(self._fleet, metrics, regimes)

    def _step(self, samples: Samples, scores: Scores, rows: slice) -> None:
        """Score and learn some rows, with the metrics known now."""
        if rows.start == rows.stop:
            return
        width, known = samples.values.shape[1], self.metrics
        values = samples.values[rows]
        out = [scores.because[rows], scores.z[rows], scores.usual[rows]]
        if width != known:
            values = _fitted(values, known)
            out = [_fitted(part, known) for part in out]
        step_rows(
            self._memory,
            self._fleet,
            self.alarms_per_day,
            samples.device[rows],
            samples.at_s[rows],
            np.ascontiguousarray(values),
            samples.regime[rows],
            samples.learn[rows],
            scores.onset[rows],
            scores.state[rows],
            scores.drift[rows],
            scores.alarm[rows],
            scores.warming[rows],
            *out,
        )
        if width != known:
            shared = min(width, known)
            for whole, part in zip((scores.because, scores.z, scores.usual), out, strict=True):
                whole[rows, :shared] = part[:, :shared]


def _no_scores(rows: int, width: int) -> Scores:
    return Scores(
        onset=np.zeros(rows, np.float32),
        state=np.zeros(rows, np.float32),
        drift=np.zeros(rows, np.float32),
        alarm=np.zeros(rows, np.bool_),
        warming=np.zeros(rows, np.bool_),
        because=np.zeros((rows, width), np.float32),
        z=np.full((rows, width), np.nan, np.float32),
        usual=np.full((rows, width), np.nan, np.float32),
    )


def _first_measured(values: NDArray[np.float32], known: int) -> list[tuple[int, int]]:
    """Return the rows in which a metric beyond the known ones is measured first, and how many metrics that makes."""
    if values.shape[1] <= known:
        return []
    measured = np.isfinite(values[:, known:])
    first = np.where(measured.any(axis=0), measured.argmax(axis=0), len(values))
    found: list[tuple[int, int]] = []
    for row in sorted({int(row) for row in first if row < len(values)}):
        metrics = known + int(np.flatnonzero(first == row).max()) + 1
        if not found or metrics > found[-1][1]:
            found.append((row, metrics))
    return found


def _fitted(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return the values with so many columns; those that are not there are NaN."""
    fitted = np.full((len(values), width), np.nan, np.float32)
    shared = min(width, values.shape[1])
    fitted[:, :shared] = values[:, :shared]
    return fitted


def _bytes(devices: int, metrics: int, regimes: int) -> int:
    arrays: list[NDArray[Any]] = [*new_fleet(metrics, regimes)]
    return devices * bytes_per_device(metrics, regimes) + sum(array.nbytes for array in arrays)


def _little(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
