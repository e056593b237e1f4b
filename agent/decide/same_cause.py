"""Whether one cause is at work everywhere (pure): many devices of one kind with one diagnosis at about one time.

Then no device's own remedy is the answer, and a hundred of them would be harm.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from agent.decide.policy import Policy


class Scope(StrEnum):
    """What the devices have in common, the narrowest first."""

    SITE = "site"  # one owner's devices
    FIRMWARE = "firmware"  # one firmware of one product
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One device on which a fault was named. ``site`` is empty where nobody owns it."""

    device_id: str
    product: str
    firmware: str
    site: str

    def place(self, scope: Scope) -> str:
        """Return where it is, as far as a scope tells places apart; empty: nowhere."""
        match scope:
            case Scope.SITE:
                return self.site
            case Scope.FIRMWARE:
                return f"{self.product} {self.firmware}" if self.firmware else ""
            case Scope.PRODUCT:
                return self.product
            case never:
                assert_never(never)


def spread(newest: Sighting, seen: Collection[Sighting], kin: Mapping[Scope, int], policy: Policy) -> Scope | None:
    """Return the scope in which a fault shows on too many devices to be each one's own; ``None``: in none.

    The narrowest scope that explains every device of the product; where none does, the widest that has too many.
    Another product may have a fault of the same name, and what it shows elsewhere says nothing about this one.

    Args:
        newest: the device on which the fault was named just now.
        seen: where it was named lately, ``newest`` included; a device may be in it more than once.
        kin: how many devices there are in each scope around ``newest``.
        policy: from which share and number on it is too many.
    """
    to_explain = {one.device_id for one in seen if one.product == newest.product}
    found: Scope | None = None
    for scope in Scope:
        place = newest.place(scope)
        if not place:
            continue
        devices = {one.device_id for one in seen if one.place(scope) == place}
        if len(devices) < max(policy.freeze_from, policy.freeze_share * kin.get(scope, 0)):
            continue
        found = scope
        if devices >= to_explain:
            break
    return found
