"""The form of a playbook (pure): which fields there are, and how text in them becomes values.

The tables of fields below are the whole vocabulary; ``docs/playbooks.md`` explains each, and a test
compares the two. What must hold between the parts is in ``playbook_rules.py``.
"""

import re
from datetime import timedelta
from hashlib import sha256

from agent.diagnose.fields import Notes, Part, argument, did_you_mean, read_part, scalar_text
from agent.diagnose.playbook import Autonomy, Direction, Fault, FaultKind, Metric, Playbook, Remedy, Symptom, Words
from agent.diagnose.yaml_tree import Fields, Problem, Scalar, UnreadableError, read_tree

PLAYBOOK_FIELDS = ("product", "title", "version", "called", "metrics", "remedies", "faults")
METRIC_FIELDS = ("unit", "words", "higher", "lower", "context")
REMEDY_FIELDS = (
    *("verb", "args", "words", "autonomy", "reversible", "repeatable", "rollback", "only_once", "restarts"),
    *("settle", "verify_for", "verify_within", "worse_after", "answer_within"),
)
FAULT_FIELDS = (
    *("kind", "symptoms", "codes", "silent", "remedies", "time_left", "safety"),
    *("skill", "parts", "visit_minutes", "sure_from", "words"),
)
SYMPTOM_FIELDS = ("direction", "weight", "below", "above")
WORDS_FIELDS = ("name", "seen", "noticeable", "advice")

LANGUAGE = r"[a-z]{2}"
_LEAST_SURE = 0.5  # what is as likely as not is nothing to act on
_PRODUCT = r"[a-z0-9][a-z0-9-]{0,63}"
_CODE = r"[A-Za-z0-9_.-]{1,64}"
_VERSION = r"[0-9A-Za-z.]{1,16}"
_FAR = 1e12
_WAYS = {
    **dict.fromkeys(("higher", "high", "rises", "rising", "more"), Direction.UP),
    **dict.fromkeys(("lower", "low", "falls", "falling", "less"), Direction.DOWN),
    **dict.fromkeys(("stable", "constant", "same", "normal", "usual"), Direction.STEADY),
}
_STEP = re.compile(r"(\+|[+-]=) ?\d{1,4}([.,]\d+)?( ?[^\d\s]{1,3})?")
_NAME = r"[a-z][a-z0-9_]{0,63}"

# What a remedy does where its file says nothing: generous enough for every product we know.
_SETTLE = timedelta(minutes=10)
_VERIFY_FOR = timedelta(minutes=30)
_VERIFY_WITHIN = timedelta(minutes=90)
_ANSWER_WITHIN = timedelta(minutes=5)


def read_form(text: str) -> tuple[Playbook | None, Part | None, list[Problem]]:
    """Return the playbook in a text, the part it came from, and what is wrong with its form.

    With problems the playbook holds what could be read, so that rules can be checked on the rest;
    ``None``: the text is no playbook at all.
    """
    notes = Notes()
    try:
        whole = read_part(read_tree(text), "", notes, PLAYBOOK_FIELDS)
    except UnreadableError as error:
        return None, None, [error.problem]
    if whole is None:
        return None, None, notes.problems
    playbook = Playbook(
        product=whole.fitting("product", _PRODUCT, "a product is 1 to 64 of a-z, 0-9 and -"),
        title=whole.text("title"),
        version=_version(whole, text),
        metrics=tuple(whole.each("metrics", METRIC_FIELDS, _metric)),
        faults=tuple(whole.each("faults", FAULT_FIELDS, _fault)),
        remedies=tuple(whole.each("remedies", REMEDY_FIELDS, _remedy)) if "remedies" in whole.under else (),
        called=_by_language(whole, "called"),
    )
    return playbook, whole, notes.problems


def _version(whole: Part, text: str) -> str:
    """Return the file's own version with a short hash, so that any change of the content is another version."""
    content = "\n".join(text.splitlines()).encode()
    own = whole.fitting("version", _VERSION, "a version is 1 to 16 letters, digits and dots")
    return f"{own}+{sha256(content).hexdigest()[:8]}"


def _metric(name: str, part: Part) -> Metric:
    context = part.flag("context", default=False)
    return Metric(
        name=name,
        unit=part.text("unit", default=""),
        words=part.text("words"),
        context=context,
        higher=part.text("higher", default=""),
        lower=part.text("lower", default=""),
    )


