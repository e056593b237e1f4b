"""What confirmed cases of a product say, and how far it moves a diagnosis (pure).

The playbook is the prior. How often each fault was behind a case moves its weight a little, and cases with the very
same signs move it further: the playbook's word counts as ``PLAYBOOK_CASES`` of them. So the first cases correct a
diagnosis, many rule it, and where there are none it is exactly the playbook's. Counts add up, so the order
in which labels arrive does not matter.

What passed by itself speaks only against what has not lasted longer: of a hundred warm evenings of two hours none says
anything of a freezer that has been warm since yesterday. So cases are counted by how long they had shown their signs,
too, and one that passed is none among those that lasted on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from agent.diagnose.playbook import Playbook
from agent.diagnose.signature_table import Tally, backed_off
from agent.diagnose.signs import Signs

UNKNOWN: Final = "unknown"
"""The name of "none of these", in priors and in what people confirm."""
PLAYBOOK_CASES: Final = 4.0
"""Cases with the same signs that the playbook's word counts as. Measured: see ``docs/diagnosis.md``."""
PRODUCT_CASES: Final = 40.0
"""Cases of the product that the playbook's word on how common faults are counts as."""
MOST_SHIFT: Final = 4.0
"""How common a fault turned out to be weighs at most this much, either way: signs must still decide."""
EVERY_CASE: Final = ""
"""The signature all cases of a product have."""

_AGES_H: Final = (1, 4, 12)  # hours after which those that had passed by then are left out
_UNKNOWN_WEIGHT: Final = 4.0  # as likely at first as four faults together
_SAFETY_WEIGHT: Final = 5.0  # what might hurt somebody is believed on less
_LEAST: Final = 1e-12

Counts = Mapping[tuple[str, str], Tally]
"""Confirmed cases of one product by fault and signature; what is missing has none."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What somebody or something confirmed about a case.

    ``confirmed`` is a fault, or ``UNKNOWN`` for none of the playbook's; ``None``: it only says what it was not.
    ``ruled_out`` are faults it was not.
    """

    confirmed: str | None = None
    ruled_out: frozenset[str] = frozenset()


NO_LESSON: Final = Lesson()


def playbook_weights(playbook: Playbook) -> dict[str, float]:
    """Return how likely each fault is before anything was seen, as relative weights > 0, ``UNKNOWN`` among them."""
    weights = {fault.name: _SAFETY_WEIGHT if fault.safety else 1.0 for fault in playbook.faults}
    return weights | {UNKNOWN: _UNKNOWN_WEIGHT}


def experienced(
    chances: Mapping[str, float], signs: Signs, counts: Counts, weights: Mapping[str, float], careful: Collection[str]
) -> dict[str, float]:
    """Return the chances after experience; they add up to 1.

    Args:
        chances: the playbook's own, by fault and for ``UNKNOWN``; they add up to 1.
        signs: what the device showed.
        counts: the product's confirmed cases, at least those of ``EVERY_CASE`` and of these signs.
        weights: the playbook's weights the chances were made with.
        careful: faults that experience may raise and never lower, because they might hurt somebody.
    """
    return kept_careful(moved_by_alike(moved_by_common(chances, counts, weights), signs, counts), chances, careful)


