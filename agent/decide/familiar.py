"""Whether a person has seen the same on a device before (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from agent.health.findings import Because, Finding, FindingKind

Sign: TypeAlias = tuple[FindingKind, str, bool | None]
"""A kind of finding, a metric, and whether it was above its usual; ``None``: nobody can tell."""

_STRONGER: Final = 1.5  # times as strong as it was then, from which it is no longer the same
_STANDS_OUT: Final = 2.5  # standard deviations; less leads a finding by chance, and seldom the next one


def is_familiar(now: Sequence[Finding], then: Sequence[Finding]) -> bool:
    """Tell whether what stands out in the findings of now did so in those of then, about as strong.

    Which metric leads changes from one finding to the next: each that stands out counts, by how far off it is. Where
    none does, in any of them, and where nobody can tell how far, what leads must have had a part then, by its share of
    the score. A word of the device, a silence or a gap is never familiar, nor is nothing at all.
    """
    before = _Seen()
    for finding in then:
        before.see(finding)
    stands_out = any(_standing_out(finding) for finding in now)
    return bool(now) and all(before.covers(finding, stands_out=stands_out) for finding in now)


@dataclass(slots=True)
class _Seen:
    """What was seen, each at its strongest: how far off signs were, their part in the score, and scores by kind."""

    off: dict[Sign, float] = field(default_factory=dict)
    parts: dict[Sign, float] = field(default_factory=dict)
    scores: dict[FindingKind, float] = field(default_factory=dict)

    def see(self, finding: Finding) -> None:
        """Keep what a finding shows."""
        self.scores[finding.kind] = max(self.scores.get(finding.kind, 0.0), finding.score)
        for part in finding.because:
            sign = _sign(finding, part)
            self.off[sign] = max(self.off.get(sign, 0.0), abs(part.z or 0.0))
            self.parts[sign] = max(self.parts.get(sign, 0.0), part.share * finding.score)

    def covers(self, finding: Finding, *, stands_out: bool) -> bool:
        """Tell whether a finding shows nothing else; ``stands_out``: something does, if not in this one."""
        if not finding.because:
            return False  # what no metric explains: a word, a silence, a gap
        first = finding.because[0]
        if first.z is None or not stands_out:
            return first.share * finding.score <= _STRONGER * self.parts.get(_sign(finding, first), 0.0)
        strong = finding.score > _STRONGER * self.scores.get(finding.kind, 0.0)
        return not strong and all(
            abs(part.z or 0.0) <= _STRONGER * self.off.get(_sign(finding, part), 0.0) for part in _standing_out(finding)
        )


def _standing_out(finding: Finding) -> list[Because]:
    return [part for part in finding.because if part.z is not None and abs(part.z) >= _STANDS_OUT]


def _sign(finding: Finding, part: Because) -> Sign:
    if part.z is not None:
        return finding.kind, part.metric, part.z > 0
    if part.value is not None and part.usual is not None:  # a drift tells no z
        return finding.kind, part.metric, part.value > part.usual
    return finding.kind, part.metric, None
