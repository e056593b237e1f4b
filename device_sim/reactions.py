"""How a device takes a command (pure): by table and by chance, for remedies do not always work."""

from collections.abc import Mapping
from enum import StrEnum
from random import Random
from types import MappingProxyType
from typing import Final

from broker.messages import Argument
from device_sim.faults import Cure, Fault, FaultKind


class Reaction(StrEnum):
    """What comes of the right command for a fault."""

    HEALS = "heals"
    HELPS = "helps"  # for a while: the fault grows again
    NOTHING = "nothing"  # done, and the fault stays
    FAILS = "fails"  # the device says that it could not
    WORSE = "worse"
    SILENT = "silent"  # no answer, and nothing done


ODDS: Final[Mapping[str, Mapping[Reaction, float]]] = MappingProxyType(
    {
        "restart": {
            Reaction.HEALS: 0.86,
            Reaction.HELPS: 0.04,
            Reaction.NOTHING: 0.03,
            Reaction.FAILS: 0.04,
            Reaction.SILENT: 0.03,
        },
        "defrost": {
            Reaction.HEALS: 0.80,
            Reaction.HELPS: 0.09,
            Reaction.NOTHING: 0.04,
            Reaction.FAILS: 0.03,
            Reaction.WORSE: 0.02,
            Reaction.SILENT: 0.02,
        },
        "rinse": {
            Reaction.HEALS: 0.78,
            Reaction.HELPS: 0.10,
            Reaction.NOTHING: 0.06,
            Reaction.FAILS: 0.04,
            Reaction.SILENT: 0.02,
        },
        "balance": {
            Reaction.HEALS: 0.82,
            Reaction.HELPS: 0.06,
            Reaction.NOTHING: 0.06,
            Reaction.FAILS: 0.02,
            Reaction.WORSE: 0.02,
            Reaction.SILENT: 0.02,
        },
        "recalibrate": {
            Reaction.HEALS: 0.86,
            Reaction.NOTHING: 0.06,
            Reaction.FAILS: 0.03,
            Reaction.WORSE: 0.03,
            Reaction.SILENT: 0.02,
        },
        "set_config": {
            Reaction.HEALS: 0.92,
            Reaction.NOTHING: 0.02,
            Reaction.FAILS: 0.04,
            Reaction.SILENT: 0.02,
        },
    }
)
"""The odds of each reaction when the command is the right one for the fault; a row adds up to 1."""

PROGRESS_LEFT: Final[Mapping[Reaction, float]] = MappingProxyType({Reaction.HELPS: 0.3, Reaction.WORSE: 1.35})
"""What a reaction multiplies a fault's progress with; reactions not listed leave it."""


def draw_reaction(fault: Fault, chance: Random) -> Reaction:
    """Return how this occurrence of the fault will take its cure. One that has none takes nothing."""
    if fault.cure is None:
        return Reaction.NOTHING
    odds = ODDS[fault.cure.verb]
    return chance.choices(list(odds), weights=list(odds.values()))[0]


def is_cure(cure: Cure | None, verb: str, args: Mapping[str, Argument]) -> bool:
    """Tell whether a command is the cure: its verb, and every argument the cure names with that value."""
    return cure is not None and verb == cure.verb and all(args.get(name) == value for name, value in cure.args.items())


def can_be_mended(fault: Fault) -> bool:
    """Tell whether a technician's visit puts an end to the fault."""
    return fault.kind in (FaultKind.HEALABLE, FaultKind.VISIT)
