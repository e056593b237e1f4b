"""What is the matter with one device (state): troubles that come, grow, are felt, and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from broker.messages import Argument
from device_sim.faults import Code, Fault, FaultKind, progress_at, severity_at
from device_sim.reactions import PROGRESS_LEFT, Reaction, can_be_mended, is_cure


@dataclass(frozen=True, slots=True)
class Trouble:
    """One occurrence of a fault on one device. Instants and spans are in (Unix) seconds.

    ``holds_s`` is how long it stays at its height before it ends by itself: it passes, or the owner has had
    somebody mend it. ``reaction`` is how it takes its cure.
    """

    fault: Fault
    begins_s: float
    grows_s: float
    holds_s: float
    reaction: Reaction


class Ended(StrEnum):
    """How a trouble ended."""

    HEALED = "healed"  # by a command
    REPAIRED = "repaired"  # by a technician
    PUT_RIGHT = "put_right"  # by the owner, after a word to them
    BY_ITSELF = "by_itself"  # it passed, or the owner had it mended unasked


@dataclass(frozen=True, slots=True)
class Lived:
    """What the owner lived through. Instants are Unix seconds.

    ``noticed_s`` is ``None`` while the owner has not felt it; ``ended_s`` and ``how`` while it goes on.
    ``would_notice_s`` is when they feel it if nobody does anything about it, ``None``: never.
    """

    fault: str
    kind: FaultKind
    began_s: float
    noticed_s: float | None = None
    ended_s: float | None = None
    how: Ended | None = None
    would_notice_s: float | None = None


@dataclass(frozen=True, slots=True)
class Reports:
    """The device says something about itself."""

    code: Code
    over: bool = False


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Somebody uses the switch."""


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    """Somebody uses the switch again."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """The device starts anew by itself."""


Happening: TypeAlias = Reports | SwitchedOff | SwitchedOn | Restarts


@dataclass(slots=True)
class _Ailing:
    trouble: Trouble
    progress: float = 0.0
    severity: float = 0.0
    since_full_s: float | None = None
    felt_s: float | None = None
    noticed_s: float | None = None
    reported: bool = False
    ebbing: bool = False


class Ailments:
    """The troubles of one device: at most one at a time, taken from a stream in time order.

    ``strain`` is what they do to the physics right now; callers read it and never write it.
    """

    def __init__(self, weaknesses: tuple[str, ...], upcoming: Iterator[Trouble]) -> None:
        self.strain = dict.fromkeys((*weaknesses, "memory", "wifi_db"), 0.0)
        self.lived: list[Lived] = []
        self._upcoming = upcoming
        self._next = next(upcoming, None)
        self._ailing: _Ailing | None = None

    @property
    def fault(self) -> Fault | None:
        """What is the matter now; ``None``: nothing."""
        return self._ailing.trouble.fault if self._ailing else None

    @property
    def severity(self) -> float:
        """How bad it is, 0 (nothing, or just begun) to 1."""
        return self._ailing.severity if self._ailing else 0.0

    @property
    def latest(self) -> Lived | None:
        """The trouble at work, or else the last that ended; ``None``: there never was one."""
        if self._ailing:
            return _lived(self._ailing)
        return self.lived[-1] if self.lived else None

    def advance(self, now_s: float, passed_s: float) -> list[Happening]:
        """Let ``passed_s`` go by until ``now_s`` and return what the device does about it."""
        happened: list[Happening] = []
        self._begin(now_s, happened)
        ailing = self._ailing
        if ailing is None:
            return happened
        fault = ailing.trouble.fault
        change = passed_s / ailing.trouble.grows_s
        ailing.progress = min(ailing.progress + (-change if ailing.ebbing else change), 1.0)
        self._set(ailing)
        if fault.code and not ailing.reported and ailing.severity >= fault.code.at_severity:
            ailing.reported = True
            happened.append(Reports(fault.code))
            if fault.silent:
                happened.append(SwitchedOff())
        self._feel(ailing, now_s)
        self._outlast(ailing, now_s, happened)
        return happened

    def take(self, verb: str, args: Mapping[str, Argument], now_s: float) -> Reaction:
        """Let a command act on what is the matter, and return how it went; call it when the command is done."""
        reaction = self.reaction_to(verb, args)
        ailing = self._ailing
        if ailing is None:
            return reaction
        if reaction is Reaction.HEALS:
            self._end(ailing, Ended.HEALED, now_s)
        elif reaction in PROGRESS_LEFT:
            ailing.progress = min(ailing.progress * PROGRESS_LEFT[reaction], 1.0)
            self._set(ailing)
        return reaction

    def reaction_to(self, verb: str, args: Mapping[str, Argument]) -> Reaction:
        """Return how a command would go: a wrong one is done and helps nothing."""
        if self._ailing and is_cure(self._ailing.trouble.fault.cure, verb, args):
            return self._ailing.trouble.reaction
        return Reaction.NOTHING

    def repair(self, now_s: float) -> None:
        """Let a technician mend what a technician can mend."""
        if self._ailing and can_be_mended(self._ailing.trouble.fault):
            self._end(self._ailing, Ended.REPAIRED, now_s)

    def put_right(self, now_s: float) -> None:
        """Let the owner do what an owner can do: shut a door, fill a tank."""
        if self._ailing and self._ailing.trouble.fault.kind is FaultKind.OWNER:
            self._end(self._ailing, Ended.PUT_RIGHT, now_s)

    def _begin(self, now_s: float, happened: list[Happening]) -> None:
        while self._next is not None and self._next.begins_s <= now_s:
            trouble, self._next = self._next, next(self._upcoming, None)
            if self._ailing is None:
                self._ailing = _Ailing(trouble)
                if trouble.fault.reboots:
                    happened.append(Restarts())

    def _feel(self, ailing: _Ailing, now_s: float) -> None:
        fault = ailing.trouble.fault
        if fault.noticed_at is None or ailing.noticed_s is not None:
            return
        if ailing.severity < fault.noticed_at:
            ailing.felt_s = None
            return
        if ailing.felt_s is None:
            ailing.felt_s = now_s
        if now_s - ailing.felt_s >= fault.felt_after.total_seconds():
            ailing.noticed_s = now_s

    def _outlast(self, ailing: _Ailing, now_s: float, happened: list[Happening]) -> None:
        """End a trouble that has been at its height for long enough; what passes ebbs away as it came."""
        if ailing.ebbing:
            if ailing.progress <= 0.0:
                self._end(ailing, Ended.BY_ITSELF, now_s)
            return
        if ailing.progress < 1.0:
            ailing.since_full_s = None
            return
        if ailing.since_full_s is None:
            ailing.since_full_s = now_s
        if now_s - ailing.since_full_s < ailing.trouble.holds_s:
            return
        fault = ailing.trouble.fault
        if fault.code and fault.code.after:
            happened.extend(
                (SwitchedOn(), Reports(fault.code, over=True)) if fault.silent else (Reports(fault.code, over=True),)
            )
        if fault.kind is FaultKind.BENIGN and fault.strains and not fault.reboots:
            ailing.ebbing = True
        else:
            self._end(ailing, Ended.BY_ITSELF, now_s)

    def _set(self, ailing: _Ailing) -> None:
        ailing.severity = severity_at(ailing.progress)
        for name, at_worst in ailing.trouble.fault.strains.items():
            self.strain[name] = at_worst * ailing.severity

    def _end(self, ailing: _Ailing, how: Ended, now_s: float) -> None:
        self.lived.append(_lived(ailing, ended_s=now_s, how=how))
        for name in ailing.trouble.fault.strains:
            self.strain[name] = 0.0
        self._ailing = None


def _lived(ailing: _Ailing, ended_s: float | None = None, how: Ended | None = None) -> Lived:
    trouble = ailing.trouble
    fault = trouble.fault
    return Lived(fault.name, fault.kind, trouble.begins_s, ailing.noticed_s, ended_s, how, _would_notice_s(trouble))


def _would_notice_s(trouble: Trouble) -> float | None:
    fault = trouble.fault
    if fault.noticed_at is None:
        return None
    return trouble.begins_s + trouble.grows_s * progress_at(fault.noticed_at) + fault.felt_after.total_seconds()