def moved_by_common(chances: Mapping[str, float], counts: Counts, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the chances moved by how common each fault turned out to be on the product; they add up to 1."""
    whole = sum(weights.values())
    return normalised(
        {
            fault: chance * _shift(weights.get(fault, 1.0) / whole, counts.get((fault, EVERY_CASE), Tally()))
            for fault, chance in chances.items()
        }
    )


def moved_by_alike(chances: Mapping[str, float], signs: Signs, counts: Counts) -> dict[str, float]:
    """Return the chances (``UNKNOWN`` among them) moved by the cases with the very same signs; they add up to 1.

    A case that only says what it was not leaves its share to ``UNKNOWN``: shared among all, it would say nothing
    wherever there is one suspect only.
    """
    alike = {
        fault: backed_off(chance, counts.get((fault, signs.together), Tally()), PLAYBOOK_CASES)
        for fault, chance in chances.items()
    }
    left = 1.0 - sum(alike.values())
    return normalised(alike | {UNKNOWN: alike[UNKNOWN] + max(left, 0.0)})


def _shift(share: float, tally: Tally) -> float:
    ratio = backed_off(share, tally, PRODUCT_CASES) / share
    return min(max(ratio, 1.0 / MOST_SHIFT), MOST_SHIFT)


def normalised(chances: Mapping[str, float]) -> dict[str, float]:
    """Return the chances so that they add up to 1; each is ≥ 0 and one at least > 0."""
    whole = sum(chances.values())
    return {fault: chance / whole for fault, chance in chances.items()}


def kept_careful(learned: Mapping[str, float], own: Mapping[str, float], careful: Collection[str]) -> dict[str, float]:
    """Return what was learned, but no ``careful`` fault less likely than the playbook says by itself."""
    held: dict[str, float] = {}
    scale = 1.0  # of what is left for the others; it may push the next one under
    while short := {f: own[f] for f in careful if f in own and f not in held and own[f] > learned[f] * scale}:
        held |= short
        others = sum(chance for fault, chance in learned.items() if fault not in held)
        scale = (1.0 - sum(held.values())) / others if others > 0.0 else 0.0
    return {fault: held.get(fault, chance * scale) for fault, chance in learned.items()}


def prior_for(learned: Mapping[str, float], own: Mapping[str, float], weights: Mapping[str, float]) -> dict[str, float]:
    """Return the prior with which a diagnosis on the same evidence gives the learned chances instead of its own."""
    return {
        fault: max(weights.get(fault, 1.0) * learned[fault] / max(chance, _LEAST), _LEAST)
        for fault, chance in own.items()
    }


def at_age(signature: str, age: timedelta) -> str:
    """Return under which signature the cases are counted that had shown these signs for as long."""
    hours = max((hours for hours in _AGES_H if age >= timedelta(hours=hours)), default=None)
    return signature if hours is None else _aged(signature, hours)


def _aged(signature: str, hours: int) -> str:
    return f"{signature} for {hours} h"


def added(
    lesson: Lesson, signs: Signs, faults: Iterable[str], lasted: timedelta | None = None
) -> dict[tuple[str, str], Tally]:
    """Return what a lesson adds to the counts of each of the product's ``faults`` (``UNKNOWN`` is one too).

    A confirmed fault is a case for itself and against all others; one that was only ruled out is a case against
    itself under these signs, and says nothing of the others nor of how common anything is. ``lasted`` is how long it
    took to pass by itself; ``None``: it did not.
    """
    ages = [hours for hours in _AGES_H if lasted is None or lasted >= timedelta(hours=hours)]
    alike = [signs.together, *(_aged(signs.together, hours) for hours in ages)]
    found: dict[tuple[str, str], Tally] = {}
    for fault in {*faults, UNKNOWN}:
        if lesson.confirmed is not None:
            tally = Tally(1, int(fault == lesson.confirmed))
            found |= dict.fromkeys([(fault, EVERY_CASE), *((fault, signature) for signature in alike)], tally)
        elif fault in lesson.ruled_out:
            found |= dict.fromkeys([(fault, signature) for signature in alike], Tally(1, 0))
    return found


def cases_sentence(fault: str, playbook: Playbook, signs: Signs, counts: Counts) -> str:
    """Return how often it was this fault before, "" where there are no cases like this."""
    tally = counts.get((fault, signs.together), Tally())
    if tally.seen == 0:
        return ""
    name = playbook.fault(fault).words_in("en").name
    if tally.seen == 1:
        was = "was" if tally.followed else "was not"
        return f"In the one earlier case like this on {playbook.product} it {was} {name}."
    if tally.followed == 0:
        return f"In none of {tally.seen} earlier cases like this on {playbook.product} was it {name}."
    return f"In {tally.followed} of {tally.seen} earlier cases like this on {playbook.product} it was {name}."
