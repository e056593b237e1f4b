"""YAML as a tree that remembers its lines (pure): the small, safe part of YAML that a playbook needs.

Scalars stay text: what ``yes``, ``1e3`` or ``no`` mean is for the field they stand in, so that the language
``no`` is never False. Tags, anchors and aliases are refused, so a file can neither build objects nor
grow when it is read. Will not merge keys, read several documents, or keep comments.
"""

from dataclasses import dataclass
from typing import TypeAlias

import yaml

from agent.diagnose.yaml_mistakes import meaning_of

MOST_BYTES = 256 * 1024  # the longest playbook of ours has 24 KiB; reading costs about 5 µs a byte
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one place. ``line`` counts from 1; ``field`` is like ``faults.memory_leak.kind``, or empty."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """One piece of text. ``quoted`` tells "" from nothing written at all."""

    line: int
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with what stands under them, in the order written; a name may come twice."""

    line: int
    entries: tuple[tuple[Scalar, "Node"], ...]


Node: TypeAlias = Scalar | Items | Fields


class UnreadableError(Exception):
    """The text is not YAML, or uses more of YAML than playbooks may. Carries where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"line {problem.line}: {problem.text}")
        self.problem = problem


def read_tree(text: str) -> Node:
    """Return the one document in the text.

    Raises:
        UnreadableError: too long, too deep, not YAML, empty, or with tags, anchors or aliases.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise UnreadableError(Problem(1, "", f"the file is longer than {MOST_BYTES // 1024} KiB"))
    try:
        return _build(text)
    except yaml.YAMLError as error:
        line, meaning = meaning_of(error, text)
        raise UnreadableError(Problem(line, "", meaning)) from error


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    line: int
    mapping: bool
    nodes: list[Node]


def _build(text: str) -> Node:
    opened: list[_Open] = []
    document: Node | None = None
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        done: Node
        match event:
            case yaml.DocumentStartEvent() if document is not None:
                raise _refused(event, "only one document a file")
            case yaml.AliasEvent():
                raise _refused(event, "aliases (*name) are not read; write it out")
            case yaml.ScalarEvent():
                _refuse_extras(event)
                done = Scalar(_line(event), event.value, quoted=event.style is not None)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                _refuse_extras(event)
                if len(opened) == _DEEPEST:
                    raise _refused(event, f"nested deeper than {_DEEPEST} levels")
                opened.append(_Open(_line(event), isinstance(event, yaml.MappingStartEvent), []))
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = _closed(opened.pop())
            case _:
                continue
        if opened:
            opened[-1].nodes.append(done)
        else:
            document = done
    if document is None:
        raise UnreadableError(Problem(1, "", "the file is empty"))
    return document


def _closed(part: _Open) -> Node:
    if not part.mapping:
        return Items(part.line, tuple(part.nodes))
    entries = []
    for name, node in zip(part.nodes[::2], part.nodes[1::2], strict=True):
        if not isinstance(name, Scalar):
            raise UnreadableError(Problem(name.line, "", "a field name must be plain text"))
        entries.append((name, node))
    return Fields(part.line, tuple(entries))


def _refuse_extras(event: yaml.NodeEvent) -> None:
    if event.anchor is not None:
        raise _refused(event, "anchors (&name) are not read; write it out")
    if getattr(event, "tag", None) is not None:
        raise _refused(event, "tags (!name) are not read")


def _refused(event: yaml.Event, why: str) -> UnreadableError:
    return UnreadableError(Problem(_line(event), "", why))


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1
