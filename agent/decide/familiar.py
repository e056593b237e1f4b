"""Whether a person has seen the same on a device before (pure)."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from agent.health.findings import Because, Finding, FindingKind

Sign: TypeAlias = tuple[FindingKind, str, bool | None]
"""A kind of finding, a metric, and whether it was above its usual; ``None``: nobody can tell."""

_STRONGER: Final = 1.5  # times as strong as it was then, from which it is no longer the same


def is_familiar(now: Sequence[Finding], then: Sequence[Finding]) -> bool:
    """Tell whether what leads the findings of now had a part in those of then, about as strong.

    Which metric leads changes from one finding to the next, so any part of then counts, by its share of the score. A
    word of the device, a silence or a gap is never familiar, nor is nothing at all.
    """
    before: dict[Sign, float] = {}
    for finding in then:
        for part in finding.because:
            sign = _sign(finding, part)
            before[sign] = max(before.get(sign, 0.0), part.share * finding.score)
    return bool(now) and all(_leads_as_before(finding, before) for finding in now)


def _leads_as_before(finding: Finding, before: dict[Sign, float]) -> bool:
    if not finding.because:
        return False  # what no metric explains: a word, a silence, a gap
    first = finding.because[0]
    return first.share * finding.score <= _STRONGER * before.get(_sign(finding, first), 0.0)


def _sign(finding: Finding, part: Because) -> Sign:
    if part.z is not None:
        return finding.kind, part.metric, part.z > 0
    if part.value is not None and part.usual is not None:  # a drift tells no z
        return finding.kind, part.metric, part.value > part.usual
    return finding.kind, part.metric, None
