"""Which days are public holidays where the staff or the owners are (pure); the calendars are a library's."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

_DAY: Final = timedelta(days=1)


class UnknownPlaceError(ValueError):
    """No holidays are known of a place: name a country, or a part of one, by its ISO 3166 code."""

    def __init__(self, place: str) -> None:
        super().__init__(f"no public holidays are known of {place!r}: use codes like DE or DE-BY")
        self.place = place


def holiday_on(places: tuple[str, ...], day: date) -> str | None:
    """Return the name of a day that is a public holiday in one of the places; ``None``: it is in none.

    Args:
        places: ISO 3166 codes of countries, or of parts of them: ``DE``, ``DE-BY``.
        day: a day of the calendar there.

    Raises:
        UnknownPlaceError: no holidays are known of a place.
    """
    return next((str(name) for place in places if (name := calendar_of(place).get(day)) is not None), None)


def over_at(places: tuple[str, ...], at: datetime, zone: str) -> datetime:
    """Return when the holidays that ``at`` lies in are over: the first midnight of no other one, there."""
    here = ZoneInfo(zone)
    day = at.astimezone(here).date()
    while holiday_on(places, day) is not None:
        day += _DAY
    return datetime.combine(day, time(), here)


def last_over(places: tuple[str, ...], since: datetime, at: datetime, zone: str) -> datetime | None:
    """Return when the newest holidays that lay between the two, or reach into that time, were over; ``None``: none."""
    here = ZoneInfo(zone)
    day, first = at.astimezone(here).date(), since.astimezone(here).date()
    while day >= first:
        if holiday_on(places, day) is not None:
            return over_at(places, datetime.combine(day, time(12), here), zone)
        day -= _DAY
    return None


@cache
def calendar_of(place: str) -> HolidayBase:
    """Return the calendar of a place, in English where the library has it so.

    Raises:
        UnknownPlaceError: there is none.
    """
    country, _, part = place.partition("-")
    try:
        return country_holidays(country, subdiv=part or None, language="en_US")
    except NotImplementedError as error:  # the library's word for a place it does not know
        raise UnknownPlaceError(place) from error
