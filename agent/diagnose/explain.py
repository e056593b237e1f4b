"""Evidence in words (pure): sentences staff read, made of a playbook's words and a device's own figures.

Nothing a device wrote is ever in them: event codes are named only when the playbook lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, isfinite, log10
from typing import Final

from agent.diagnose.diagnosis import Shows, Suspect
from agent.diagnose.evidence import Reading
from agent.diagnose.playbook import Direction, Fault, Metric, Playbook, Symptom
from agent.diagnose.signs import TELLING_Z

_UNEXPLAINED_Z: Final = 4.0
_STRAYS: Final = 2
_IN_ONE_SENTENCE: Final = 3
_LIKELY: Final = 0.6
_WORTH_NAMING: Final = 0.2


@dataclass(frozen=True, slots=True)
class Seen:
    """The evidence as diagnosis weighs it: readings by metric, codes heard, silence (``None``: not silent)."""

    readings: Mapping[str, Reading]
    codes: frozenset[str]
    silent_since: datetime | None

    def shows(self, playbook: Playbook) -> Shows:
        """Return what there is to see at all."""
        if self.silent_since is not None or any(not self.codes.isdisjoint(fault.codes) for fault in playbook.faults):
            return Shows.WORD
        if self.codes:
            return Shows.FOREIGN
        moved = any(abs(reading.z) >= TELLING_Z for reading in self.readings.values())
        return Shows.UNCLEAR if moved else Shows.NOTHING


def sentences(fault: Fault, playbook: Playbook, seen: Seen) -> tuple[str, ...]:
    """Return what speaks for the fault, the strongest first, then what speaks against it; () when nothing is for it."""
    moved = [
        symptom for symptom in fault.symptoms if _agrees(symptom, seen) and symptom.direction is not Direction.STEADY
    ]
    moved.sort(key=lambda symptom: (-abs(seen.readings[symptom.metric].z) * symptom.weight, symptom.metric))
    found = [_say_moved(seen.readings[symptom.metric], playbook) for symptom in moved]
    found += [f"it reported {code} itself" for code in fault.codes if code in seen.codes]
    if fault.silent and seen.silent_since is not None:
        found.append(f"it has sent nothing since {seen.silent_since:%Y-%m-%d %H:%M} UTC")
    if not found:
        return ()
    found += [
        f"{_words(symptom.metric, playbook)} is as usual"
        for symptom in fault.symptoms
        if symptom.direction is Direction.STEADY and _agrees(symptom, seen)
    ]
    return (*found, *_against(fault, playbook, seen))


def explanation(suspects: Sequence[Suspect], unknown: float, playbook: Playbook, seen: Seen) -> str:
    """Return one sentence for staff: the most likely fault and why, or that none fits."""
    top = suspects[0] if suspects else None
    if top is None or top.probability <= unknown:
        return _nothing_fits(playbook, seen)
    why = [sentence for sentence in top.evidence if not sentence.startswith(("against it", "unexplained"))]
    how = "Most likely" if top.probability >= _LIKELY else "Perhaps"
    said = f"{how} {_name(top.fault, playbook)} ({certainty(top.probability)})"
    if why:
        said += f": {_listed(why[:_IN_ONE_SENTENCE])}"
    second = suspects[1] if len(suspects) > 1 else None
    if second is not None and second.probability >= _WORTH_NAMING:
        said += f"; it could also be {_name(second.fault, playbook)} ({certainty(second.probability)})"
    return f"{said}."


def say_reading(reading: Reading, metric: Metric | None) -> str:
    """Return one deviation in words, like "the fan turns slower than usual (2,105 instead of 2,400 rpm)".

    ``metric`` is ``None`` for one the playbook does not know; its name is said then.
    """
    up = reading.z >= 0
    phrase = "" if metric is None else metric.higher if up else metric.lower
    if not phrase:
        subject = reading.metric.replace("_", " ") if metric is None else metric.words
        phrase = f"{subject} is {'higher' if up else 'lower'}"
    return f"{phrase} than usual{_figures(reading, '' if metric is None else metric.unit)}"


def _against(fault: Fault, playbook: Playbook, seen: Seen) -> list[str]:
    mentioned = {symptom.metric for symptom in fault.symptoms}
    found = []
    for symptom in fault.symptoms:
        reading = seen.readings.get(symptom.metric)
        if reading is None or _agrees(symptom, seen):
            continue
        found.append(f"against it: {_say_against(symptom, reading, playbook)}")
    strays = [
        reading
        for name, reading in seen.readings.items()
        if name not in mentioned and abs(reading.z) >= _UNEXPLAINED_Z and fault.symptoms
    ]
    strays.sort(key=lambda reading: (-abs(reading.z), reading.metric))
    return found + [f"unexplained: {_say_moved(reading, playbook)}" for reading in strays[:_STRAYS]]


def _say_against(symptom: Symptom, reading: Reading, playbook: Playbook) -> str:
    if symptom.bound is not None and not symptom.is_past(reading.value):
        metric = _metric(symptom.metric, playbook)
        scale, suffix = _scale("" if metric is None else metric.unit)
        side = "below" if symptom.direction is Direction.DOWN else "above"
        return f"{_words(symptom.metric, playbook)} is not {side} {symptom.bound * scale:g}{suffix}"
    if abs(reading.z) < TELLING_Z:
        return f"{_words(symptom.metric, playbook)} is as usual"
    return _say_moved(reading, playbook)


def _agrees(symptom: Symptom, seen: Seen) -> bool:
    reading = seen.readings.get(symptom.metric)
    if reading is None or not symptom.is_past(reading.value):
        return False
    match symptom.direction:
        case Direction.UP:
            return reading.z >= TELLING_Z
        case Direction.DOWN:
            return reading.z <= -TELLING_Z
        case Direction.EITHER:
            return abs(reading.z) >= TELLING_Z
        case Direction.STEADY:
            return abs(reading.z) < TELLING_Z


def _nothing_fits(playbook: Playbook, seen: Seen) -> str:
    strongest = max(seen.readings.values(), key=lambda reading: (abs(reading.z), reading.metric), default=None)
    if strongest is not None and abs(strongest.z) >= TELLING_Z:
        return f"No known fault fits yet; the strongest sign is that {_say_moved(strongest, playbook)}."
    if seen.silent_since is not None:
        return f"It has sent nothing since {seen.silent_since:%Y-%m-%d %H:%M} UTC, and did not say why."
    return "There is too little to go on yet: everything it measures is close to its usual."


def _say_moved(reading: Reading, playbook: Playbook) -> str:
    return say_reading(reading, _metric(reading.metric, playbook))


def _figures(reading: Reading, unit: str) -> str:
    value, usual = reading.value, reading.usual
    if value is None or not isfinite(value):
        return ""
    scale, suffix = _scale(unit)
    if usual is None or not isfinite(usual):
        return f" ({_number(value * scale, abs(value * scale))}{suffix})"
    if (value - usual) * reading.z < 0.0:
        return ""  # the newest sample is back for a moment, or beyond; what moved is the short run, which has no figure
    gap = abs(value - usual) * scale
    return f" ({_number(value * scale, gap)} instead of {_number(usual * scale, gap)}{suffix})"


def _scale(unit: str) -> tuple[float, str]:
    """Return what to multiply a value with for people, and what to write behind it."""
    return (100.0, " %") if unit == "ratio" else (1.0, f" {unit}" if unit else "")


def _number(value: float, gap: float) -> str:
    """Return the value with two significant figures of the gap, at most three decimals; 0 where none is left."""
    decimals = min(max(1 - floor(log10(gap)), 0), 3) if gap > 0 else 1
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else "0"


def certainty(probability: float) -> str:
    """Return a fault's probability of 0..1 in per cent; 99 at most, for a diagnosis is never certain."""
    return f"{min(round(probability * 100), 99)} %"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _name(fault: str, playbook: Playbook) -> str:
    return playbook.fault(fault).words_in("en").name


def _words(metric: str, playbook: Playbook) -> str:
    found = _metric(metric, playbook)
    return metric.replace("_", " ") if found is None else found.words


def _metric(name: str, playbook: Playbook) -> Metric | None:
    return next((metric for metric in playbook.metrics if metric.name == name), None)
