"""Whether a person has seen the same on a device before (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from agent.health.findings import Because, Finding, FindingKind

Sign: TypeAlias = tuple[str, bool]
"""A metric, and whether it was above its usual."""

_STRONGER: Final = 1.5  # times the score of then, from which it is no longer the same


@dataclass(frozen=True, slots=True)
class Shown:
    """What findings of metrics showed: what led one of them, all that had a part, and how strong each kind was."""

    led: frozenset[Sign]
    parts: frozenset[Sign]
    strongest: tuple[tuple[FindingKind, float], ...]


def shown(findings: Iterable[Finding]) -> Shown:
    """Return what findings showed; those of other kinds than onset and drift say nothing here."""
    telling = [one for one in findings if one.kind in {FindingKind.ONSET, FindingKind.DRIFT} and one.because]
    kinds = sorted({finding.kind for finding in telling})
    return Shown(
        frozenset(_sign(finding.because[0]) for finding in telling),
        frozenset(_sign(part) for finding in telling for part in finding.because),
        tuple((kind, max(one.score for one in telling if one.kind is kind)) for kind in kinds),
    )


def is_familiar(now: Shown, then: Shown) -> bool:
    """Tell whether nothing leads now that had no part then, and nothing is much stronger.

    What a finding names after its first metric changes from one to the next. Nothing at all is not familiar.
    """
    before = dict(then.strongest)
    as_strong = all(score <= _STRONGER * before.get(kind, 0.0) for kind, score in now.strongest)
    return bool(now.led) and now.led <= then.parts and as_strong


def _sign(part: Because) -> Sign:
    return part.metric, part.z is not None and part.z > 0