def _remedy(name: str, part: Part) -> Remedy:
    words = _by_language(part, "words")
    return Remedy(
        name=name,
        verb=part.fitting("verb", _NAME, "a verb is what the device's birth lists, like set_config"),
        args=_arguments(part),
        words=dict(words).get("en", ""),
        # A playbook nobody has lived with yet only suggests.
        autonomy=part.choice("autonomy", Autonomy, Autonomy.SUGGEST) or Autonomy.SUGGEST,
        reversible=part.flag("reversible", default=False),
        settle=part.duration("settle", _SETTLE) or _SETTLE,
        verify_for=part.duration("verify_for", _VERIFY_FOR) or _VERIFY_FOR,
        verify_within=part.duration("verify_within", _VERIFY_WITHIN) or _VERIFY_WITHIN,
        worse_after=part.duration("worse_after"),
        answer_within=part.duration("answer_within", _ANSWER_WITHIN) or _ANSWER_WITHIN,
        repeatable=part.flag("repeatable", default=False),
        rollback=part.flag("rollback", default=False),
        only_once=part.flag("only_once", default=False),
        restarts=part.flag("restarts", default=False),
        translations=tuple((lang, said) for lang, said in words if lang != "en"),
    )


def _arguments(part: Part) -> tuple[tuple[str, str | float | bool], ...]:
    args = part.part("args", None, needed=False)
    if args is None:
        return ()
    found: list[tuple[str, str | float | bool]] = []
    for name, node in args.under.items():
        value = argument(node)
        if value is None:
            args.wrong(name, "must be one value: text, a number, true or false")
        elif isinstance(node, Scalar) and _STEP.fullmatch(node.text):
            args.wrong(name, f"must be the value to set, and {node.text!r} reads as a step from what it is then")
        else:
            found.append((name, value))
    return tuple(found)


def _fault(name: str, part: Part) -> Fault | None:
    kind = part.choice("kind", FaultKind)
    return Fault(
        name=name,
        kind=kind or FaultKind.BENIGN,
        symptoms=_symptoms(part),
        codes=part.names("codes", pattern=_CODE, what="event codes"),
        remedies=part.names("remedies", pattern=_NAME, what="remedies"),
        words=_words(part),
        time_left=part.duration("time_left"),
        safety=part.flag("safety", default=False),
        parts=part.names("parts", pattern=r"[\w .,/()-]{1,80}", what="parts"),
        skill=part.text("skill", default=""),
        visit_minutes=round(part.number("visit_minutes", 60, least=10, most=480)),
        silent=part.flag("silent", default=False),
        sure_from=part.number("sure_from", 0.0, least=_LEAST_SURE, most=1.0) if "sure_from" in part.under else None,
    )


def _symptoms(part: Part) -> tuple[Symptom, ...]:
    group = part.part("symptoms", None, needed=False)
    if group is None:
        return ()
    return tuple(symptom for name in group.under if (symptom := _symptom(name, group)) is not None)


def _symptom(metric: str, group: Part) -> Symptom | None:
    """Read ``fan_rpm: down``, or ``fan_rpm: {direction: down, weight: 2}`` where it tells more than others."""
    if not isinstance(group.under[metric], Fields):
        direction = group.choice(metric, Direction, meant=_WAYS)
        return None if direction is None else Symptom(metric, direction)
    part = group.part(metric, SYMPTOM_FIELDS)
    direction = None if part is None else part.choice("direction", Direction, meant=_WAYS)
    if part is None or direction is None:
        return None
    return Symptom(metric, direction, part.number("weight", 1.0, least=0.1, most=5.0), _bound(part, direction))


def _bound(part: Part, direction: Direction) -> float | None:
    for name, way in (("below", Direction.DOWN), ("above", Direction.UP)):
        if name in part.under:
            if direction is way:
                return part.number(name, 0.0, least=-_FAR, most=_FAR)
            part.wrong(name, f"is for a symptom that goes {way.value}, and this one is {direction.value}")
    return None


def _words(part: Part) -> tuple[Words, ...]:
    group = part.part("words", None)
    if group is None:
        return ()
    found = []
    for lang in group.under:
        _check_language(group, lang)
        said = group.part(lang, WORDS_FIELDS)
        if said is not None:
            found.append(
                Words(
                    lang, said.text("name"), said.text("seen"), said.text("noticeable"), said.text("advice", default="")
                )
            )
    return tuple(found)


def _by_language(part: Part, name: str) -> tuple[tuple[str, str], ...]:
    """Read the same words in several languages; words without a language are English."""
    node = part.under.get(name)
    if isinstance(node, Scalar):
        return (("en", part.text(name)),)
    group = part.part(name, None)
    if group is None:
        return ()
    for lang in group.under:
        _check_language(group, lang)
    if "en" not in group.under:
        part.wrong(name, "needs words in English (en)")
    return tuple((lang, scalar_text(said, group.place(lang), group.notes)) for lang, said in group.under.items())


def _check_language(group: Part, lang: str) -> None:
    if len(lang) != len("en") or not lang.isascii() or not lang.islower():
        group.wrong(
            lang, f"a language has two small letters, like en or de{did_you_mean(lang, ('en', 'de', 'fr', 'es'))}"
        )
