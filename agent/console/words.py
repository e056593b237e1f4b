"""The words staff read for states, kinds and outcomes (pure): one table each, complete by test."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.act.command import CommandState
from agent.care.message import MessageState, Stage
from agent.desk.shadow import ShadowEnd
from agent.desk.ticket import Outcome, StoryKind, TicketState
from agent.diagnose.playbook import Autonomy, Playbook
from agent.health.findings import FindingKind


class Tone(StrEnum):
    """How much something asks for attention; the style sheet gives each a colour."""

    CALM = "calm"
    BUSY = "busy"  # something is at work
    GOOD = "good"
    ASK = "ask"  # a person is asked
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Label:
    """A word with its tone and icon. ``icon`` is a symbol of ``icons.svg``."""

    text: str
    tone: Tone
    icon: str


STATES: Mapping[TicketState, Label] = {
    TicketState.NOTICED: Label("Noticed", Tone.BUSY, "eye"),
    TicketState.AWAITING_APPROVAL: Label("Waiting for approval", Tone.ASK, "hand"),
    TicketState.FIXING: Label("Fixing", Tone.BUSY, "tool"),
    TicketState.VERIFYING: Label("Verifying", Tone.BUSY, "pulse"),
    TicketState.HEALED: Label("Healed", Tone.GOOD, "check"),
    TicketState.VISIT_BOOKED: Label("Visit booked", Tone.CALM, "calendar"),
    TicketState.WITH_OWNER: Label("With the owner", Tone.CALM, "home"),
    TicketState.WITH_PERSON: Label("Needs a person", Tone.ASK, "person"),
    TicketState.CLOSED: Label("Closed", Tone.CALM, "archive"),
}

KINDS: Mapping[StoryKind, Label] = {
    StoryKind.FINDING: Label("Finding", Tone.CALM, "eye"),
    StoryKind.DIAGNOSIS: Label("Diagnosis", Tone.CALM, "search"),
    StoryKind.MOVE: Label("Decision", Tone.BUSY, "route"),
    StoryKind.GUARD: Label("Guard", Tone.ASK, "shield"),
    StoryKind.COMMAND: Label("Command", Tone.BUSY, "tool"),
    StoryKind.ANSWER: Label("Answer", Tone.CALM, "reply"),
    StoryKind.OUTCOME: Label("Outcome", Tone.GOOD, "pulse"),
    StoryKind.VISIT: Label("Visit", Tone.CALM, "calendar"),
    StoryKind.MESSAGE: Label("Message", Tone.CALM, "mail"),
    StoryKind.RATING: Label("Rating", Tone.GOOD, "star"),
    StoryKind.NOTE: Label("Note", Tone.CALM, "note"),
    StoryKind.STATE: Label("State", Tone.CALM, "arrow"),
}

FINDINGS: Mapping[FindingKind, Label] = {
    FindingKind.ONSET: Label("Change", Tone.ASK, "pulse"),
    FindingKind.DRIFT: Label("Slow change", Tone.ASK, "route"),
    FindingKind.SILENCE: Label("Silence", Tone.ASK, "mute"),
    FindingKind.GAP: Label("Missing messages", Tone.ASK, "gap"),
    FindingKind.EVENT: Label("Event", Tone.CALM, "alert"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.HEALED: "healed",
    Outcome.NOT_HEALED: "did not help",
    Outcome.WORSE: "made it worse",
    Outcome.NO_ANSWER: "no answer",
    Outcome.RECURRED: "came back",
    Outcome.REJECTED: "refused by the device",
    Outcome.FAILED: "failed on the device",
}

COMMAND_STATES: Mapping[CommandState, str] = {
    CommandState.PROPOSED: "suggested",
    CommandState.AWAITING_APPROVAL: "waiting for approval",
    CommandState.REFUSED: "turned down by staff",
    CommandState.QUEUED: "about to be sent",
    CommandState.SENT: "sent",
    CommandState.ACCEPTED: "accepted",
    CommandState.SUCCEEDED: "done",
    CommandState.FAILED: "failed",
    CommandState.REJECTED: "refused",
    CommandState.TIMED_OUT: "no answer in time",
    CommandState.EXPIRED: "never sent: too late",
    CommandState.CANCELLED: "cancelled",
    CommandState.UNKNOWN: "unknown whether it was done",
}

AUTONOMY: Mapping[Autonomy, tuple[str, str]] = {
    Autonomy.OBSERVE: ("Only watch", "The agent says nothing about this remedy."),
    Autonomy.SUGGEST: ("Suggest", "The agent suggests it; a person starts it."),
    Autonomy.ASK: ("Ask first", "The agent prepares it and waits for approval."),
    Autonomy.ACT_IF_REVERSIBLE: (
        "Act if reversible",
        "The agent does it by itself when it does no harm if done for nothing.",
    ),
    Autonomy.ACT: ("Act", "The agent does it by itself."),
}

SHADOW_ENDS: Mapping[ShadowEnd, str] = {
    ShadowEnd.HEALED: "healed when a person sent it",
    ShadowEnd.NOT_HEALED: "did not heal when a person sent it",
    ShadowEnd.REFUSED: "turned down by a person",
    ShadowEnd.PASSED: "passed by itself",
    ShadowEnd.OTHERWISE: "ended in another way",
    ShadowEnd.OPEN: "not known yet",
}

MESSAGE_STATES: Mapping[MessageState, Label] = {
    MessageState.PLANNED: Label("Waiting for its hour", Tone.BUSY, "clock"),
    MessageState.SENT: Label("Sent", Tone.GOOD, "check"),
    MessageState.WITHHELD: Label("Not sent", Tone.CALM, "shield"),
    MessageState.FAILED: Label("Failed", Tone.BAD, "alert"),
}

STAGES: Mapping[Stage, str] = {
    Stage.FIXED: "Fixed",
    Stage.VISIT_BOOKED: "Visit booked",
    Stage.VISIT_MOVED: "Visit moved",
    Stage.VISIT_CANCELLED: "Visit cancelled",
    Stage.NEEDS_YOU: "Needs the owner",
    Stage.WITH_PERSON: "With a person",
    Stage.FOLLOW_UP: "Follow-up",
}

SCORES: Mapping[int, str] = {1: "Poor", 2: "Not good", 3: "All right", 4: "Good", 5: "Great"}

UNITS: Mapping[str, str] = {"degC": "°C", "pct": "%", "ratio": "%", "bool": "", "1": "", "kb": "kB"}
_FARTHEST = 6.0  # standard deviations, as in agent.health
_GROUPED = 1000  # from here on thousands are parted by commas and fractions tell nothing

_NOTHING = 1e-4  # below it, four digits would be those of rounding


def sentence(text: str) -> str:
    """Return the text with a capital first letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def full_sentence(text: str) -> str:
    """Return the text as a sentence: a capital first letter, and one full stop unless it ends in a mark already."""
    return sentence(text) if text.endswith((".", "!", "?", "…")) else f"{sentence(text)}."


