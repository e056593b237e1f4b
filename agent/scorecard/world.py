"""What a world of devices and people promises to whoever lives in it in virtual time (pure).

The agent knows no simulator. One is found through the entry point group ``amends.worlds`` and fits these shapes by
itself. ``chronicle``, ``deeds`` and ``visited`` are the truth: for the judge alone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol


class Said(Protocol):
    """A message of a device, as it would come over MQTT."""

    @property
    def topic(self) -> str:
        """Its topic."""
        ...

    @property
    def payload(self) -> bytes:
        """Its payload."""
        ...


class Rated(Protocol):
    """A rating of 1 to 5 on the page behind a link."""

    @property
    def url(self) -> str:
        """The link from the mail."""
        ...

    @property
    def score(self) -> int:
        """1 to 5."""
        ...

    @property
    def comment(self) -> str:
        """The owner's words; may be empty."""
        ...


class Told(Protocol):
    """What came up within a minute. ``called`` are the devices whose owners were on the telephone."""

    @property
    def said(self) -> Sequence[Said]:
        """Messages of devices, in order."""
        ...

    @property
    def rated(self) -> Sequence[Rated]:
        """Ratings by link."""
        ...

    @property
    def called(self) -> Sequence[str]:
        """Ids of devices."""
        ...


class Trouble(Protocol):
    """The truth about one trouble of one device. Instants are Unix seconds; ``None``: it has not happened."""

    @property
    def fault(self) -> str:
        """Its name."""
        ...

    @property
    def kind(self) -> str:
        """What would put it right: healable, visit, owner, benign."""
        ...

    @property
    def began_s(self) -> float:
        """When it began."""
        ...

    @property
    def would_notice_s(self) -> float | None:
        """When the owner feels it if nobody does anything; ``None``: never."""
        ...

    @property
    def noticed_s(self) -> float | None:
        """When the owner felt it."""
        ...

    @property
    def ended_s(self) -> float | None:
        """When it ended."""
        ...

    @property
    def how(self) -> str | None:
        """How it ended: healed, repaired, put_right, by_itself."""
        ...


class Deed(Protocol):
    """The truth about one command that reached a device."""

    @property
    def device_id(self) -> str:
        """Which device."""
        ...

    @property
    def at_s(self) -> float:
        """When, in Unix seconds."""
        ...

    @property
    def verb(self) -> str:
        """What was asked of it."""
        ...

    @property
    def fault(self) -> str | None:
        """What was the matter with it; ``None``: nothing."""
        ...

    @property
    def right(self) -> bool:
        """Whether it was the cure for what was the matter."""
        ...

    @property
    def acted(self) -> bool:
        """Whether the device did it."""
        ...

    @property
    def harmed(self) -> bool:
        """Whether it made things worse."""
        ...

    @property
    def repeated(self) -> bool:
        """Whether it had come before, or came while another was at work."""
        ...


class Visited(Protocol):
    """The truth about one visit of a technician."""

    @property
    def device_id(self) -> str:
        """Which device."""
        ...

    @property
    def at_s(self) -> float:
        """When, in Unix seconds."""
        ...

    @property
    def mended(self) -> bool:
        """Whether there was something to mend."""
        ...


class World(Protocol):
    """Time passes by ``live`` or ``get_by`` alone, a minute a call. The same calls give the same world."""

    @property
    def devices(self) -> Sequence[str]:
        """The ids of all devices."""
        ...

    @property
    def deeds(self) -> Sequence[Deed]:
        """The truth about every command so far."""
        ...

    @property
    def visited(self) -> Sequence[Visited]:
        """The truth about every visit so far."""
        ...

    def people(self, since: datetime) -> bytes:
        """Return owners and technicians as a customer file, with free time for at least a week from ``since``."""
        ...

    def history(self) -> Iterator[Sequence[Said]]:
        """Yield what devices say before live time begins, healthy all the while."""
        ...

    def live(self, now: datetime) -> Told:
        """Live through the minute that ends at ``now``."""
        ...

    def get_by(self, now: datetime) -> Told:
        """Live through a minute in which nobody listens to the devices."""
        ...

    def hear(self, topic: str, payload: bytes) -> None:
        """Let a message go down to its device within the next minute."""
        ...

    def read(self, mail: bytes) -> None:
        """Put a mail into its reader's letter box."""
        ...

    def visit(self, device_id: str) -> None:
        """Let a technician come, within the next minute."""
        ...

    def survey(self, device_id: str, messages: int) -> int | None:
        """Ask the owner how it was, after so many messages about it; ``None``: they do not say."""
        ...

    def chronicle(self) -> Sequence[tuple[str, Trouble]]:
        """Return the truth about every trouble so far, each with its device."""
        ...


class OpenWorld(Protocol):
    """How a world is begun; what the entry point names."""

    def __call__(
        self, scenario: str, seed: int, devices: int, begins_at: datetime, *, wait_days: float | None = None
    ) -> World:
        """Return a world whose live time begins at ``begins_at``.

        ``wait_days`` is the mean time from one trouble of a device to its next; ``None``: the scenario's own.
        """
        ...
