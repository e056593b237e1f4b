"""Whether a person has seen the same on a device before (pure)."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from agent.health.findings import Finding, FindingKind

Sign: TypeAlias = tuple[FindingKind, str, bool]
"""What explains a finding most: its kind, the metric, and whether that is above its usual."""

_STRONGER: Final = 1.5  # times the score of then, from which it is no longer the same


def shown(findings: Iterable[Finding]) -> dict[Sign, float]:
    """Return by sign how strongly findings of metrics showed it, at most."""
    signs: dict[Sign, float] = {}
    for finding in findings:
        if finding.kind in {FindingKind.ONSET, FindingKind.DRIFT} and finding.because:
            first = finding.because[0]
            sign = (finding.kind, first.metric, first.z is not None and first.z > 0)
            signs[sign] = max(finding.score, signs.get(sign, 0.0))
    return signs


def is_familiar(now: Mapping[Sign, float], then: Mapping[Sign, float]) -> bool:
    """Tell whether nothing shows now that did not show then, about as strongly; nothing at all is not familiar."""
    return bool(now) and all(sign in then and score <= _STRONGER * then[sign] for sign, score in now.items())
