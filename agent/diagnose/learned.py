"""A diagnosis with experience in it (pure): the playbook's word, moved by what confirmed cases say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol

from agent.diagnose.contest import Record, Rule, Standing
from agent.diagnose.diagnose import diagnose
from agent.diagnose.diagnosis import Diagnosis
from agent.diagnose.evidence import Evidence
from agent.diagnose.experience import (
    UNKNOWN,
    Counts,
    cases_sentence,
    experienced,
    kept_careful,
    moved_by_alike,
    moved_by_common,
    normalised,
    playbook_weights,
    prior_for,
)
from agent.diagnose.playbook import Playbook
from agent.diagnose.shadows import RiverLearner
from agent.diagnose.signature_table import Chance, Tally
from agent.diagnose.signs import Signs, signs_of

TABLE: Final = "signature counts"
SHADOW: Final = "logistic regression"
RULE: Final = Rule(enough=30.0, keep=0.99)
"""Thirty confirmed faults before anyone is replaced, and the last hundred or so cases decide."""
_CALL_FROM: Final = 0.6  # as sure as the desk must be to act; see ``agent.decide.policy``
_KNOWN_FROM: Final = 5  # confirmed cases of a fault before the shadow speaks of it at all


class Voice(Protocol):
    """The part of a learner that speaks."""

    def predict(self, signs: Signs) -> list[Chance]:
        """Return the chance of every fault heard of so far."""
        ...


@dataclass(frozen=True, slots=True)
class Learned:
    """A diagnosis, and what it was made of: to be kept until somebody knows better.

    ``own`` are the playbook's chances without experience, ``UNKNOWN`` among them.
    """

    diagnosis: Diagnosis
    signs: Signs
    own: Mapping[str, float]


def first_look(evidence: Evidence, playbook: Playbook, hour: int) -> Learned:
    """Return the playbook's own diagnosis with its signs; ``hour`` is the hour of the day, 0..23."""
    diagnosis = diagnose(evidence, playbook)
    own = {suspect.fault: suspect.probability for suspect in diagnosis.suspects} | {UNKNOWN: diagnosis.unknown}
    signs = replace(signs_of(evidence, playbook, hour), leaning=own)
    return Learned(diagnosis, signs, own)


def with_experience(
    first: Learned, evidence: Evidence, playbook: Playbook, counts: Counts, voice: Voice | None = None
) -> Learned:
    """Return the diagnosis moved by experience, saying how many cases are behind it; as it was where there are none.

    Args:
        first: the playbook's own, made on the same evidence.
        evidence: what it was made on.
        playbook: whose faults they are.
        counts: the product's confirmed cases.
        voice: the shadow, where it is in charge of the product; ``None``: the counts are.
    """
    if not counts:
        return first
    weights = playbook_weights(playbook)
    chances = spoken(first.own, first.signs, playbook, counts, voice)
    moved = diagnose(evidence, playbook, prior_for(chances, first.own, weights))
    top = moved.suspects[0] if moved.suspects else None
    said = "" if top is None else cases_sentence(top.fault, playbook, first.signs, counts)
    explanation = f"{moved.explanation} {said}".strip()
    return Learned(replace(moved, explanation=explanation), first.signs, first.own)


def spoken(
    own: Mapping[str, float], signs: Signs, playbook: Playbook, counts: Counts, voice: Voice | None
) -> dict[str, float]:
    """Return the chances after experience, by the counts or by the shadow that is in charge; they add up to 1.

    The shadow is heard on a fault that something speaks for, the playbook or a case with the same signs.
    Of signs that it has never met it knows only how common faults are, and would see one in another wireless network.
    Cases with the very same signs move its word as they do the playbook's: what only passed it never hears of.
    """
    weights = playbook_weights(playbook)
    careful = [fault.name for fault in playbook.faults if fault.safety]
    if voice is None:
        return experienced(own, signs, counts, weights, careful)
    chances = moved_by_common(own, counts, weights)
    whole = sum(weights.values())
    open_to = {
        fault
        for fault in chances
        if own[fault] >= weights.get(fault, 1.0) / whole or counts.get((fault, signs.together), Tally()).followed
    }
    heard = {c.fault: c.probability for c in voice.predict(signs) if c.followed >= _KNOWN_FROM and c.fault in open_to}
    # What the shadow has hardly met is left to the counts.
    before = normalised(chances | heard | {UNKNOWN: max(chances[UNKNOWN], 1e-6)})
    return kept_careful(moved_by_alike(before, signs, counts), own, careful)


def begun() -> Standing:
    """Return how the contenders of a product stand before the first case: the counts are in charge."""
    return Standing(TABLE, {TABLE: Record(), SHADOW: Record()})


def judged(  # noqa: PLR0913 - a case is all of these
    standing: Standing,
    *,
    own: Mapping[str, float],
    signs: Signs,
    playbook: Playbook,
    counts: Counts,
    shadow: RiverLearner,
    confirmed: str,
) -> Standing:
    """Return how the contenders stand after a case, judged on what each would have said before it was known."""
    by_counts = spoken(own, signs, playbook, counts, None)
    by_shadow = spoken(own, signs, playbook, counts, shadow)
    calls = {TABLE: _called(by_counts), SHADOW: _called(by_shadow)}
    return standing.after(calls, frozenset({confirmed} - {UNKNOWN}), RULE)


def _called(chances: Mapping[str, float]) -> frozenset[str]:
    return frozenset(fault for fault, chance in chances.items() if chance >= _CALL_FROM and fault != UNKNOWN)
