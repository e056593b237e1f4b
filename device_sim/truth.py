"""What happens in a virtual world, as values (pure): what it says in a minute, and the truth for its judge."""

from dataclasses import dataclass

from device_sim.voice import Publish


@dataclass(frozen=True, slots=True)
class Rated:
    """An owner's rating on the page behind a link."""

    url: str
    score: int
    comment: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came up in a minute: messages of devices, ratings, and the devices whose owners called."""

    said: list[Publish]
    rated: list[Rated]
    called: list[str]


@dataclass(frozen=True, slots=True)
class Deed:
    """A command that reached a device, and what it truly was.

    ``fault`` is what was the matter (``None``: nothing). ``right``: it is the cure for that. ``acted``: the device did
    it. ``harmed``: it makes that fault worse. ``repeated``: it had been there before, or came into another's work.
    """

    device_id: str
    at_s: float
    verb: str
    fault: str | None
    right: bool
    acted: bool
    harmed: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Visited:
    """A technician was there. ``fault`` is what was the matter (``None``: nothing), ``mended``: they mended it."""

    device_id: str
    at_s: float
    fault: str | None
    mended: bool
