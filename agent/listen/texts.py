"""Texts and their numbers (state): a table that compiled code can look into."""

# Some of it is compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201 - the same
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agent.health.compiled import loop

_FIRST: Final = 64


class Table(NamedTuple):
    """Texts by their hash: ``number`` −1 where there is none; text ``n`` goes from ``at[n]`` to ``at[n + 1]``."""

    hashes: NDArray[np.uint64]
    number: NDArray[np.int32]
    at: NDArray[np.int64]
    text: NDArray[np.uint8]


@loop
def hash_of(text, start, end):
    """Return FNV-1a of some bytes."""
    found = np.uint64(14695981039346656037)
    for place in range(start, end):
        found = (found ^ np.uint64(text[place])) * np.uint64(1099511628211)
    return found ^ (found >> np.uint64(29))


@loop
def find(table, text, start, end):
    """Return the number of some bytes in a table; −1: they are not in it."""
    wanted = hash_of(text, start, end)
    mask = np.uint64(len(table.hashes) - 1)
    place = wanted & mask
    while table.number[place] >= 0:
        if table.hashes[place] == wanted:
            number = table.number[place]
            known = table.at[number]
            if table.at[number + 1] - known == end - start:
                same = True
                for step in range(end - start):
                    if table.text[known + step] != text[start + step]:
                        same = False
                        break
                if same:
                    return number
        place = (place + np.uint64(1)) & mask
    return np.int32(-1)


class Texts:
    """Texts numbered in the order they came."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self.table = _empty(_FIRST, 0)
        self._filled = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._numbers)

    def number(self, text: bytes) -> int | None:
        """Return a text's number; ``None``: it is not in it."""
        return self._numbers.get(text)

    def add(self, text: bytes) -> int:
        """Take in a text that is not in it yet; return its number."""
        number = self._numbers[text] = len(self._numbers)
        end = self._filled + len(text)
        table = self.table
        if 2 * (number + 1) > len(table.hashes) or number + 2 > len(table.at) or end > len(table.text):
            self._grow(end)
        else:
            self._place(number, text)
        return number

    def _grow(self, filled: int) -> None:
        self.table = _empty(max(4 * len(self._numbers), _FIRST), 2 * filled)
        self._filled = 0
        for number, text in enumerate(self._numbers):
            self._place(number, text)

    def _place(self, number: int, text: bytes) -> None:
        table = self.table
        end = self._filled + len(text)
        raw = np.frombuffer(text, np.uint8)
        table.text[self._filled : end] = raw
        table.at[number], table.at[number + 1] = self._filled, end
        self._filled = end
        hashed = int(hash_of(raw, 0, len(raw)))
        place = hashed % len(table.hashes)
        while table.number[place] >= 0:
            place = (place + 1) % len(table.hashes)
        table.hashes[place], table.number[place] = hashed, number


def _empty(texts: int, size: int) -> Table:
    room = 1 << (2 * texts - 1).bit_length()
    return Table(
        np.zeros(room, np.uint64), np.full(room, -1, np.int32), np.zeros(room, np.int64), np.zeros(size, np.uint8)
    )
