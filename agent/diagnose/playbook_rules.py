"""What must hold between the parts of a playbook (pure): references, and what each kind of fault needs."""

import re
from collections.abc import Collection, Iterator, Sequence

from agent.diagnose.fields import Part, did_you_mean
from agent.diagnose.playbook import Direction, Fault, FaultKind, Playbook, Remedy
from agent.diagnose.yaml_tree import Fields, Node, Problem

# What it does depends on how things are then: sent twice, it undoes itself or goes too far.
_RELATIVE = frozenset({"toggle", "increase", "decrease"})
_PER_CENT = 100


def broken_rules(playbook: Playbook, whole: Part, complained: Collection[str]) -> list[Problem]:
    """Return every rule the playbook breaks, each at the line of its field.

    ``complained`` are fields whose form is wrong already: one mistake gets one complaint.
    """
    found = [
        *_fault_problems(playbook, complained),
        *_bound_problems(playbook),
        *_remedy_problems(playbook),
        *_unfinished_sentences(playbook.faults),
        *_twins(playbook.faults),
    ]
    return [
        Problem(_line_of(whole, path), ".".join(path), text) for path, text in found if ".".join(path) not in complained
    ]


_Found = tuple[tuple[str, ...], str]  # the path of the field, and what is wrong with it


def _fault_problems(playbook: Playbook, complained: Collection[str]) -> Iterator[_Found]:
    measured = [metric.name for metric in playbook.metrics if not metric.context]
    regimes = {metric.name for metric in playbook.metrics if metric.context}
    remedies = [remedy.name for remedy in playbook.remedies]
    for fault in playbook.faults:
        at = ("faults", fault.name)
        for symptom in fault.symptoms:
            place = (*at, "symptoms", symptom.metric)
            if symptom.metric in regimes:
                yield place, "names an operating regime, which is never a symptom"
            elif measured and symptom.metric not in measured:
                yield place, f"is no metric of this playbook{did_you_mean(symptom.metric, measured)}"
        for name in fault.remedies:
            if name not in remedies:
                yield (*at, "remedies"), f"{name!r} is no remedy of this playbook{did_you_mean(name, remedies)}"
        if "en" not in {words.lang for words in fault.words}:
            yield (*at, "words"), "needs words in English (en)"
        if not (fault.codes or fault.silent or any(s.direction is not Direction.STEADY for s in fault.symptoms)):
            yield at, "nothing gives it away: it needs a symptom that moves, an event code, or silence"
        if f"faults.{fault.name}.kind" not in complained:
            yield from _kind_problems(fault, at)


def _bound_problems(playbook: Playbook) -> Iterator[_Found]:
    shares = {metric.name for metric in playbook.metrics if metric.unit == "ratio"}
    for fault in playbook.faults:
        for symptom in fault.symptoms:
            bound = symptom.bound
            if symptom.metric not in shares or bound is None or 0 <= bound <= 1:
                continue
            field = "below" if symptom.direction is Direction.DOWN else "above"
            instead = f"; write {bound / _PER_CENT:g} for {bound:g} %" if 0 < bound <= _PER_CENT else ""
            place = ("faults", fault.name, "symptoms", symptom.metric, field)
            yield place, f"must be from 0 to 1, as the unit is ratio{instead}"


def _kind_problems(fault: Fault, at: tuple[str, ...]) -> Iterator[_Found]:
    if fault.kind is FaultKind.HEALABLE and not fault.remedies:
        yield (*at, "remedies"), "a healable fault needs a remedy"
    if fault.kind is FaultKind.VISIT and not fault.skill:
        yield (*at, "skill"), "a visit needs the skill of who comes"
    if fault.kind is FaultKind.OWNER:
        for words in fault.words:
            if not words.advice:
                yield (*at, "words", words.lang), "the owner can put this right: advice must say how"
    if fault.kind is not FaultKind.HEALABLE and fault.remedies:
        yield (*at, "remedies"), f"is for faults of kind healable, and this one is {fault.kind.value}"
    if fault.kind in {FaultKind.OWNER, FaultKind.BENIGN}:
        for name, value in (("skill", fault.skill), ("parts", fault.parts)):
            if value:
                yield (*at, name), f"is for faults somebody may come for, and this one is {fault.kind.value}"


def _remedy_problems(playbook: Playbook) -> Iterator[_Found]:
    used = {name for fault in playbook.faults for name in fault.remedies}
    for remedy in playbook.remedies:
        at = ("remedies", remedy.name)
        if remedy.name not in used:
            yield at, "no fault uses it"
        yield from _times(remedy, at)
        yield from _sent_problems(remedy, at)


def _sent_problems(remedy: Remedy, at: tuple[str, ...]) -> Iterator[_Found]:
    if remedy.rollback and not remedy.args:
        yield (*at, "rollback"), "is for a remedy with args: without, there is no value to send back"
    if remedy.only_once and remedy.repeatable:
        yield (*at, "repeatable"), "contradicts only_once: such a command never leaves twice"
    if word := _relative(remedy.verb):
        yield (*at, "verb"), f"must set a state, and what {word!r} does depends on the one it finds"
    for name, value in remedy.args:
        if word := _relative(f"{name} {value}"):
            yield (*at, "args", name), f"must be the value to set, and what {word!r} does depends on the one it finds"


def _relative(text: str) -> str:
    """Return the word in it that says a change and no state; empty: there is none."""
    return next((word for word in re.findall("[a-z]+", text.lower()) if word in _RELATIVE), "")


def _times(remedy: Remedy, at: tuple[str, ...]) -> Iterator[_Found]:
    if remedy.settle + remedy.verify_for > remedy.verify_within:
        yield (*at, "verify_within"), "must be at least settle and verify_for together, or it could never be healed"
    if remedy.worse_after is not None and remedy.settle + remedy.worse_after >= remedy.verify_within:
        yield (*at, "worse_after"), "must end before verify_within does, or nothing would ever count as worse"


def _unfinished_sentences(faults: Sequence[Fault]) -> Iterator[_Found]:
    for fault in faults:
        for words in fault.words:
            said = {"seen": words.seen, "noticeable": words.noticeable, "advice": words.advice}
            for name, text in said.items():
                if text and not text.endswith((".", "!", "?")):
                    yield (
                        ("faults", fault.name, "words", words.lang, name),
                        "must be a full sentence, up to its full stop",
                    )


def _twins(faults: Sequence[Fault]) -> Iterator[_Found]:
    first: dict[object, str] = {}
    for fault in faults:
        moves = frozenset((symptom.metric, symptom.direction) for symptom in fault.symptoms)
        signature = (moves, frozenset(fault.codes), fault.silent)
        if signature in first:
            yield ("faults", fault.name), f"shows exactly as {first[signature]} does; nothing can tell them apart"
        else:
            first[signature] = fault.name


def _line_of(whole: Part, path: Sequence[str]) -> int:
    """Return the line of the deepest part of the path that stands in the file."""
    node: Node = whole.node
    line = node.line
    for name in path:
        if not isinstance(node, Fields):
            break
        entry = next((entry for entry in node.entries if entry[0].text == name), None)
        if entry is None:
            break
        line, node = entry[0].line, entry[1]
    return line
