"""Which language an owner is written to in, and how dates read there (pure)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time

from agent.care.phrases import Phrases
from agent.care.phrases_de import GERMAN
from agent.care.phrases_en import ENGLISH
from agent.care.phrases_es import SPANISH
from agent.care.phrases_fr import FRENCH

LANGUAGES = {phrases.lang: phrases for phrases in (ENGLISH, GERMAN, FRENCH, SPANISH)}


def phrases_for(tag: str, available: Collection[str] | None = None) -> Phrases:
    """Return the texts for a language tag such as ``de-AT``, otherwise English.

    ``available`` are the languages in which the rest of the message can be said (``None``: all): a message in
    one language the reader half knows is better than one in two.
    """
    base = tag.replace("_", "-").split("-")[0].lower()
    if base in LANGUAGES and (available is None or base in available):
        return LANGUAGES[base]
    return ENGLISH


@dataclass(frozen=True, slots=True)
class Calendar:
    """Writes instants down as an owner would: in their language, on their wall clock."""

    locale: Locale
    zone: ZoneInfo

    def date(self, at: datetime) -> str:
        """Return the date with its weekday, written out."""
        return format_date(at.astimezone(self.zone), format="full", locale=self.locale)

    def short_date(self, at: datetime) -> str:
        """Return weekday, day and month, abbreviated."""
        return format_skeleton("MMMEd", at.astimezone(self.zone), tzinfo=self.zone, locale=self.locale)

    def time(self, at: datetime) -> str:
        """Return the time to the minute."""
        return format_time(at.astimezone(self.zone), format="short", tzinfo=self.zone, locale=self.locale)

    def date_and_time(self, at: datetime) -> str:
        """Return both, as one says them together."""
        return f"{self.date(at)}, {self.time(at)}"


def calendar_for(tag: str, phrases: Phrases, zone: str) -> Calendar:
    """Return the calendar of the reader's country where their tag names one, otherwise of the language."""
    try:
        own = Locale.parse(tag.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        own = Locale.parse(phrases.locale)
    if own.language != phrases.lang or own.territory is None:
        own = Locale.parse(phrases.locale)
    return Calendar(own, ZoneInfo(zone))
