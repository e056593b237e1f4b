"""Who was erased, kept apart from what a backup holds (shell): a restored backup is erased again from it.

A line an erasure. It holds no id, only digests salted by the erasure's own random number: whoever reads it learns
nothing, and whoever has the restored records finds the ones it means.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from agent.errors import AgentError


class UnreadableLedgerError(AgentError):
    """A line of the ledger cannot be read. Mend it from a copy: without it a restored backup brings people back."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(f"{path}, line {line}: this is no erasure of ours; mend it from a copy")
        self.path = path
        self.line = line


class Erasure(msgspec.Struct, frozen=True):
    """One erasure. ``at``: what devices said up to then is to be forgotten. ``customer``, ``devices``: digests."""

    id: str
    at: datetime
    by: str
    customer: str
    devices: tuple[str, ...]

    def is_about(self, customer_id: str) -> bool:
        """Tell whether this customer is meant."""
        return _digest(self.id, customer_id) == self.customer

    def devices_among(self, device_ids: Iterable[str]) -> tuple[str, ...]:
        """Return which of these devices are meant."""
        meant = set(self.devices)
        return tuple(device_id for device_id in device_ids if _digest(self.id, device_id) in meant)


def new_erasure(customer_id: str, device_ids: Sequence[str], *, at: datetime, by: str) -> Erasure:
    """Return an erasure that is to be written down before it is done."""
    number = secrets.token_hex(16)
    devices = tuple(_digest(number, device_id) for device_id in device_ids)
    return Erasure(number, at, by, _digest(number, customer_id), devices)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The file."""

    path: Path

    def add(self, erasure: Erasure) -> None:
        """Write an erasure down; it is on the disk when this returns.

        Raises:
            OSError: the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = len(b"".join(self._lines()))
        with self.path.open("ab") as file:
            file.truncate(whole)
            file.write(msgspec.json.encode(erasure) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def erasures(self) -> tuple[Erasure, ...]:
        """Return all erasures, oldest first; what a crash left half-written at the end was never begun.

        Raises:
            UnreadableLedgerError: a line before the last cannot be read.
        """
        found = []
        for number, line in enumerate(self._lines(), start=1):
            try:
                found.append(msgspec.json.decode(line, type=Erasure))
            except msgspec.DecodeError as error:
                raise UnreadableLedgerError(self.path, number) from error
        return tuple(found)

    def _lines(self) -> list[bytes]:
        """Return the lines that were written to their end."""
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [line for line in lines if line.endswith(b"\n")]


def _digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()
