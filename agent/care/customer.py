"""Who owns devices and what they agreed to (pure values)."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class Purpose(StrEnum):
    """What a customer can agree to, each apart from the others. Nothing is agreed to until they say so."""

    DIAGNOSE = "diagnose"  # look at the device's samples
    FIX = "fix"  # let the device heal itself without asking
    MAIL = "message:mail"
    DEVICE = "message:device"  # a notice on the device's own display
    SURVEY = "survey"
    LEARN = "learn"  # what was learned here may help other owners


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer to one purpose; the newest answer counts."""

    purpose: Purpose
    granted: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who owns devices.

    ``quiet_from``, ``quiet_to`` and ``good_hour`` are hours 0..23 of their local day; quiet hours run over
    midnight when ``quiet_from`` is the later one, and there are none when both are equal. ``zone`` is an
    IANA name, ``lang`` a language tag such as ``de`` or ``de-AT``. ``tell_about_fixes``: they asked to hear
    of fixes they did not notice as well.
    """

    id: str
    name: str
    email: str
    lang: str = "en"
    zone: str = "UTC"
    quiet_from: int = 21
    quiet_to: int = 8
    good_hour: int = 18
    tell_about_fixes: bool = False

    def local(self, at: datetime) -> datetime:
        """Return the same instant on their wall clock."""
        return at.astimezone(ZoneInfo(self.zone))

    def is_quiet(self, at: datetime) -> bool:
        """Whether the instant falls into their quiet hours, which start on the hour and end before it."""
        clock = self.local(at).time()
        start, end = time(self.quiet_from), time(self.quiet_to)
        if start <= end:
            return start <= clock < end
        return clock >= start or clock < end
