"""Error log to component failure (shell: reads the log): how many failures are foreseen, at how many false alarms.

At each error the learner gives each component a chance to fail within 24 hours. A machine and component raise at most
one alarm in 24 hours. A failure is found when an alarm came in the 24 hours before it; an alarm is false when no
failure of its component follows in 24 hours. Outcomes are learned when they are known, 24 hours later, from the signs
as they were then. The first 30 days of the log only teach. One threshold serves all machines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agent.diagnose.signature_table import Chance
from agent.diagnose.signs import Signs

AHEAD_S = 86400.0
TEACH_S = 30 * 86400.0
MONTH_S = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    at_s: float
    machine: str
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Call:
    """A chance given for one component of one machine."""

    at_s: float
    machine: str
    component: str
    probability: float


@dataclass(frozen=True, slots=True)
class Foresight:
    """What one threshold would have foreseen."""

    threshold: float
    recall: float
    precision: float
    false_per_month: float
    """False alarms a machine and 30 days."""


def read_log(path: Path) -> list[Entry]:
    """Read the log in time order; of one instant, failures before maintenance before errors."""
    table = pq.read_table(path)
    at_s = pc.cast(table["ts"], pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
    rank = {"failure": 0, "maintenance": 1, "error": 2}
    rows = zip(at_s, table["device_id"].to_pylist(), table["kind"].to_pylist(), table["code"].to_pylist(), strict=True)
    entries = [Entry(at / 1e6, machine, kind, code) for at, machine, kind, code in rows]
    return sorted(entries, key=lambda entry: (entry.at_s, entry.machine, rank[entry.kind], entry.code))


def replay(
    log: Sequence[Entry], learn: Callable[[Signs, list[str]], None], predict: Callable[[Signs], list[Chance]]
) -> list[Call]:
    """Replay the log past a learner and return every chance it gave, in time order."""
    components = sorted({entry.code for entry in log if entry.kind == "failure"})
    failures = failures_of(log)
    recent: dict[str, list[Entry]] = {}
    renewed: dict[str, dict[str, float]] = {}
    waiting: list[tuple[float, str, Signs]] = []
    calls: list[Call] = []
    for entry in log:
        while waiting and waiting[0][0] + AHEAD_S < entry.at_s:
            at_s, machine, before = waiting.pop(0)
            learn(before, [part for part in components if _fails(failures, machine, part, at_s)])
        if entry.kind != "error":
            renewed.setdefault(entry.machine, {})[entry.code] = entry.at_s
            continue
        history = [past for past in recent.get(entry.machine, []) if entry.at_s - past.at_s < AHEAD_S]
        recent[entry.machine] = [*history, entry]
        signs = Signs(
            last=entry.code,
            recent=frozenset(past.code for past in recent[entry.machine]),
            hour=int(entry.at_s % 86400 // 3600),
            age_days={part: (entry.at_s - at) / 86400 for part, at in renewed.get(entry.machine, {}).items()},
        )
        calls += [Call(entry.at_s, entry.machine, c.fault, c.probability) for c in predict(signs)]
        waiting.append((entry.at_s, entry.machine, signs))
    return calls


def failures_of(log: Sequence[Entry]) -> dict[tuple[str, str], list[float]]:
    """Return the times each component of each machine failed."""
    failures: dict[tuple[str, str], list[float]] = {}
    for entry in log:
        if entry.kind == "failure":
            failures.setdefault((entry.machine, entry.code), []).append(entry.at_s)
    return failures


def foresights(log: Sequence[Entry], calls: Sequence[Call]) -> list[Foresight]:
    """Return what every threshold would have foreseen, highest threshold first."""
    start_s = min(entry.at_s for entry in log if entry.kind == "error") + TEACH_S
    end_s = max(entry.at_s for entry in log)
    machines = len({entry.machine for entry in log})
    months = machines * (end_s - start_s) / MONTH_S
    failures = failures_of(log)
    due = {(m, c, at) for (m, c), times in failures.items() for at in times if at >= start_s + AHEAD_S}
    scored = [call for call in calls if call.at_s >= start_s]
    thresholds = sorted({call.probability for call in scored}, reverse=True)
    step = max(1, len(thresholds) // 200)
    return [_foresee(scored, failures, due, threshold, months) for threshold in thresholds[::step]]


def best_within(scores: Sequence[Foresight], false_per_month: float) -> Foresight:
    """Return the threshold with the best recall within a rate of false alarms."""
    allowed = [score for score in scores if score.false_per_month <= false_per_month]
    return max(allowed, key=lambda score: (score.recall, score.precision), default=Foresight(1.0, 0.0, 0.0, 0.0))


def _foresee(
    calls: Sequence[Call],
    failures: dict[tuple[str, str], list[float]],
    due: set[tuple[str, str, float]],
    threshold: float,
    months: float,
) -> Foresight:
    quiet: dict[tuple[str, str], float] = {}
    found: set[tuple[str, str, float]] = set()
    right = false = 0
    for call in calls:
        who = (call.machine, call.component)
        if call.probability < threshold or call.at_s < quiet.get(who, 0.0):
            continue
        quiet[who] = call.at_s + AHEAD_S
        hits = [at for at in failures.get(who, []) if 0 < at - call.at_s <= AHEAD_S]
        right += bool(hits)
        false += not hits
        found |= {(*who, at) for at in hits if (*who, at) in due}
    return Foresight(threshold, len(found) / max(1, len(due)), right / max(1, right + false), false / months)


def _fails(failures: dict[tuple[str, str], list[float]], machine: str, part: str, at_s: float) -> bool:
    return any(0 < at - at_s <= AHEAD_S for at in failures.get((machine, part), []))
