"""What can go wrong with owners, their messages and their ratings (pure).

::

    PersonError
    ├── CustomerFileError   a customer file cannot be used: mend the fields it names, nothing was imported
    ├── RatingError         a rating cannot be taken: show its sentence, ask again
    └── MailAddressError    an SMTP address or a sender cannot be used: mend the setting
    AgentError
    └── MailError
        ├── MailUndeliveredError  the way was closed this time: try again later
        └── MailRefusedError      the other side will never take this one: do not try again
"""

from collections.abc import Sequence
from pathlib import Path

from agent.errors import AgentError, PersonError


class CustomerFileError(PersonError):
    """A customer file cannot be used; every problem names its field."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))
        self.path = path
        self.problems = tuple(problems)


class RatingError(PersonError):
    """A score is outside its range."""

    def __init__(self, score: int, lowest: int, highest: int) -> None:
        super().__init__(f"a score is a whole number from {lowest} to {highest}, not {score}")
        self.score = score


class MailAddressError(PersonError):
    """An SMTP address or a sender is not usable. The message never repeats a password."""


class MailError(AgentError):
    """A mail was not delivered."""


class MailUndeliveredError(MailError):
    """The mail could not be delivered now; another attempt may succeed."""


class MailRefusedError(MailError):
    """The mail was refused for good; another attempt is no use."""
