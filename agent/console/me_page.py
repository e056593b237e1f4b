"""What an owner sees of what is known about them (pure)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.care.customer import Customer, Purpose
from agent.care.languages import calendar_for, phrases_for
from agent.console.me_words import ME_WORDS, MeWords
from agent.console.owner_words import OwnerWords, owner_words


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that can be agreed to, as a box that is ticked or not; ``name`` is that of its field."""

    name: str
    text: str
    granted: bool


@dataclass(frozen=True, slots=True)
class MePage:
    """The page. ``waits`` says since when everything is to be erased; empty: that was not asked for."""

    words: OwnerWords
    me: MeWords
    name: str
    email: str
    devices: tuple[str, ...]
    answers: tuple[Answer, ...]
    waits: str
    notice: str


def me_page(
    customer: Customer,
    devices: Sequence[str],
    agreed: Collection[Purpose],
    wished_at: datetime | None,
    notice: str = "",
) -> MePage:
    """Return the page, in the owner's language; ``wished_at`` ``None``: they did not ask to be erased."""
    words = owner_words(customer.lang)
    me = ME_WORDS[words.lang]
    calendar = calendar_for(customer.lang, phrases_for(words.lang), customer.zone)
    return MePage(
        words=words,
        me=me,
        name=customer.name,
        email=customer.email,
        devices=tuple(devices),
        answers=tuple(Answer(purpose.value, text, purpose in agreed) for purpose, text in me.purposes.items()),
        waits="" if wished_at is None else me.erase_waits.format(date=calendar.date(wished_at)),
        notice=notice,
    )
