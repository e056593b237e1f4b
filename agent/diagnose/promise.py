"""A time left that was told, and whether it came true (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from agent.diagnose.time_left import Basis


class Ending(StrEnum):
    """What came of a promise."""

    KEPT = "kept"  # it failed within the range
    EARLY = "early"  # it failed before
    LATE = "late"  # it failed after
    OUTLIVED = "outlived"  # nobody had to mend it until after the range was over, and it had not failed
    MENDED = "mended"  # it was put right before the range was over: nobody will know
    DROPPED = "dropped"  # the fault turned out to be another


TESTED = frozenset({Ending.KEPT, Ending.EARLY, Ending.LATE, Ending.OUTLIVED})


@dataclass(frozen=True, slots=True)
class Promise:
    """That a device fails between ``early_at`` and ``late_at``. One a ticket.

    ``alike`` cases are behind it, of which ``within`` failed in that range. ``ending`` ``None``: not known yet.
    ``off_days`` is how far its end lay outside of the range, 0 within it (``None``: it was not put to the test).
    """

    ticket_id: int
    product: str
    fault: str
    made_at: datetime
    early_at: datetime
    late_at: datetime
    basis: Basis
    alike: int
    within: int
    ending: Ending | None = None
    ended_at: datetime | None = None
    off_days: float | None = None


def ended(promise: Promise, at: datetime, *, failed: bool) -> Promise:
    """Return the promise with what came of it: the device failed ``at``, or was put right by then."""
    if failed:
        ending = Ending.EARLY if at < promise.early_at else Ending.LATE if at > promise.late_at else Ending.KEPT
    else:
        ending = Ending.OUTLIVED if at > promise.late_at else Ending.MENDED
    outside = max(promise.early_at - at, at - promise.late_at, timedelta())
    off_days = outside / timedelta(days=1) if ending in TESTED else None
    return replace(promise, ending=ending, ended_at=at, off_days=off_days)


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """How promises did. ``kept_share`` is 0..1 of the tested ones, ``off_days`` the median of the broken ones.

    ``None``: there was none to judge by.
    """

    made: int
    open: int
    tested: int
    kept: int
    mended: int
    kept_share: float | None
    off_days: float | None


def record_of(promises: Sequence[Promise]) -> PromiseRecord:
    """Return how the promises did; those that were dropped are left out."""
    counted = [promise for promise in promises if promise.ending is not Ending.DROPPED]
    tested = [promise for promise in counted if promise.ending in TESTED]
    kept = sum(promise.ending is Ending.KEPT for promise in tested)
    off = [promise.off_days for promise in tested if promise.ending is not Ending.KEPT and promise.off_days is not None]
    return PromiseRecord(
        made=len(counted),
        open=sum(promise.ending is None for promise in counted),
        tested=len(tested),
        kept=kept,
        mended=sum(promise.ending is Ending.MENDED for promise in counted),
        kept_share=kept / len(tested) if tested else None,
        off_days=median(off) if off else None,
    )
