"""How far the agent may go with a remedy (pure): staff's word, while the remedy is still what they gave it for.

They speak of a name, and a playbook may give that name to something else tomorrow. What they meant is what it did to a
device when they spoke.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from agent.diagnose.playbook import Autonomy, Playbook, Remedy

_ORDER: Final = tuple(Autonomy)  # from the least to the most


@dataclass(frozen=True, slots=True)
class Deed:
    """What a remedy does to a device, as far as trust in it rests on that. ``args`` are by name."""

    verb: str
    args: tuple[tuple[str, str | float | bool], ...]
    reversible: bool

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that tell it from others."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Permit:
    """Staff's word on a remedy. ``deed`` is what it did then; ``None``: that was not kept, so it may be anything."""

    autonomy: Autonomy
    deed: Deed | None


def deed_of(remedy: Remedy) -> Deed:
    """Return what a remedy does to a device."""
    return Deed(remedy.verb, tuple(sorted(remedy.args)), remedy.reversible)


def taken_out(then: Playbook, now: Playbook | None) -> frozenset[str]:
    """Return the remedies of an earlier playbook which the one in force does not have, or not like that.

    ``now`` ``None``: none is in force for the product, so it has none of them.
    """
    deeds = {} if now is None else {remedy.name: deed_of(remedy).digest for remedy in now.remedies}
    return frozenset(remedy.name for remedy in then.remedies if deeds.get(remedy.name) != deed_of(remedy).digest)


def alike(now: Playbook, others: Iterable[Playbook]) -> dict[str, frozenset[str]]:
    """Return, by remedy of the playbook in force, the versions in which it does to a device what it does now."""
    known = (now, *others)
    return {
        remedy.name: frozenset(one.version for one in known if remedy.name not in taken_out(now, one))
        for remedy in now.remedies
    }


def level_of(remedy: Remedy, permit: Permit | None) -> Autonomy:
    """Return how far the agent may go with a remedy; ``permit`` ``None``: staff have said nothing.

    What may do harm if done for nothing takes two people, so a playbook alone lets the agent ask at most. Where the
    remedy does something else than when they spoke, the least of their word, the playbook's and asking.
    """
    if permit is None:
        return remedy.autonomy if remedy.reversible else min(remedy.autonomy, Autonomy.ASK, key=_ORDER.index)
    if not lapsed(remedy, permit):
        return permit.autonomy
    return min(permit.autonomy, remedy.autonomy, Autonomy.ASK, key=_ORDER.index)


def goes_further(wanted: Autonomy, now: Autonomy) -> bool:
    """Tell whether a level lets the agent go further than another."""
    return _ORDER.index(wanted) > _ORDER.index(now)


def lets_act(permit: Permit, verb: str, args: tuple[tuple[str, str | float | bool], ...]) -> bool:
    """Tell whether staff's word lets the agent send this by itself, also where it was decided before they spoke."""
    if permit.deed is None or permit.deed.digest != Deed(verb, tuple(sorted(args)), permit.deed.reversible).digest:
        return False
    if permit.autonomy is Autonomy.ACT_IF_REVERSIBLE:
        return permit.deed.reversible
    return permit.autonomy is Autonomy.ACT


def lapsed(remedy: Remedy, permit: Permit) -> str:
    """Return in words what a remedy does otherwise than when staff spoke; empty: nothing, and their word holds."""
    was, now = permit.deed, deed_of(remedy)
    if was is None:
        return "what it did then was not kept"
    changes = []
    if was.verb != now.verb:
        changes.append(f"its command was {was.verb or 'none'}, and is {now.verb} now")
    if msgspec.json.encode(was.args) != msgspec.json.encode(now.args):  # to Python, true is 1
        changes.append(f"it was sent with {_words(was)}, and is with {_words(now)} now")
    if was.reversible != now.reversible:
        changes.append(
            "it does no harm now if done for nothing" if now.reversible else "it may do harm now if done for nothing"
        )
    return "; ".join(changes)


def _words(deed: Deed) -> str:
    return ", ".join(f"{name} {value}" for name, value in deed.args) or "nothing else"
