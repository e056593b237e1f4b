"""From evidence to faults with probabilities (pure): which cause of the playbook it probably is, if any.

Each fault is weighed against the same evidence: how its metrics moved, what the device said, whether it
went silent. "Unknown" is two things at once, nothing wrong at all and a fault nobody has described,
and wins whenever no fault of the playbook explains the evidence better.
Will not look at times, remedies or other devices: those are for deciding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import exp, fsum, log
from typing import Final

from agent.diagnose.diagnosis import Diagnosis, Suspect
from agent.diagnose.evidence import Evidence, Reading, codes_heard, readings
from agent.diagnose.experience import UNKNOWN, playbook_weights
from agent.diagnose.explain import Seen, explanation, sentences
from agent.diagnose.likelihood import ANY_FAULT, NO_FAULT, NOT_PAST, UNSAID, bet, log_likelihood, log_sum_exp
from agent.diagnose.playbook import Fault, Playbook

_SUDDEN: Final = timedelta(days=1)  # what is felt so soon has not been coming for days
_NOTHING_WRONG: Final = 0.5  # of the unknown: half is nothing at all


@dataclass(frozen=True, slots=True)
class _Chances:
    """How often something is seen: under a fault that has it, under one that has not, under the unknown."""

    of_its_own: float
    of_another: float
    of_unknown: float

    def log_ratio(self, *, its_own: bool, seen: bool) -> float:
        """Return how much seeing it, or not, speaks for a fault against the unknown."""
        expected = self.of_its_own if its_own else self.of_another
        if seen:
            return log(expected / self.of_unknown)
        return log((1.0 - expected) / (1.0 - self.of_unknown))


# An error code comes late in the life of a fault, so its absence says little.
_CODE: Final = _Chances(of_its_own=0.5, of_another=0.01, of_unknown=0.03)
# A fault that shows in nothing but its code is not there without it.
_ONLY_CODE: Final = _Chances(of_its_own=0.97, of_another=0.01, of_unknown=0.03)
_SILENCE: Final = _Chances(of_its_own=0.7, of_another=0.03, of_unknown=0.15)


def diagnose(evidence: Evidence, playbook: Playbook, prior: Mapping[str, float] | None = None) -> Diagnosis:
    """Return the playbook's faults with their probabilities, most likely first, and what is left unknown.

    Args:
        evidence: the device's health now, its findings and what it said.
        playbook: the faults of its product.
        prior: relative weight of faults by name, > 0, and of ``UNKNOWN``; what is left out weighs 1
            (5 when it is a matter of safety, ``UNKNOWN`` 4). This is where experience enters.
    """
    regimes = {metric.name for metric in playbook.metrics if metric.context}
    seen = Seen(
        readings={name: reading for name, reading in readings(evidence).items() if name not in regimes},
        codes=codes_heard(evidence),
        silent_since=evidence.view.silent_since,
    )
    weights = playbook_weights(playbook) | dict(prior or {})
    reference = {name: log_likelihood(reading.z, ANY_FAULT) for name, reading in seen.readings.items()}
    logs = {
        fault.name: log(weights[fault.name]) + _for_fault(fault, playbook, seen, reference) for fault in playbook.faults
    }
    logs[UNKNOWN] = log(weights[UNKNOWN]) + _for_unknown(seen, reference)
    total = log_sum_exp(tuple(logs.values()))
    chances = {name: exp(value - total) for name, value in logs.items()}
    suspects = tuple(
        Suspect(fault.name, chances[fault.name], sentences(fault, playbook, seen))
        for fault in sorted(playbook.faults, key=lambda fault: (-chances[fault.name], fault.name))
    )
    top = suspects[0] if suspects else None
    sure = top is not None and top.probability > chances[UNKNOWN]
    return Diagnosis(
        suspects=suspects,
        unknown=chances[UNKNOWN],
        explanation=explanation(suspects, chances[UNKNOWN], playbook, seen),
        time_left=playbook.fault(top.fault).time_left if top is not None and sure else None,
        shows=seen.shows(playbook),
    )


def _for_fault(fault: Fault, playbook: Playbook, seen: Seen, reference: Mapping[str, float]) -> float:
    """Return the log of how much better the fault explains the evidence than an undescribed one.

    A fault without symptoms (switched off) says nothing about metrics: they are as likely as under the unknown.
    """
    metrics = fsum(_for_metrics(fault, seen.readings, reference)) if fault.symptoms else _for_unknown(seen, reference)
    return metrics + fsum(_for_words(fault, playbook, seen))


def _for_metrics(fault: Fault, found: Mapping[str, Reading], reference: Mapping[str, float]) -> list[float]:
    symptoms = {symptom.metric: symptom for symptom in fault.symptoms}
    ratios = []
    for name, reading in found.items():
        symptom = symptoms.get(name)
        odds, weight = UNSAID, 1.0
        if symptom is not None:
            weight = symptom.weight
            odds = bet(symptom.direction) if symptom.is_past(reading.value) else NOT_PAST
        if reading.slow and _is_sudden(fault):
            odds = UNSAID  # it would show in the short run
        ratios.append(weight * (log_likelihood(reading.z, odds) - reference[name]))
    return ratios


def _is_sudden(fault: Fault) -> bool:
    return fault.time_left is not None and fault.time_left <= _SUDDEN


def _for_words(fault: Fault, playbook: Playbook, seen: Seen) -> list[float]:
    known = {code for other in playbook.faults for code in other.codes}
    chances = _CODE if fault.symptoms else _ONLY_CODE
    ratios = [_SILENCE.log_ratio(its_own=fault.silent, seen=seen.silent_since is not None)]
    if fault.codes:
        ratios.append(chances.log_ratio(its_own=True, seen=not seen.codes.isdisjoint(fault.codes)))
    foreign = (seen.codes & known) - set(fault.codes)
    ratios.extend(_CODE.log_ratio(its_own=False, seen=True) for _ in foreign)
    return ratios


def _for_unknown(seen: Seen, reference: Mapping[str, float]) -> float:
    nothing = fsum(log_likelihood(reading.z, NO_FAULT) - reference[name] for name, reading in seen.readings.items())
    return log_sum_exp((log(_NOTHING_WRONG) + nothing, log(1.0 - _NOTHING_WRONG)))
