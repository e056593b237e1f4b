"""What was recorded, in the protocol's alphabet (pure): devices, rows, names, and when they are said again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from broker.limits import MAX_NAME_CHARS
from broker.topics import is_device_id

KEYS: Final = ("device_id", "ts", "product", "firmware")
"""Columns that are no metrics."""
_NUMBERS: Final = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL.*|FLOAT|REAL|DOUBLE|BOOLEAN)")

Value: TypeAlias = float | bool | str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded device; instants in Unix milliseconds. ``product`` and ``firmware`` are empty where not recorded."""

    device_id: str
    product: str
    firmware: str
    rows: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded sample; ``values`` are in the order of the recording's metrics, ``None`` for not measured."""

    device_id: str
    ts_ms: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """When the recorded rows are said, in wall time from the start, and what instants they bear.

    ``shift_ms`` is added to every recorded instant; ``speed`` ``None``: as fast as the broker acknowledges.
    """

    first_ms: int
    shift_ms: int
    speed: float | None

    @classmethod
    def ending_now(cls, devices: Sequence[Recorded], now_ms: int, speed: float | None) -> "Pace":
        """Return the pace by which the newest row bears the instant at which it is said. ``devices`` is not empty."""
        first_ms = min(device.first_ms for device in devices)
        last_ms = max(device.last_ms for device in devices)
        takes_ms = (last_ms - first_ms) / speed if speed else 0.0
        return cls(first_ms, round(now_ms + takes_ms) - last_ms, speed)

    def due_s(self, ts_ms: int) -> float:
        """Return when a row is due, in seconds from the start; 0: at once."""
        return (ts_ms - self.first_ms) / 1000 / self.speed if self.speed else 0.0


@dataclass(frozen=True, slots=True)
class Played:
    """What a replay came to. ``seconds`` is wall time from the first sample to the last acknowledgement."""

    devices: int
    samples: int
    messages: int
    seconds: float

    @property
    def rate(self) -> float:
        """Acknowledged messages a second."""
        return self.messages / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        """Return one line for a person."""
        return (
            f"{self.samples:,} samples of {self.devices} devices in {self.messages:,} messages, "
            f"{self.seconds:.1f} s, {self.rate:,.0f} messages/s"
        )

    def facts(self, pace: Pace) -> dict[str, float]:
        """Return the same as facts; ``shift_ms`` is what was added to every recorded instant."""
        return {
            "devices": self.devices,
            "samples": self.samples,
            "messages": self.messages,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
            "shift_ms": pace.shift_ms,
        }


def device_id_of(text: str) -> str:
    """Return a recorded id in the protocol's alphabet: what does not fit becomes ``-``, at most 64 characters stay."""
    if is_device_id(text):
        return text
    return re.sub(r"[^A-Za-z0-9_.:-]", "-", text)[:MAX_NAME_CHARS] or "device"


def metric_name(text: str) -> str:
    """Return a column's name as a metric name: lower case, what does not fit becomes ``_``, at most 64 characters."""
    return re.sub(r"[^a-z0-9_]", "_", text.lower())[:MAX_NAME_CHARS] or "metric"


def problem_of(columns: Mapping[str, str], context: Sequence[str]) -> str:
    """Return why a table with these columns (SQL type by name) cannot be replayed; empty: it can."""
    given = [name for name in columns if name not in KEYS]
    missing = [key for key in ("device_id", "ts") if key not in columns]
    strange = [name for name in context if name not in given]
    worded = [name for name in given if name not in context and not _NUMBERS.fullmatch(columns[name])]
    names = [metric_name(name) for name in given]
    if missing:
        return f"there is no column {missing[0]}"
    if strange:
        return f"there is no column {strange[0]} for --context"
    if worded:
        return f"column {worded[0]} holds no numbers; name it in --context if it is a regime"
    if not given:
        return "there is no column with a metric"
    return "two columns would become the same metric name" if len(set(names)) != len(names) else ""
