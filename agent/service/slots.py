"""Which free slot a visit should take (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.care.customer import Customer
from agent.service.visit import Slot


@dataclass(frozen=True, slots=True)
class Wish:
    """What a slot must offer.

    ``length`` of the visit; it starts at or after ``not_before`` and has ended by ``not_after``
    (``None``: whenever). ``preferably_by`` is the moment the fault is expected to be felt (``None``: not
    known). ``customer`` lends their waking hours (``None``: not known, any hour will do).
    """

    length: timedelta
    not_before: datetime
    not_after: datetime | None = None
    preferably_by: datetime | None = None
    customer: Customer | None = None


def suitable(slots: Iterable[Slot], wish: Wish) -> list[Slot]:
    """Return the slots that fit, best first.

    A slot fits when the whole visit lies in it, within the bounds, and in nobody's quiet hours. In time comes
    before too late, then the earliest, then the technician's id, so that the same slots give the same choice.
    """

    def rank(slot: Slot) -> tuple[bool, datetime, str, int]:
        late = wish.preferably_by is not None and slot.starts_at + wish.length > wish.preferably_by
        return (late, slot.starts_at, slot.technician_id, slot.id)

    return sorted((slot for slot in slots if _fits(slot, wish)), key=rank)


def _fits(slot: Slot, wish: Wish) -> bool:
    ends_at = slot.starts_at + wish.length
    return (
        slot.starts_at >= wish.not_before
        and ends_at <= slot.ends_at
        and (wish.not_after is None or ends_at <= wish.not_after)
        and (wish.customer is None or _wakes(wish.customer, slot.starts_at, ends_at))
    )


def _wakes(customer: Customer, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the customer is awake all through; the last moment of a visit is not part of it."""
    quarter = timedelta(minutes=15)
    moments = [starts_at, ends_at - timedelta(microseconds=1)]
    moment = starts_at + quarter
    while moment < ends_at:
        moments.append(moment)
        moment += quarter
    return not any(customer.is_quiet(moment) for moment in moments)
