"""A command and its legal life (pure): recorded before it is sent, sent again only under the same id."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.errors import IllegalChangeError
from agent.health.gone import Gone


class CommandState(StrEnum):
    """Where a command stands in the journal."""

    PROPOSED = "proposed"  # the agent would; staff may
    AWAITING_APPROVAL = "awaiting_approval"  # the agent asks staff
    QUEUED = "queued"  # decided, not yet on its way
    SENT = "sent"  # on its way, or about to be: marked before it is published
    ACCEPTED = "accepted"  # the device says it is at it
    SUCCEEDED = "succeeded"  # the device says it did it, which is not "healed"
    FAILED = "failed"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"  # no answer in time
    EXPIRED = "expired"  # never left in time
    CANCELLED = "cancelled"  # never left, and shall not
    REFUSED = "refused"  # staff said no
    UNKNOWN = "unknown"  # it may or may not have been done, and nobody listened: a person decides


_S = CommandState
_ANSWERED = frozenset({_S.SUCCEEDED, _S.FAILED, _S.REJECTED})
CHANGES: Mapping[CommandState, frozenset[CommandState]] = {
    _S.PROPOSED: frozenset({_S.QUEUED, _S.REFUSED, _S.CANCELLED, _S.EXPIRED}),
    _S.AWAITING_APPROVAL: frozenset({_S.QUEUED, _S.REFUSED, _S.CANCELLED, _S.EXPIRED}),
    _S.QUEUED: frozenset({_S.SENT, _S.CANCELLED, _S.EXPIRED}),
    # Cancelled only where it is certain that it was not published.
    _S.SENT: _ANSWERED | {_S.ACCEPTED, _S.TIMED_OUT, _S.UNKNOWN, _S.CANCELLED},
    _S.ACCEPTED: _ANSWERED | {_S.TIMED_OUT, _S.UNKNOWN},
    _S.SUCCEEDED: frozenset(),
    _S.FAILED: frozenset(),
    _S.REJECTED: frozenset(),
    _S.TIMED_OUT: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.UNKNOWN: _ANSWERED,  # by what the broker had kept while nobody listened
}
IN_FLIGHT = frozenset({_S.QUEUED, _S.SENT, _S.ACCEPTED})
AWAITED = frozenset({_S.SENT, _S.ACCEPTED})
DECIDABLE = frozenset({_S.PROPOSED, _S.AWAITING_APPROVAL})


@dataclass(frozen=True, slots=True)
class Signal:
    """How far off a device is at one moment.

    ``state`` is as in ``HealthView``, ``z`` by metric in standard deviations. ``gone`` is the metric that the fault has
    moved furthest over the long run; ``None``: it has not yet.
    """

    state: float
    z: tuple[tuple[str, float], ...]
    gone: Gone | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of the command journal.

    ``not_after`` is the latest start of the remedy on the device; for one that still waits for approval, the latest
    approval. ``sent_at`` and ``answered_at`` are ``None`` until it happened; an "accepted" counts as an answer
    and a later one moves it. ``detail`` are the device's words, hostile until escaped. ``approved_by`` is
    ``None`` where no person was asked. ``leave_by`` is until when the evidence it was decided on lasts, after which it
    no longer leaves (``None``: it rests on none, or was decided before this was kept). ``boot`` is the device's boot
    when it left (while it has not: when it was decided), and ``before`` its signal when it was decided. ``earlier`` are
    the values its arguments replace (``None``: not known, or there are none). ``undoes`` is the id of the command it
    takes back (``None``: it is a remedy). ``only_once``: the device would do it again, so it never leaves a second
    time. ``product`` and ``firmware`` are the device's when it was decided: they may be others by the time it ends.
    """

    id: str
    ticket_id: int
    device_id: str
    remedy: str
    verb: str
    args: tuple[tuple[str, str | float | bool], ...]
    state: CommandState
    created_at: datetime
    not_after: datetime
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    detail: str = ""
    approved_by: str | None = None
    leave_by: datetime | None = None
    boot: str = ""
    before: Signal | None = None
    earlier: tuple[tuple[str, str | float | bool], ...] | None = None
    undoes: str | None = None
    only_once: bool = False
    product: str = ""
    firmware: str = ""

    @property
    def leaves_until(self) -> datetime:
        """Return until when it may leave: after its time, or that of its evidence, it does not."""
        return self.not_after if self.leave_by is None else min(self.not_after, self.leave_by)

    def may_leave(self, now: datetime) -> bool:
        """Tell whether it is neither past its time nor past that of its evidence."""
        return now < self.leaves_until

    def having(self, state: CommandState) -> "Command":
        """Return the command in a new state.

        Raises:
            IllegalChangeError: the life of a command knows no such change.
        """
        if state not in CHANGES[self.state]:
            raise IllegalChangeError(self.state, state)
        return replace(self, state=state)
