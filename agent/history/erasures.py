"""Which devices' pasts were erased (shell): remembered, so that a journal read again does not bring them back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from agent.history.columns import AT, DEVICE
from agent.history.folder import BESIDE, make_durable

_NAME: Final = "erased.json"


@dataclass(frozen=True, slots=True)
class Erasures:
    """Up to which instant, in Unix microseconds, each device's samples are to be forgotten."""

    until_us: Mapping[str, int]

    def without_erased(self, table: pa.Table) -> pa.Table:
        """Return the rows that nobody asked to be forgotten."""
        for device_id in self.until_us.keys() & set(table[DEVICE].unique().to_pylist()):
            theirs = table[DEVICE].to_numpy(zero_copy_only=False) == device_id
            old = table[AT].cast(pa.int64()).to_numpy() <= self.until_us[device_id]
            table = table.filter(pa.array(~np.logical_and(theirs, old)))
        return table


def read_erasures(root: Path) -> Erasures:
    """Return what was erased so far."""
    try:
        return Erasures(json.loads((root / _NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Erasures({})


def remember_erasure(root: Path, device_ids: frozenset[str], now: datetime) -> None:
    """Remember that everything of these devices up to ``now`` is to be forgotten."""
    known = read_erasures(root).until_us
    until_us = round(now.timestamp() * 1_000_000)
    beside = root / f"{_NAME}{BESIDE}"
    beside.write_text(json.dumps({**known, **dict.fromkeys(sorted(device_ids), until_us)}), encoding="utf-8")
    make_durable(beside)
