"""The local mailbox (shell): mails as files in a Maildir, where any mail program can open them.

The file's name is made from the Message-ID, so that a mail that was already put there is recognised and not
put there twice, whatever was killed in between.
"""

import asyncio
import hashlib
import os
from email.message import EmailMessage
from pathlib import Path

from agent.care.errors import MailUndeliveredError

_PRIVATE = 0o700  # links in mails act for their owners


class Maildir:
    """A Maildir at a path; it is made when the first mail comes. Safe to use by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def deliver(self, message: EmailMessage) -> None:
        """Put the message into the mailbox, once.

        Raises:
            MailUndeliveredError: the mailbox cannot be written.
        """
        try:
            await asyncio.to_thread(self._deliver, message)
        except OSError as error:
            msg = f"the mailbox {self.path} cannot be written: {error.strerror}"
            raise MailUndeliveredError(msg) from error

    def _deliver(self, message: EmailMessage) -> None:
        self.path.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        for folder in ("tmp", "new", "cur"):
            (self.path / folder).mkdir(mode=_PRIVATE, exist_ok=True)
        name = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32] + ".amends"
        if (self.path / "new" / name).exists() or any((self.path / "cur").glob(f"{name}*")):
            return
        beside = self.path / "tmp" / name
        with beside.open("wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        beside.rename(self.path / "new" / name)
        _sync(self.path / "new")


def _sync(folder: Path) -> None:
    """Make the folder's entries survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
