"""An owner of simulated devices (pure values): who they are, how they live, how they answer."""

from dataclasses import dataclass
from enum import StrEnum

from device_sim.products.appliance import Habits


class RatesBy(StrEnum):
    """How an owner gives a rating, if at all."""

    LINK = "link"  # on the page behind the link in the mail
    DEVICE = "device"  # on the device, when its notice asks
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who owns ``devices`` (ids).

    ``offset_h`` is their local time's offset from UTC. ``answers_after_s`` is how long a message lies
    before they act on it; ``chore_after_s`` how long after a notice they shut the door or fill the tank.
    ``patience`` is how many messages about one matter they take well.
    """

    id: str
    name: str
    email: str
    lang: str
    zone: str
    offset_h: float
    quiet_from: int
    quiet_to: int
    good_hour: int
    tell_about_fixes: bool
    habits: Habits
    rates_by: RatesBy
    comments: bool
    answers_after_s: float
    chore_after_s: float
    patience: int
    devices: tuple[str, ...]
