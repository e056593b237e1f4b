"""The messages of protocol v1 as typed values (pure); ``codec.py`` turns bytes into them and back.

Identity is not in them: it comes from the topic. Free texts have had control and bidirectional
characters taken out, and are still a stranger's words: escape them wherever they are shown.
Instants are integer milliseconds since the Unix epoch, as the device believes them.
"""

from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from broker.limits import (
    MAX_COMMENT_CHARS,
    MAX_CONTEXT_CHARS,
    MAX_NAME_CHARS,
    MAX_SEQ,
    MAX_TEXT_CHARS,
    MAX_VERBS,
)

VERSION: Final = 1

_MAX_SAFE_INT: Final = 2**53

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]
Verb: TypeAlias = Annotated[str, Meta(pattern=r"\A[a-z0-9_]{1,64}\Z")]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
LongText: TypeAlias = Annotated[str, Meta(max_length=MAX_COMMENT_CHARS)]
ShortText: TypeAlias = Annotated[str, Meta(max_length=MAX_CONTEXT_CHARS)]
EpochMillis: TypeAlias = Annotated[int, Meta(ge=-_MAX_SAFE_INT, le=_MAX_SAFE_INT)]
DeviceMillis: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""An instant by a clock that may be years off or count in another unit; whoever reads it judges it."""
SeqNumber: TypeAlias = Annotated[int, Meta(ge=0, le=MAX_SEQ)]
TicketNumber: TypeAlias = Annotated[str, Meta(pattern=r"\AT-[0-9]{1,18}\Z")]
Score: TypeAlias = Annotated[int, Meta(ge=1, le=5)]
Argument: TypeAlias = Text | bool | int | float


class Level(StrEnum):
    """How grave the device holds an event to be."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class ResultStatus(StrEnum):
    """A device's answer to a command. ``succeeded`` means done, never that the fault is gone."""

    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REJECTED = "rejected"


class Presence(StrEnum):
    """Whether a device is connected; the broker says ``offline`` for one that vanished."""

    ONLINE = "online"
    OFFLINE = "offline"


class MetricSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A metric as the device declares it. ``min`` and ``max`` are in its unit; ``None``: no bound declared."""

    unit: ShortText = ""
    min: float | None = None
    max: float | None = None


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """What a device is, said at every connect: ``amends/v1/{id}/birth``.

    ``context`` names metrics that tell an operating regime and no health; they need no entry in
    ``metrics``. ``commands`` are the verbs it obeys. ``busy``: somebody is using it, so it would reject them.
    ``config`` has the values that its commands can set, as they are now; unset where it does not say.
    """

    boot: Name
    product: Name
    metrics: dict[str, MetricSpec]
    firmware: ShortText = ""
    serial: ShortText = ""
    context: tuple[str, ...] = ()
    commands: Annotated[tuple[Verb, ...], Meta(max_length=MAX_VERBS)] = ()
    busy: bool = False
    config: Annotated[dict[Name, Argument], Meta(max_length=MAX_VERBS)] | msgspec.UnsetType = msgspec.UNSET
    v: int = VERSION


class Status(msgspec.Struct, frozen=True):
    """Whether the device is there: ``amends/v1/{id}/status``."""

    presence: Presence

    @property
    def online(self) -> bool:
        """Whether it is connected."""
        return self.presence is Presence.ONLINE


class ContextColumn(msgspec.Struct, frozen=True):
    """The words of one context metric, one a sample; ``None``: not given in that sample."""

    metric: str
    values: tuple[str | None, ...]


class Telemetry(msgspec.Struct, frozen=True, kw_only=True):
    """``n`` ≥ 1 samples of one device as columns, whichever of the three shapes they came in.

    ``boot``, ``seq`` and ``ts_ms`` have an entry a sample (``ts_ms`` ``None``: the device has no
    clock). ``metrics`` names the ``m`` columns of numbers, and ``flat`` holds them row by row, ``n x m``
    long, NaN for not measured, booleans as 0 and 1. ``context`` holds words, for the metrics that gave
    words; whether the device may use words there is in its birth, which the decoder does not know.
    Equal name tuples are the same object while they are in use, so they are cheap keys.
    """

    boot: tuple[str, ...]
    seq: tuple[int, ...]
    ts_ms: tuple[int | None, ...]
    metrics: tuple[str, ...]
    flat: tuple[float, ...]
    context: tuple[ContextColumn, ...] = ()

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.seq)

    @property
    def values(self) -> NDArray[np.float64]:
        """The numbers as an ``(n, m)`` array, made anew at each use; a batch is quicker built from ``flat``."""
        return np.array(self.flat, dtype=np.float64).reshape(len(self.seq), len(self.metrics))


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something the device says about itself: ``amends/v1/{id}/event``. ``ts`` ``None``: it has no clock."""

    boot: Name
    seq: SeqNumber
    code: Name
    level: Level
    ts: DeviceMillis | None = None
    text: Text = ""
    v: int = VERSION


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to the command of that ``id``: ``amends/v1/{id}/result``. ``ts`` ``None``: it has no clock."""

    id: Name
    status: ResultStatus
    detail: Text = ""
    ts: DeviceMillis | None = None
    v: int = VERSION


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """A rating of 1 to 5 given on the device: ``amends/v1/{id}/feedback``. ``ts`` ``None``: it has no clock."""

    ticket: TicketNumber
    score: Score
    comment: LongText = ""
    ts: DeviceMillis | None = None
    v: int = VERSION


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for the device to do: ``amends/v1/{id}/command``. ``args`` are absolute values.

    Past ``not_after`` it must not be done any more.
    """

    id: Name
    verb: Verb
    not_after: EpochMillis
    args: Annotated[dict[Verb, Argument], Meta(max_length=MAX_VERBS)] = {}
    ticket: ShortText = ""
    v: int = VERSION


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A short text for the person at the device: ``amends/v1/{id}/notice``; stale after ``not_after``."""

    ticket: TicketNumber
    lang: Name
    title: Text
    text: LongText
    not_after: EpochMillis
    ask_rating: bool = False
    v: int = VERSION


Message: TypeAlias = Birth | Status | Telemetry | Event | Result | Feedback | Command | Notice
