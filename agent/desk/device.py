"""A device as its birth, its status and its owner describe it (pure values)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Device:
    """What is known about one device beside its health.

    ``product`` is empty until its first birth, and so are ``firmware``, ``serial`` and ``boot``. ``commands``
    are the verbs its firmware knows. ``customer_id`` is ``None`` while nobody owns it. ``off_on_purpose``: its
    switch was used and it has not come back. ``missed`` counts messages that never came since it was first
    seen. Texts are the device's own words, hostile until escaped.
    """

    id: str
    product: str
    firmware: str
    serial: str
    boot: str
    customer_id: str | None
    commands: tuple[str, ...]
    units: tuple[tuple[str, str], ...]  # (metric, unit) as the birth declares them
    online: bool
    busy: bool
    has_clock: bool
    off_on_purpose: bool
    first_seen_at: datetime
    status_at: datetime
    missed: int = 0
