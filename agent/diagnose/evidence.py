"""What diagnosis looks at (pure values): a device's health now, the findings, and what it said itself."""

from dataclasses import dataclass, replace
from math import isnan

from agent.health.findings import Because, Finding, FindingKind, HealthView

_PAST_COUNTS = 0.6
_SHOWS = 2.0  # standard deviations from which the short run shows it too
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
    """How far one metric is from its usual.

    ``z`` is in its own standard deviations of the short run, or of the long, positive above usual. ``value`` and
    ``usual`` are in the metric's unit; ``None``: not known. ``slow``: the long run shows it, the short run does not.
    """

    metric: str
    z: float
    value: float | None = None
    usual: float | None = None
    slow: bool = False


def readings(evidence: Evidence) -> dict[str, Reading]:
    """Return how far each metric is off, now or in a finding; unknown ones are left out.

    A fault that comes and goes (a pump that only runs at times) shows in the findings, one that has just
    grown shows in the view, and one that grows for days in what is worn, as long as that stands. What a finding
    saw and the view no longer shows counts in part: a door that was opened is not an open door. Metrics with a
    tiny share of a finding count only as they are now.
    """
    found = {because.metric: _reading(because) for because in evidence.view.now if _is_known(because)}
    now = {metric: reading.z for metric, reading in found.items()}
    for worn in evidence.view.worn:
        short = abs(now.get(worn.metric, 0.0))
        if worn.stands and abs(worn.z) > short:
            found[worn.metric] = Reading(worn.metric, worn.z, worn.lately, worn.usual, slow=short < _SHOWS)
    for finding in evidence.findings:
        for because in finding.because:
            if not _is_known(because) or because.share < _TELLING_SHARE:
                continue
            at_present = now.get(because.metric, 0.0)
            past = replace(_reading(because), z=at_present + _PAST_COUNTS * (_z(because) - at_present))
            known = found.get(because.metric)
            if known is None or abs(past.z) > abs(known.z):
                found[because.metric] = past
    return found


def _is_known(because: Because) -> bool:
    return because.z is not None and not isnan(because.z)


def _z(because: Because) -> float:
    return 0.0 if because.z is None else because.z


def _reading(because: Because) -> Reading:
    return Reading(because.metric, _z(because), because.value, because.usual)


def codes_heard(evidence: Evidence) -> frozenset[str]:
    """Return every event code heard, from ``codes`` and from the findings that are events."""
    said = {finding.code for finding in evidence.findings if finding.kind is FindingKind.EVENT and finding.code}
    return frozenset(said | set(evidence.codes))
