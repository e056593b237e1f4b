"""Files only their owner may read, whole or not at all (shell)."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broker.errors import UnwritableError

_PRIVATE = 0o700


def make_where_missing(folder: Path) -> None:
    """Make the folder, and those above it, where they are missing; only their owner may enter what is made.

    What is there already stays as open as somebody has left it.

    Raises:
        OSError: it cannot be made.
    """
    for above in reversed(folder.parents):
        if not above.exists():
            above.mkdir(mode=_PRIVATE, exist_ok=True)
    folder.mkdir(mode=_PRIVATE, exist_ok=True)


def make_private_folder(folder: Path) -> None:
    """Make the folder, and those above it, unless it is there; only its owner may enter.

    Raises:
        UnwritableError: it cannot be made or entered.
    """
    try:
        make_where_missing(folder)
        folder.chmod(_PRIVATE)
    except OSError as error:
        raise UnwritableError(folder, error.strerror or str(error)) from error


def write_private(path: Path, text: str) -> None:
    """Replace the file's content in one step, durably, with mode 0600; a crash leaves the old or the new, never half.

    Raises:
        UnwritableError: the folder or the disk does not take it.
    """
    try:
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made with mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise UnwritableError(path, error.strerror or str(error)) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock file, and hold it within the block.

    Raises:
        UnwritableError: the lock file cannot be made.
    """
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock until it and its copies are closed, or ``None``: somebody else has it.

    Raises:
        UnwritableError: the lock file cannot be made.
    """
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _open_lock(path: Path) -> int:
    """Return a descriptor of the lock file, not yet locked.

    Raises:
        UnwritableError: the lock file cannot be made.
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UnwritableError(path, error.strerror or str(error)) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
