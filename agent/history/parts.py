"""The names of history's files (pure): what a file holds, which ones another has replaced, which are to be merged.

``part-<first>-<end>.g<generation>`` holds the samples of the journal's offsets in ``[first, end)`` for its day and
product. Several merged make one of the next generation; when the day is over all become ``day-<first>-<end>``. A
merged file replaces those whose offsets lie within its own, so a crash between writing it and removing them
changes nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Final
from urllib.parse import quote, unquote

MERGE_AT: Final = 8
"""So many parts of one generation become one of the next: at one a minute, a day never has more than 28."""
SUFFIX: Final = ".parquet"
_PART: Final = re.compile(r"part-(\d{20})-(\d{20})\.g(\d+)\.parquet")
_DAY: Final = re.compile(r"day-(\d{20})-(\d{20})\.parquet")
_HOURS: Final = re.compile(r"day-(\d{4}-\d\d-\d\d)-(\d{20})\.parquet")
_END: Final = re.compile(r"month-(\d{20})\.parquet")
_NO_PRODUCT: Final = "__HIVE_DEFAULT_PARTITION__"  # what every reader of such folders takes for "none"
_MOST_BYTES: Final = 200  # of a folder's name; file systems take 255
WHOLE_DAY: Final = 1_000
"""The generation of a ``day-`` file."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A file of samples. ``first`` and ``end`` are journal offsets, ``end`` not included."""

    first: int
    end: int
    generation: int

    @property
    def is_day(self) -> bool:
        """Whether it is the one file of a day that is over."""
        return self.generation == WHOLE_DAY

    @property
    def name(self) -> str:
        """The file's name."""
        span = f"{self.first:020d}-{self.end:020d}"
        return f"day-{span}{SUFFIX}" if self.is_day else f"part-{span}.g{self.generation}{SUFFIX}"

    def replaces(self, other: "Part") -> bool:
        """Tell whether everything the other file holds is in this one."""
        within = self.first <= other.first and other.end <= self.end
        larger = (self.first, self.end) != (other.first, other.end)
        return within and (larger or self.generation > other.generation)


@dataclass(frozen=True, slots=True, order=True)
class DayHours:
    """A file with the hours of one day, made from its samples up to offset ``end``."""

    day: date
    end: int

    @property
    def name(self) -> str:
        """The file's name."""
        return f"day-{self.day.isoformat()}-{self.end:020d}{SUFFIX}"


def part_of(name: str) -> Part | None:
    """Return what a file of samples holds; ``None``: it is none."""
    if found := _PART.fullmatch(name):
        return Part(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY.fullmatch(name):
        return Part(int(found[1]), int(found[2]), WHOLE_DAY)
    return None


def day_hours_of(name: str) -> DayHours | None:
    """Return which day's hours a file holds; ``None``: it is none."""
    found = _HOURS.fullmatch(name)
    return None if found is None else DayHours(date.fromisoformat(found[1]), int(found[2]))


def month_name(end: int) -> str:
    """Return the name of a file with a whole month's hours, made from samples up to offset ``end``."""
    return f"month-{end:020d}{SUFFIX}"


def month_end_of(name: str) -> int | None:
    """Return the offset up to which a month's file holds everything; ``None``: it is none."""
    found = _END.fullmatch(name)
    return None if found is None else int(found[1])


def standing(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that no other has replaced, by offset."""
    return tuple(sorted(part for part in parts if not any(other.replaces(part) for other in parts)))


def to_merge(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the oldest standing parts of one generation that are enough to be merged; empty: none are."""
    for generation in sorted({part.generation for part in parts if not part.is_day}):
        same = [part for part in parts if part.generation == generation]
        if len(same) >= MERGE_AT:
            return tuple(same[:MERGE_AT])
    return ()


def merged(parts: Sequence[Part], *, whole_day: bool = False) -> Part:
    """Return the part that holds what these hold."""
    generation = WHOLE_DAY if whole_day else max(part.generation for part in parts) + 1
    return Part(min(part.first for part in parts), max(part.end for part in parts), generation)


def product_folder(product: str) -> str:
    """Return the folder of a product, in the form ``product=name`` that readers take for a column."""
    if not product:
        return f"product={_NO_PRODUCT}"
    name = "".join(c if c.isalnum() or c in "-_.~" else quote(c, safe="") for c in product)
    if len(name.encode()) > _MOST_BYTES:
        name = f"{quote(product[:12], safe='')}~{blake2b(product.encode(), digest_size=8).hexdigest()}"
    return f"product={name}"


def product_of(folder: str) -> str:
    """Return the product of a folder; empty: none was known."""
    name = folder.removeprefix("product=")
    return "" if name == _NO_PRODUCT else unquote(name)
