"""What diagnosis looks at (pure values): a device's health now, the findings, and what it said itself."""

from dataclasses import dataclass
from math import isnan

from agent.health.findings import Finding, FindingKind, HealthView

_TELLING_SHARE = 0.1  # a metric with less of a finding's evidence is noise picked at a bad moment


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for or against a fault of one device at one moment.

    ``findings`` are the ticket's, recent ones only; ``codes`` are event codes heard recently beside those
    in ``findings``. Hostile text in them is compared, never shown.
    """

    view: HealthView
    findings: tuple[Finding, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one metric is from its usual: ``z`` in its own standard deviations, positive above.

    ``value`` and ``usual`` are in the metric's unit; ``None``: not known.
    """

    metric: str
    z: float
    value: float | None = None
    usual: float | None = None


def readings(evidence: Evidence) -> dict[str, Reading]:
    """Return the strongest known deviation of each metric, now or in a finding; unknown ones are left out.

    A fault that comes and goes (a door, a pump that only runs at times) shows in the findings, one that
    has just grown shows in the view. Metrics with a tiny share of a finding count only as they are now.
    """
    strongest: dict[str, Reading] = {}
    for because in evidence.view.now:
        if because.z is not None and not isnan(because.z):
            strongest[because.metric] = Reading(because.metric, because.z, because.value, because.usual)
    for finding in evidence.findings:
        for because in finding.because:
            if because.z is None or isnan(because.z) or because.share < _TELLING_SHARE:
                continue
            known = strongest.get(because.metric)
            if known is None or abs(because.z) > abs(known.z):
                strongest[because.metric] = Reading(because.metric, because.z, because.value, because.usual)
    return strongest


def codes_heard(evidence: Evidence) -> frozenset[str]:
    """Return every event code heard, from ``codes`` and from the findings that are events."""
    said = {finding.code for finding in evidence.findings if finding.kind is FindingKind.EVENT and finding.code}
    return frozenset(said | set(evidence.codes))
