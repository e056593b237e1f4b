"""How an owner rates what they lived through (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final

from device_sim.ailments import Ended, Lived
from device_sim.people.owner import Owner


class Ordeal(StrEnum):
    """What it was like for the owner."""

    UNNOTICED = "unnoticed"  # put right before they felt it
    NOTICED = "noticed"  # they felt it, and it was put right
    STILL_THERE = "still_there"  # nothing is right yet
    PESTERED = "pestered"  # too many messages
    NOTHING = "nothing"  # nothing they felt so far


@dataclass(frozen=True, slots=True)
class Opinion:
    """A rating of 1 to 5. ``comment`` may be empty."""

    score: int
    comment: str


SCORES: Final[Mapping[Ordeal, tuple[int, ...]]] = MappingProxyType(
    {
        Ordeal.UNNOTICED: (5, 5, 5, 4),
        Ordeal.NOTICED: (3, 4, 4),
        Ordeal.STILL_THERE: (1, 2, 2),
        Ordeal.PESTERED: (1, 2),
        Ordeal.NOTHING: (4, 3),
    }
)
"""The scores an owner picks from, by what it was like."""

WORDS: Final[Mapping[str, Mapping[Ordeal, str]]] = MappingProxyType(
    {
        "en": {
            Ordeal.UNNOTICED: "Did not even notice. Thank you!",
            Ordeal.NOTICED: "It was off for a while, then fine again.",
            Ordeal.STILL_THERE: "It still does not work.",
            Ordeal.PESTERED: "Please write less often.",
            Ordeal.NOTHING: "Good to know.",
        },
        "de": {
            Ordeal.UNNOTICED: "Gar nicht bemerkt. Danke!",
            Ordeal.NOTICED: "War kurz gestört, jetzt läuft es wieder.",
            Ordeal.STILL_THERE: "Es geht immer noch nicht.",
            Ordeal.PESTERED: "Bitte seltener schreiben.",
            Ordeal.NOTHING: "Gut zu wissen.",
        },
        "fr": {
            Ordeal.UNNOTICED: "Je n'ai rien remarqué. Merci !",
            Ordeal.NOTICED: "En panne un moment, puis réparé.",
            Ordeal.STILL_THERE: "Cela ne marche toujours pas.",
            Ordeal.PESTERED: "Trop de messages.",
            Ordeal.NOTHING: "Bon à savoir.",
        },
        "es": {
            Ordeal.UNNOTICED: "Ni me di cuenta. ¡Gracias!",
            Ordeal.NOTICED: "Falló un rato y luego bien.",
            Ordeal.STILL_THERE: "Sigue sin funcionar.",
            Ordeal.PESTERED: "Demasiados mensajes.",
            Ordeal.NOTHING: "Bueno saberlo.",
        },
    }
)
"""What they write beside the score, by their language."""


def ordeal_of(lived: Lived | None, messages: int, patience: int) -> Ordeal:
    """Return what it was like, after ``messages`` messages about it. ``lived`` ``None``: nothing ever happened."""
    if messages > patience:
        return Ordeal.PESTERED
    if lived is None or (lived.ended_s is None and lived.noticed_s is None):
        return Ordeal.NOTHING
    if lived.ended_s is None or (lived.how is Ended.BY_ITSELF and lived.noticed_s is not None):
        return Ordeal.STILL_THERE
    return Ordeal.UNNOTICED if lived.noticed_s is None else Ordeal.NOTICED


def opinion(lived: Lived | None, messages: int, owner: Owner, chance: Random) -> Opinion:
    """Return how the owner rates it."""
    ordeal = ordeal_of(lived, messages, owner.patience)
    words = WORDS.get(owner.lang, WORDS["en"])
    return Opinion(chance.choice(SCORES[ordeal]), words[ordeal] if owner.comments else "")