def without_article(name: str) -> str:
    """Return "an empty tank" as "empty tank": titles and lists read better so."""
    for article in ("a ", "an ", "the "):
        if name.startswith(article):
            return name.removeprefix(article)
    return name


def fault_words(playbooks: Mapping[str, Playbook], product: str, fault: str | None) -> str:
    """Return a fault's name as staff read it; one that no playbook knows, by its own name."""
    if fault is None:
        return "Cause not clear yet"
    playbook = playbooks.get(product)
    if playbook is not None:
        for known in playbook.faults:
            if known.name == fault:
                return sentence(without_article(known.words_in("en").name))
    return sentence(fault.replace("_", " "))


def title_of(fault: str, *, gathers: bool) -> str:
    """Return the title of a ticket about a fault, as ``fault_words`` has it; ``gathers``: it is about many devices."""
    return f"{fault} on many devices" if gathers else fault


def product_words(playbooks: Mapping[str, Playbook], product: str) -> str:
    """Return a product's title, or its own name where no playbook has one."""
    playbook = playbooks.get(product)
    return product if playbook is None else playbook.title


def metric_words(playbooks: Mapping[str, Playbook], product: str, metric: str) -> str:
    """Return a metric's words, or its own name, made readable, where no playbook has any."""
    playbook = playbooks.get(product)
    if playbook is not None:
        for known in playbook.metrics:
            if known.name == metric:
                return sentence(without_article(known.words))
    return sentence(metric.replace("_", " "))


def unit_words(unit: str) -> str:
    """Return a unit as it is typeset."""
    return UNITS.get(unit, unit)


def unit_factor(unit: str) -> float:
    """Return by what a value in that unit is multiplied before it is shown: a ratio is read as per cent."""
    return 100.0 if unit == "ratio" else 1.0


def figure(value: float | None, unit: str) -> str:
    """Return a value with its unit, four digits of it; empty when it is not known, 0 when it is next to nothing."""
    if value is None:
        return ""
    shown = value * unit_factor(unit)
    if abs(shown) < _NOTHING:
        shown = 0.0
    digits = f"{shown:,.0f}" if abs(shown) >= _GROUPED else f"{shown:.4g}"
    return f"{digits} {unit_words(unit)}".strip().replace("-", "−")


def deviation(z: float) -> str:
    """Return a distance from usual in standard deviations; the models count no further than six."""
    return f"{_FARTHEST:g}σ or more" if abs(z) >= _FARTHEST else f"{abs(z):.1f}σ"


def side(z: float) -> str:
    """Return on which side of usual that is."""
    return "above" if z > 0 else "below"


def per_cent(share: float) -> str:
    """Return a share of 0..1 in per cent."""
    return f"{round(share * 100)} %"
