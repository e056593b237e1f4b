"""A finding in a sentence that staff read (pure)."""

from collections.abc import Mapping
from typing import assert_never

from agent.health.findings import Because, Finding, FindingKind

_MOST_REASONS = 3


def finding_sentence(finding: Finding, words: Mapping[str, str]) -> str:
    """Return what was found, with the metrics that explain it; ``words`` are the playbook's, by metric."""
    match finding.kind:
        case FindingKind.ONSET:
            return f"Something changed: {_reasons(finding, words)}."
        case FindingKind.DRIFT:
            return f"It has been wearing away slowly: {_reasons(finding, words)}."
        case FindingKind.SILENCE:
            return f"The device has been silent for {finding.score:.0f} minutes."
        case FindingKind.GAP:
            return f"{finding.score:.0f} messages are missing."
        case FindingKind.EVENT:
            said = f": “{finding.text}”" if finding.text else ""
            return f"The device reports {finding.code}{said}."
        case never:
            assert_never(never)


def _reasons(finding: Finding, words: Mapping[str, str]) -> str:
    reasons = [_reason(because, words) for because in finding.because[:_MOST_REASONS]]
    return ", ".join(reasons) or "no single metric explains it"


def _reason(because: Because, words: Mapping[str, str]) -> str:
    name = words.get(because.metric, because.metric.replace("_", " "))
    if because.value is None or because.usual is None:
        return f"{name} is unusual" if because.z is None else f"{name} is {_way(because.z)} than usual"
    return f"{name} is at {because.value:.3g}, usually {because.usual:.3g}"


def _way(z: float) -> str:
    return "higher" if z > 0 else "lower"
