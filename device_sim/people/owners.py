"""Owners drawn by seed (pure): names, languages, hours, habits, and which devices are whose."""

from collections.abc import Sequence
from random import Random
from typing import Final

from device_sim.chance import seeded
from device_sim.people.owner import Owner, RatesBy
from device_sim.products.appliance import Habits

_FIRST_NAMES: Final = {
    "en": ("Alice", "Ben", "Chloe", "Daniel", "Ella", "Finn"),
    "de": ("Anna", "Bernd", "Clara", "Dieter", "Emma", "Felix"),
    "fr": ("Amélie", "Bruno", "Camille", "Denis", "Élise", "Fabien"),
    "es": ("Alba", "Bruno", "Carmen", "Diego", "Elena", "Félix"),
}
_LAST_NAMES: Final = {
    "en": ("Ashford", "Bramley", "Coldwell", "Dunmore"),
    "de": ("Ahrend", "Birkner", "Cassel", "Dornau"),
    "fr": ("Aubrac", "Belcourt", "Chamoy", "Dormelle"),
    "es": ("Aldana", "Barredo", "Cortijo", "Duero"),
}
_PLACES: Final = (
    # language, zone, hours from UTC in winter, share of the owners
    ("de", "Europe/Berlin", 1.0, 4),
    ("en", "Europe/London", 0.0, 3),
    ("fr", "Europe/Paris", 1.0, 2),
    ("es", "Europe/Madrid", 1.0, 2),
)
_SEVERAL: Final = 0.25  # of the owners have a second device
_EAGER: Final = 6
_MAIL_DOMAIN: Final = "example.org"


def draw_owners(seed: int, device_ids: Sequence[str]) -> tuple[Owner, ...]:
    """Return the owners of these devices, every device with exactly one; the same seed gives the same owners.

    Most rate by the link, some on the device, some never. The first six owners do rate and like to hear
    about fixes, so that a short demonstration has something to show.
    """
    chance = seeded(f"{seed}:owners")
    owners: list[Owner] = []
    left = list(device_ids)
    while left:
        count = 1 + (chance.random() < _SEVERAL and len(left) > len(device_ids) // 2)
        mine = tuple(left.pop(0) for _ in range(min(count, len(left))))
        owners.append(_drawn(len(owners) + 1, mine, chance))
    return tuple(owners)


def _drawn(number: int, devices: tuple[str, ...], chance: Random) -> Owner:
    lang, zone, offset_h, _ = chance.choices(_PLACES, weights=[place[3] for place in _PLACES])[0]
    name = f"{chance.choice(_FIRST_NAMES[lang])} {chance.choice(_LAST_NAMES[lang])}"
    habits = Habits.drawn(chance)
    rates_by = chance.choices((RatesBy.LINK, RatesBy.DEVICE, RatesBy.NEVER), weights=(3, 1.5, 0.9))[0]
    curious = chance.random() < 0.7  # noqa: PLR2004 - most are
    if number <= _EAGER:
        rates_by = RatesBy.DEVICE if number == _EAGER else RatesBy.LINK
        curious = True
    return Owner(
        id=f"C-{number:04d}",
        name=name,
        email=f"customer-{number:04d}@{_MAIL_DOMAIN}",
        lang=lang,
        zone=zone,
        offset_h=offset_h,
        quiet_from=chance.choice((21, 22, 22)),
        quiet_to=chance.choice((7, 7, 8)),
        good_hour=chance.choice((12, 17, 18, 19)),
        tell_about_fixes=curious,
        habits=habits,
        rates_by=rates_by,
        comments=chance.random() < 0.4,  # noqa: PLR2004 - fewer than half write something
        answers_after_s=chance.uniform(120.0, 600.0),
        chore_after_s=chance.uniform(120.0, 900.0),
        patience=chance.choice((4, 5, 6)),
        devices=devices,
    )
