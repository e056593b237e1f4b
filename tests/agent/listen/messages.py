"""Journal entries as devices would cause them, for the tests of this folder."""

import json
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from agent.store.segment import Entry, Record

START_MS = 1_790_000_000_000
MINUTE_MS = 60_000


def record(device: str, channel: str, payload: bytes | Mapping[str, object] | list[object], at_ms: int) -> Record:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Record(at_ms, f"amends/v1/{device}/{channel}", body)


def birth(device: str, at_ms: int = START_MS, **changed: object) -> Record:
    said = {"v": 1, "boot": "b1", "product": "frost-200", "metrics": {"temp_c": {}}, "context": ["mode"]} | changed
    return record(device, "birth", said, at_ms)


def sample(device: str, seq: int, at_ms: int | None = None, *, boot: str = "b1", **m: object) -> Record:
    at_ms = START_MS + seq * MINUTE_MS if at_ms is None else at_ms
    said = {"v": 1, "boot": boot, "seq": seq, "ts": at_ms, "m": m or {"temp_c": 4.0}}
    return record(device, "telemetry", said, at_ms)


def event(device: str, seq: int, code: str, at_ms: int = START_MS) -> Record:
    said = {"v": 1, "boot": "b1", "seq": seq, "ts": at_ms, "code": code, "level": "info"}
    return record(device, "event", said, at_ms)


def entries(records: Iterable[Record], first: int = 0) -> tuple[Entry, ...]:
    return tuple(Entry(offset, *one) for offset, one in enumerate(records, first))


def days_of(device: str, minutes: int, *, seed: int = 1, shift_from: int | None = None) -> list[Record]:
    """A device with three metrics and a daily rhythm; from minute ``shift_from`` on, one of them is off."""
    chance = Random(f"{device}/{seed}")
    records = []
    for minute in range(minutes):
        off = 8.0 if shift_from is not None and minute >= shift_from else 0.0
        records.append(
            sample(
                device,
                minute,
                temp_c=chance.gauss(-18, 0.5) + off,
                fan_rpm=chance.gauss(1200, 10),
                duty=chance.gauss(0.5, 0.05),
                mode="eco" if minute % 100 < 20 else "normal",
            )
        )
    return records


def batches(records: Sequence[Record], size: int) -> list[tuple[Entry, ...]]:
    numbered = entries(records)
    return [numbered[start : start + size] for start in range(0, len(numbered), size)]
