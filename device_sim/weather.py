"""The weather at a site (pure): seasons, day and night, and slow fronts, by formula from an instant and a seed."""

from dataclasses import dataclass
from math import cos, sin, tau
from random import Random
from typing import Final, Self

_DAY_S: Final = 86_400.0
_YEAR_S: Final = 365.25 * _DAY_S
_COLDEST_S: Final = 20 * _DAY_S  # after new year
_WARMEST_H: Final = 15.0
_FRONTS_S: Final = (3.3 * _DAY_S, 7.9 * _DAY_S)


@dataclass(frozen=True, slots=True)
class Minute:
    """What a device finds around it during one sample.

    ``hour`` is the local hour of the day, 0 ≤ hour < 24. ``day_mean_c`` is the outdoor temperature without the
    swing of day and night, as the walls of a house know it.
    """

    hour: float
    indoor_c: float
    outdoor_c: float
    day_mean_c: float


@dataclass(frozen=True, slots=True)
class Site:
    """A place where devices stand. Its climate is cool enough for heating in every season.

    ``offset_h`` is added to UTC for the local time; daylight saving changes are not simulated within a run.
    """

    offset_h: float
    yearly_mean_c: float
    season_c: float  # half the way from the coldest to the warmest week
    day_c: float  # half the way from the coldest to the warmest hour
    front_c: float
    front_phases: tuple[float, float]

    @classmethod
    def drawn(cls, offset_h: float, chance: Random) -> Self:
        """Return a site of this local time with a climate drawn from ``chance``."""
        return cls(
            offset_h=offset_h,
            yearly_mean_c=chance.uniform(4.5, 7.5),
            season_c=chance.uniform(4.5, 6.0),
            day_c=chance.uniform(1.4, 2.0),
            front_c=chance.uniform(0.3, 0.6),
            front_phases=(chance.uniform(0, tau), chance.uniform(0, tau)),
        )

    def minute(self, at_s: float) -> Minute:
        """Return the surroundings at ``at_s``, in Unix seconds."""
        hour = (at_s / 3600.0 + self.offset_h) % 24.0
        day_mean_c = (
            self.yearly_mean_c
            - self.season_c * cos(tau * (at_s - _COLDEST_S) / _YEAR_S)
            + self.front_c * sin(tau * at_s / _FRONTS_S[0] + self.front_phases[0])
            + self.front_c * sin(tau * at_s / _FRONTS_S[1] + self.front_phases[1])
        )
        outdoor_c = day_mean_c + self.day_c * cos(tau * (hour - _WARMEST_H) / 24.0)
        indoor_c = 20.6 + 0.5 * cos(tau * (hour - 18.0) / 24.0) + 0.03 * (outdoor_c - self.yearly_mean_c)
        return Minute(hour, indoor_c, outdoor_c, day_mean_c)
