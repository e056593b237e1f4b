"""Playbook files (shell): from disk to playbooks, or one error that says everything that is wrong.

The reading itself is pure, in ``playbook_form.py`` and ``playbook_rules.py``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_form import read_form
from agent.diagnose.playbook_rules import broken_rules
from agent.diagnose.yaml_tree import MOST_BYTES, Problem
from agent.errors import AgentError


@dataclass(frozen=True, slots=True)
class Complaint:
    """One problem and the file it is in; reads as ``file:line field: problem``."""

    file: str
    problem: Problem

    def __str__(self) -> str:
        """Return the line an editor can jump to."""
        field = f" {self.problem.field}:" if self.problem.field else ""
        return f"{self.file}:{self.problem.line}:{field} {self.problem.text}"


class PlaybookError(AgentError):
    """Playbooks cannot be used. Carries every complaint; mend the files and try again."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(str(complaint) for complaint in complaints))
        self.complaints = tuple(complaints)


Reading: TypeAlias = Playbook | tuple[Complaint, ...]
"""What a file holds, or all that is wrong with it."""

_ENDINGS = frozenset({".yaml", ".yml"})


def parse_playbook(text: str, file: str) -> Playbook:
    """Return the playbook in a text; ``file`` is only named in complaints.

    Raises:
        PlaybookError: anything is wrong, all of it at once.
    """
    playbook, whole, problems = read_form(text)
    if playbook is not None and whole is not None:
        problems = problems + broken_rules(playbook, whole, {problem.field for problem in problems})
    if problems or playbook is None:
        ordered = sorted(problems, key=lambda problem: problem.line)
        raise PlaybookError([Complaint(file, problem) for problem in ordered])
    return playbook


def read_playbook(path: Path) -> Playbook:
    """Return the playbook in a file.

    Raises:
        PlaybookError: the file cannot be read, or anything in it is wrong.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise PlaybookError([Complaint(str(path), Problem(1, "", f"cannot be read: {error.strerror}"))]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PlaybookError([Complaint(str(path), Problem(line, "", "is not UTF-8 text"))]) from error
    return parse_playbook(text, str(path))


def read_files(paths: Iterable[Path]) -> Mapping[Path, Reading]:
    """Return what each file holds; a second one for the same product is wrong, for they would be read together."""
    found: dict[Path, Reading] = {}
    first: dict[str, Path] = {}
    for path in paths:
        try:
            playbook = read_playbook(path)
        except PlaybookError as error:
            found[path] = error.complaints
            continue
        if first.setdefault(playbook.product, path) is path:
            found[path] = playbook
        else:
            twin = f"{playbook.product} already has {first[playbook.product]}"
            found[path] = (Complaint(str(path), Problem(1, "product", twin)),)
    return found


def files_in(folder: Path) -> tuple[Path, ...]:
    """Return the playbooks of a folder: what ends in ``.yaml`` or ``.yml``, not of the folders within."""
    return tuple(sorted(path for path in folder.glob("*") if path.suffix.lower() in _ENDINGS))


def none_in(folder: Path) -> Complaint:
    """Return the complaint about a folder without a playbook."""
    return Complaint(str(folder), Problem(1, "", "no playbooks here (*.yaml, *.yml)"))


def read_playbooks(folder: Path) -> Mapping[str, Playbook]:
    """Return every playbook of a folder by its product.

    Raises:
        PlaybookError: the folder has none, two are for one product, or any is wrong; all complaints at once.
    """
    found: dict[str, Playbook] = {}
    complaints: list[Complaint] = []
    for reading in read_files(files_in(folder)).values():
        if isinstance(reading, Playbook):
            found[reading.product] = reading
        else:
            complaints.extend(reading)
    if not found and not complaints:
        complaints.append(none_in(folder))
    if complaints:
        raise PlaybookError(complaints)
    return MappingProxyType(found)


def default_dir() -> Path:
    """Return the playbooks that come with the product: beside the packages in a checkout, inside when installed."""
    package = Path(__file__).parent.parent
    installed = package / "playbooks"
    return installed if installed.is_dir() else package.parent / "playbooks"
