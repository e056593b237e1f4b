"""Values out of fields (pure): every reader notes what is wrong and goes on, so one look finds all of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Never, TypeVar

from agent.diagnose.yaml_tree import Fields, Items, Node, Problem, Scalar

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")

_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LONGEST_TEXT = 600
_WITH_COMMA = re.compile(r"([+-]?\d+),(\d+)\b(.*)")
_THOUSAND = 3  # digits behind a comma: whether 2,000 is two or two thousand is a guess
_NOTHING: Mapping[str, Never] = MappingProxyType({})
# What could be taken for a template or markup somewhere down the line; words are said as they stand.
_NOT_PLAIN = re.compile(r"[{}<>\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Notes:
    """The problems found so far, in the order they were met."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, node: Node, path: str, text: str) -> None:
        """Note what is wrong at a node."""
        self.problems.append(Problem(node.line, path, text))


@dataclass(frozen=True, slots=True)
class Part:
    """One mapping of the file with its place, and where to note what is wrong in it.

    ``path`` is like ``faults.memory_leak``; empty for the whole file.
    """

    node: Fields
    path: str
    notes: Notes
    under: Mapping[str, Node]

    def place(self, name: str) -> str:
        """Return the full path of a field of this part."""
        return f"{self.path}.{name}" if self.path else name

    def wrong(self, name: str, text: str) -> None:
        """Note a problem with a field, at its own line when it is there."""
        self.notes.add(self.under.get(name, self.node), self.place(name), text)

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return plain words of at most 600 characters; without a ``default`` they must be there."""
        node = self._node(name, needed=default is None)
        if node is None:
            return default or ""
        return scalar_text(node, self.place(name), self.notes)

    def fitting(self, name: str, pattern: str, what: str) -> str:
        """Return text that fits the pattern whole; empty when it does not, and ``what`` is noted."""
        node = self._node(name, needed=True)
        if node is None:
            return ""
        if not isinstance(node, Scalar) or not re.fullmatch(pattern, node.text):
            self.wrong(name, what)
            return ""
        return node.text

    def names(self, name: str, *, pattern: str, what: str) -> tuple[str, ...]:
        """Return the list of names under a field, each of which fits the pattern and comes once; () when absent."""
        node = self._node(name, needed=False)
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.wrong(name, f"must be a list of {what}, like [a, b]")
            return ()
        found: list[str] = []
        for item in node.nodes:
            text = item.text if isinstance(item, Scalar) else ""
            if not re.fullmatch(pattern, text):
                self.notes.add(item, self.place(name), f"{text!r} cannot be one of its {what}")
            elif text in found:
                self.notes.add(item, self.place(name), f"{text!r} is listed twice")
            else:
                found.append(text)
        return tuple(found)

    def choice(
        self, name: str, kind: type[_Choice], default: _Choice | None = None, meant: Mapping[str, _Choice] = _NOTHING
    ) -> _Choice | None:
        """Return one of the words of an enumeration; ``None`` when it was wrong, which is then noted.

        ``meant`` are other words that people write, with the one that is right.
        """
        node = self._node(name, needed=default is None)
        if node is None:
            return default
        if not isinstance(node, Scalar):
            self.wrong(name, f"must be one of {', '.join(kind)}")
            return None
        text = node.text
        for word in kind:
            if word.value == text:
                return word
        near = f" (did you mean {meant[text]}?)" if text in meant else did_you_mean(text, list(kind))
        self.wrong(name, f"{text!r} is none of {', '.join(kind)}{near}")
        return None

    def duration(self, name: str, default: timedelta | None = None) -> timedelta | None:
        """Return a positive time like ``30 min``; the default when absent, or when wrong, which is then noted."""
        node = self._node(name, needed=False)
        if node is None:
            return default
        match = _DURATION.fullmatch(node.text) if isinstance(node, Scalar) else None
        if match is None:
            self.wrong(name, f"must be a time with its unit: 90 s, 30 min, 12 h or 7 d{_with_a_point(node)}")
            return default
        span = timedelta(seconds=min(float(match[1]) * _SECONDS[match[2]], 1e9))
        if not timedelta(0) < span <= _LONGEST:
            self.wrong(name, "must be longer than nothing and at most ten years")
            return default
        return span

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """Return a finite number between the bounds; the default when absent or wrong, which is then noted."""
        node = self._node(name, needed=False)
        if node is None:
            return default
        number = _number(node.text) if isinstance(node, Scalar) else None
        if number is None or not least <= number <= most:
            self.wrong(name, f"must be a number from {least:g} to {most:g}{_with_a_point(node)}")
            return default
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        """Return ``true`` or ``false``; nothing else is taken for either."""
        node = self._node(name, needed=False)
        if node is None:
            return default
        text = node.text if isinstance(node, Scalar) else ""
        if text not in {"true", "false"}:
            self.wrong(name, "must be true or false")
        return text == "true"

    def part(self, name: str, known: Sequence[str] | None, *, needed: bool = True) -> "Part | None":
        """Return the mapping under a field, its own fields checked against ``known`` (``None``: any name)."""
        node = self._node(name, needed=needed)
        if node is None:
            return None
        return read_part(node, self.place(name), self.notes, known)

    def each(self, name: str, known: Sequence[str], build: Callable[[str, "Part"], _Value | None]) -> Iterator[_Value]:
        """Give what ``build`` makes of every named part under a field; what it cannot make is left out."""
        group = self.part(name, None)
        if group is None:
            return
        for key in group.under:
            if not _NAME.fullmatch(key):
                group.wrong(key, "a name is 1 to 64 of a-z, 0-9 and _, and starts with a letter")
            inner = group.part(key, known)
            built = None if inner is None else build(key, inner)
            if built is not None:
                yield built

    def _node(self, name: str, *, needed: bool) -> Node | None:
        node = self.under.get(name)
        if node is None or (isinstance(node, Scalar) and not node.text.strip() and not node.quoted):
            if needed:
                self.wrong(name, "is missing" if node is None else "is empty")
            return None
        return node


def read_part(node: Node, path: str, notes: Notes, known: Sequence[str] | None) -> Part | None:
    """Return a mapping as a part; ``None`` for anything else. Unknown and repeated names are noted."""
    if not isinstance(node, Fields):
        notes.add(node, path, "must have fields under it, like `name: value`")
        return None
    under: dict[str, Node] = {}
    first: dict[str, int] = {}
    before: Node = node
    for name, value in node.entries:
        place = f"{path}.{name.text}" if path else name.text
        if name.text in first:
            notes.add(name, place, f"is here twice, first in line {first[name.text]}")
            continue
        first[name.text] = name.line
        if known is not None and name.text not in known:
            notes.add(name, place, f"is not a field here{_torn(before, name) or did_you_mean(name.text, known)}")
            continue
        before = value
        under[name.text] = value
    return Part(node, path, notes, under)


def scalar_text(node: Node, path: str, notes: Notes) -> str:
    """Return plain words, in one line; what is not plain is noted and comes back empty."""
    if not isinstance(node, Scalar):
        notes.add(node, path, "must be text")
        return ""
    text = " ".join(node.text.split())
    if not text:
        notes.add(node, path, "is empty")
    elif len(text) > _LONGEST_TEXT:
        notes.add(node, path, f"is longer than {_LONGEST_TEXT} characters")
    elif _NOT_PLAIN.search(text):
        notes.add(
            node, path, "must be plain words: braces, angle brackets and invisible characters are never filled in"
        )
        return ""
    return text


def argument(node: Node) -> str | float | bool | None:
    """Return a command's argument: quoted is text, ``true`` and ``false`` are flags, a number is a number.

    ``None``: it is none of these.
    """
    if not isinstance(node, Scalar) or not node.text:
        return None
    if node.quoted:
        return node.text
    if node.text in {"true", "false"}:
        return node.text == "true"
    number = _number(node.text)
    return node.text if number is None else number


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return `` (did you mean …?)`` when a known word is near, otherwise nothing."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {near[0]}?)" if near else ""


def _torn(before: Node, name: Scalar) -> str:
    """Say what to write where a comma in a number has begun a new field, as in ``{weight: 1,5}``; else nothing."""
    if isinstance(before, Scalar) and before.text.isdecimal() and name.text.isdecimal():
        return f"; write {_without_comma(before.text, name.text)} for the number"
    return ""


def _with_a_point(node: Node) -> str:
    """Say what to write where a number has a comma; else nothing."""
    match = _WITH_COMMA.fullmatch(node.text) if isinstance(node, Scalar) else None
    return f"; write {_without_comma(match[1], match[2], match[3])}" if match else ""


def _without_comma(whole: str, rest: str, unit: str = "") -> str:
    pointed = f"{whole}.{rest}{unit}"
    return f"{whole}{rest}{unit} or {pointed}" if len(rest) == _THOUSAND else pointed


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
