"""The playbooks in force and those that ruled before (shell): renewed when a file changes, kept for open tickets.

A changed file counts from the next look on when it is valid; a broken one changes nothing and is complained about until
it is mended. Tickets keep the version they were opened under, so every version that was ever in force is kept as a file
of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self, TypeVar
from urllib.parse import quote

import structlog

from agent.diagnose.playbook import Playbook
from agent.diagnose.playbook_file import Complaint, PlaybookError, files_in, parse_playbook, read_playbooks

log = structlog.get_logger()

Version = tuple[str, str]
"""A product and a version of its playbook."""

Key = TypeVar("Key")


class Shelf(Mapping[Key, Playbook]):
    """Playbooks that others read while they are exchanged: whoever walks along sees all of one moment."""

    def __init__(self) -> None:
        self._books: Mapping[Key, Playbook] = {}

    def __getitem__(self, key: Key) -> Playbook:
        """Return the playbook in this place; ``KeyError`` when there is none."""
        return self._books[key]

    def __iter__(self) -> Iterator[Key]:
        """Walk along the places of this moment."""
        return iter(self._books)

    def __len__(self) -> int:
        """Count the playbooks."""
        return len(self._books)

    def exchange(self, books: Mapping[Key, Playbook]) -> None:
        """Put other playbooks in place of these, all at once."""
        self._books = MappingProxyType(dict(books))


@dataclass(slots=True)
class Library:
    """All playbooks of one installation. Make one with ``open_library``; the mappings change in place.

    Attributes:
        folder: where people edit playbooks.
        kept: where versions that were in force are kept.
        current: by product, as they rule new tickets.
        versions: every version that is or was in force.
        complaints: what is wrong with the files as they are now; empty: nothing, and they are in force.
    """

    folder: Path
    kept: Path
    current: Shelf[str] = field(default_factory=Shelf)
    versions: Shelf[Version] = field(default_factory=Shelf)
    complaints: tuple[Complaint, ...] = ()
    _seen: tuple[tuple[str, int, int], ...] = ()

    @classmethod
    def of(cls, folder: Path, kept: Path) -> Self:
        """Return the library of a folder, read for the first time.

        Raises:
            PlaybookError: the folder has no playbooks, or any is wrong; there is nothing to fall back on at a start.
            OSError: versions cannot be kept.
        """
        library = cls(folder, kept)
        library.versions.exchange(_kept(kept))
        library._seen = library._look()
        library._put_in_force(read_playbooks(folder))
        return library

    def renew(self) -> tuple[str, ...]:
        """Read the folder again where a file changed; return the products whose playbook is another one now."""
        seen = self._look()
        if seen == self._seen:
            return ()
        self._seen = seen
        try:
            found = read_playbooks(self.folder)
        except PlaybookError as error:
            self.complaints = error.complaints
            log.warning("playbooks.not_renewed", complaints=[str(one) for one in error.complaints])
            return ()
        self.complaints = ()
        changed = self._put_in_force(found)
        if changed:
            log.info("playbooks.renewed", products=changed, versions=[self.current[one].version for one in changed])
        return changed

    def _put_in_force(self, found: Mapping[str, Playbook]) -> tuple[str, ...]:
        changed = tuple(product for product, playbook in found.items() if self.current.get(product) != playbook)
        for product in changed:
            self._keep(found[product])
        self.versions.exchange({**self.versions, **{(one.product, one.version): one for one in found.values()}})
        self.current.exchange(found)  # a product that is gone has none; its open tickets still do
        return changed

    def _keep(self, playbook: Playbook) -> None:
        """Keep the file a version was read from, whole or not at all."""
        path = self.kept / _file_of(playbook.product, playbook.version)
        for source in () if path.exists() else files_in(self.folder):
            data = source.read_bytes()
            if _parsed(data, source) == playbook:  # else it is another product's, or was changed this very moment
                self.kept.mkdir(parents=True, exist_ok=True)
                unfinished = path.with_suffix(".unfinished")
                unfinished.write_bytes(data)
                unfinished.replace(path)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        facts = ((path, path.stat()) for path in files_in(self.folder))
        return tuple((path.name, stat.st_mtime_ns, stat.st_size) for path, stat in facts)


def _file_of(product: str, version: str) -> str:
    return f"{quote(product, safe='')}@{quote(version, safe='')}.yaml"


def _kept(folder: Path) -> dict[Version, Playbook]:
    """Return the versions kept so far; one that this program can no longer read is left out, and said."""
    found: dict[Version, Playbook] = {}
    for path in files_in(folder):
        playbook = _parsed(path.read_bytes(), path)
        if playbook is None:
            log.warning("playbooks.version_unreadable", file=str(path))
        else:
            found[playbook.product, playbook.version] = playbook
    return found


def _parsed(data: bytes, path: Path) -> Playbook | None:
    try:
        return parse_playbook(data.decode("utf-8-sig"), str(path))
    except (PlaybookError, UnicodeDecodeError):
        return None
