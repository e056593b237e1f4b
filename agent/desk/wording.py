"""A finding in a sentence that staff read (pure)."""

from typing import assert_never

from agent.desk.device import Device
from agent.diagnose.evidence import Reading
from agent.diagnose.explain import say_reading
from agent.diagnose.playbook import Playbook
from agent.health.findings import Because, Finding, FindingKind

_MOST_REASONS = 3
_TELLING = 0.15  # of the evidence; what has less is beside the point


def finding_sentence(finding: Finding, playbook: Playbook | None) -> str:
    """Return what was found, with the metrics that explain it, in the playbook's words where there is one."""
    match finding.kind:
        case FindingKind.ONSET:
            return f"Something changed: {_reasons(finding, playbook)}."
        case FindingKind.DRIFT:
            return f"Something has been changing slowly: {_reasons(finding, playbook)}."
        case FindingKind.SILENCE:
            return f"The device has been silent for {finding.score:.0f} minutes."
        case FindingKind.GAP:
            return f"Messages are missing: {finding.score:.0f} of them."
        case FindingKind.EVENT:
            said = f": “{finding.text}”" if finding.text else ""
            return f"The device reports {finding.code}{said}."
        case never:
            assert_never(never)


def silence_sentence(finding: Finding, device: Device) -> str:
    """Return how a silence is to be taken, as far as evidence allows: quiet, or away."""
    silent = f"The device has been silent for {finding.score:.0f} minutes"
    if device.online:
        return f"{silent}, though it is still connected: what measures or reports in it has stopped."
    return f"{silent}. The broker says that its connection is lost: it has no power, no network, or has failed."


def _reasons(finding: Finding, playbook: Playbook | None) -> str:
    telling = [because for because in finding.because if because.share >= _TELLING] or list(finding.because[:1])
    reasons = [_reason(because, playbook) for because in telling[:_MOST_REASONS]]
    return ", ".join(reasons) or "no single metric explains it"


def _reason(because: Because, playbook: Playbook | None) -> str:
    known = () if playbook is None else playbook.metrics
    metric = next((metric for metric in known if metric.name == because.metric), None)
    if because.z is None:
        return f"{because.metric.replace('_', ' ') if metric is None else metric.words} is unusual"
    return say_reading(Reading(because.metric, because.z, because.value, because.usual), metric)
