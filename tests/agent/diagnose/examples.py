"""Small valid values for tests of diagnosis, each with one thing changed where a test needs it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from agent.diagnose.evidence import Evidence
from agent.diagnose.playbook import Direction, Fault, Playbook
from agent.health.findings import Because, Finding, FindingKind, HealthView

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

SMALL = """\
product: kettle-1
title: Kettle
version: 1
called: your kettle
metrics:
  water_temp_c:
    unit: °C
    words: the water temperature
    higher: the water is hotter
    lower: the water is cooler
  heater_w:
    unit: W
    words: the heating power
  mode:
    words: the mode
    context: true
remedies:
  restart:
    verb: restart
    words:
      en: restarted itself
      de: hat sich neu gestartet
    autonomy: suggest
    reversible: true
    settle: 5 min
faults:
  stuck:
    kind: healable
    symptoms:
      water_temp_c: down
    remedies: [restart]
    time_left: 2 d
    words:
      en:
        name: a stuck controller
        seen: Your kettle was stuck.
        noticeable: It would not have boiled.
  worn_heater:
    kind: visit
    symptoms:
      heater_w: { direction: down, weight: 2 }
    codes: [E1]
    skill: kettles
    parts: [heater K1-H]
    visit_minutes: 30
    words:
      en:
        name: a worn heater
        seen: The heater is wearing out.
        noticeable: Soon it will not boil.
"""


def changed(old: str, new: str) -> str:
    """Return the small playbook with one piece of text exchanged."""
    assert SMALL.count(old) == 1, f"{old!r} must be in the small playbook exactly once"
    return SMALL.replace(old, new)


def line_of(text: str, piece: str) -> int:
    """Return the number of the first line with the piece in it."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


def view(now: tuple[Because, ...] = (), silent_since: datetime | None = None) -> HealthView:
    return HealthView(
        device_id="d1",
        state=3.0,
        drift=0.0,
        warming=False,
        normal_since=None,
        sample_at=NOON,
        silent_since=silent_since,
        incomplete_since=None,
        now=now,
    )


def seen(
    moves: Mapping[str, float], *codes: str, silent_since: datetime | None = None, findings: tuple[Finding, ...] = ()
) -> Evidence:
    now = tuple(Because(metric, 0.1, z, None, None) for metric, z in moves.items())
    return Evidence(view(now, silent_since), findings, codes)


def finding(moves: Mapping[str, float], *, share: float = 0.5, code: str = "") -> Finding:
    because = tuple(Because(metric, share, z, None, None) for metric, z in moves.items())
    return Finding("d1", NOON, FindingKind.EVENT if code else FindingKind.ONSET, 4.0, because, code)


def signature(fault: Fault, playbook: Playbook, size: float = 6.0) -> Evidence:
    """Return the clean evidence of a fault: its metrics moved, the others as usual, its code and its silence."""
    moves = dict.fromkeys((metric.name for metric in playbook.metrics if not metric.context), 0.3)
    for symptom in fault.symptoms:
        match symptom.direction:
            case Direction.UP | Direction.EITHER:
                moves[symptom.metric] = size
            case Direction.DOWN:
                moves[symptom.metric] = -size
            case Direction.STEADY:
                moves[symptom.metric] = 0.0
    codes = fault.codes if not fault.symptoms else ()
    return seen(moves, *codes, silent_since=NOON if fault.silent else None)
