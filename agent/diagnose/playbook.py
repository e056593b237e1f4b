"""What is known about a product (pure values): its metrics, faults, signatures, remedies and words.

A playbook is one YAML file a product; ``playbook_file.py`` reads and validates it into these values.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Direction(StrEnum):
    """Which way a metric goes, in the device's own standard deviations, while a fault is at work."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"
    EITHER = "either"  # away from usual, no matter which way (the signal after a new router)


class FaultKind(StrEnum):
    """What a fault asks for."""

    HEALABLE = "healable"  # the device can do it itself
    VISIT = "visit"  # somebody has to come
    OWNER = "owner"  # the owner can put it right (a door left open)
    BENIGN = "benign"  # looks like a fault and is none (a heat wave, off on purpose)


class Autonomy(StrEnum):
    """How far the agent may go with a remedy without a person."""

    OBSERVE = "observe"
    SUGGEST = "suggest"
    ASK = "ask"
    ACT_IF_REVERSIBLE = "act_if_reversible"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the product: its unit and the words a person reads for it.

    ``higher`` and ``lower`` say it livelier when it leaves its usual range; empty: made from ``words``.
    The unit ``ratio`` (0..1) is read as per cent.
    """

    name: str
    unit: str
    words: str  # "the compressor current"
    context: bool = False
    higher: str = ""  # "the fan turns faster"
    lower: str = ""  # "the fan turns slower"


@dataclass(frozen=True, slots=True)
class Symptom:
    """How one metric moves under a fault.

    ``weight`` > 0 says how much it tells; typical 1. ``bound``, in the metric's unit, is what it also has to pass on
    its way (below it when it goes down, above it when up); ``None``: any move counts.
    """

    metric: str
    direction: Direction
    weight: float = 1.0
    bound: float | None = None

    def moves(self, way: float) -> bool:
        """Tell whether the fault moves the metric that way: ``way`` > 0 is up, < 0 down."""
        wanted = Direction.UP if way > 0 else Direction.DOWN
        return self.direction in {wanted, Direction.EITHER}

    def is_past(self, value: float | None) -> bool:
        """Tell whether the metric at ``value`` is past the bound; ``None``: nobody knows the value, so any counts."""
        if self.bound is None or value is None:
            return True
        return value < self.bound if self.direction is Direction.DOWN else value > self.bound


@dataclass(frozen=True, slots=True)
class Remedy:
    """A fix the device can do itself.

    ``settle`` is how long after success before the signal is judged; ``verify_for`` how long it must then
    stay normal; ``verify_within`` the latest by which that must have happened, counted from success.
    ``worse_after`` is how long what is further off than before has to come back, from when on it is judged (``None``:
    half of the time there is, two hours at most). ``answer_within`` bounds the wait for the device's answer.
    ``rollback``: the values its arguments replace can be sent back. ``only_once``: doing it twice is not like doing it
    once, and the device does not know commands again, so it is never sent a second time. ``restarts``: the device
    restarts, which is seen without an answer. ``words`` is English; ``translations`` has the same in other languages.
    """

    name: str
    verb: str
    args: tuple[tuple[str, str | float | bool], ...]
    words: str  # "restarted its controller", said of the device
    autonomy: Autonomy
    reversible: bool
    settle: timedelta
    verify_for: timedelta
    verify_within: timedelta
    answer_within: timedelta
    worse_after: timedelta | None = None
    repeatable: bool = False  # may run twice for one ticket
    rollback: bool = False
    only_once: bool = False
    restarts: bool = False
    translations: tuple[tuple[str, str], ...] = ()  # (language, words)

    def words_in(self, lang: str) -> str:
        """Return what the device did, in that language where the playbook has it, otherwise in English."""
        return dict(self.translations).get(lang, self.words)


@dataclass(frozen=True, slots=True)
class Words:
    """What the owner reads about a fault in one language: short, plain sentences, no jargon.

    ``seen`` what was noticed; ``noticeable`` what it would have meant for them; ``advice`` what they
    can do, empty for nothing.
    """

    lang: str
    name: str  # "ice on the evaporator"
    seen: str
    noticeable: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A named cause with its signature and what to do about it.

    ``codes`` are event codes that speak for it. ``remedies`` are names in playbook order. ``time_left`` is the
    usual time from a first finding to the moment an owner would notice (``None``: not known).
    ``parts`` and ``skill`` are for a visit; ``visit_minutes`` its length. ``silent``: the device sends nothing
    while it lasts. ``sure_from`` is the probability 0..1 from which it is acted on (``None``: the policy's).
    """

    name: str
    kind: FaultKind
    symptoms: tuple[Symptom, ...]
    codes: tuple[str, ...]
    remedies: tuple[str, ...]
    words: tuple[Words, ...]
    time_left: timedelta | None = None
    safety: bool = False
    parts: tuple[str, ...] = ()
    skill: str = ""
    visit_minutes: int = 60
    silent: bool = False
    sure_from: float | None = None

    def words_in(self, lang: str) -> Words:
        """Return the owner's words in that language where the playbook has them, otherwise in English.

        ``KeyError`` when there is neither, which no validated playbook allows.
        """
        by_lang = {words.lang: words for words in self.words}
        return by_lang[lang] if lang in by_lang else by_lang["en"]


@dataclass(frozen=True, slots=True)
class Playbook:
    """All that is known about one product. ``version`` changes with the file's content.

    ``called`` is how its owner is spoken to of it, by language: "your freezer".
    """

    product: str
    title: str
    version: str
    metrics: tuple[Metric, ...]
    faults: tuple[Fault, ...]
    remedies: tuple[Remedy, ...]
    called: tuple[tuple[str, str], ...] = ()  # (language, words)

    def called_in(self, lang: str) -> str:
        """Return "your freezer" in that language, otherwise in English, otherwise the title."""
        by_lang = dict(self.called)
        return by_lang.get(lang) or by_lang.get("en") or self.title

    def fault(self, name: str) -> Fault:
        """Return the fault of that name; ``KeyError`` when there is none."""
        for fault in self.faults:
            if fault.name == name:
                return fault
        raise KeyError(name)

    def telling(self) -> frozenset[str]:
        """Return the metrics that some fault speaks of, be it as steady."""
        faults = (fault for fault in self.faults if fault.kind is not FaultKind.BENIGN)
        return frozenset(symptom.metric for fault in faults for symptom in fault.symptoms)

    def harmless(self) -> frozenset[str]:
        """Return the metrics that harmless causes move and no fault speaks of."""
        moved = frozenset(symptom.metric for fault in self.faults for symptom in fault.symptoms)
        return moved - self.telling()

    def remedy(self, name: str) -> Remedy:
        """Return the remedy of that name; ``KeyError`` when there is none."""
        for remedy in self.remedies:
            if remedy.name == name:
                return remedy
        raise KeyError(name)
