"""The rule for error logs."""

import pytest

from agent.bench.error_log import Entry, best_within, foresights, replay
from agent.diagnose.signature_table import Chance, SignatureTable
from agent.diagnose.signs import Signs

DAY_S = 86400.0


def log(days: int, *, fails: bool = True) -> list[Entry]:
    """Every tenth day a warning at six and, if it fails, the pump a day later; every third day something harmless."""
    entries = []
    for day in range(days):
        if day % 10 == 0:
            entries.append(Entry(day * DAY_S + 21600, "a", "error", "hot"))
        if fails and day % 10 == 1:
            entries.append(Entry(day * DAY_S + 20000, "a", "failure", "pump"))
        if day % 3 == 0:
            entries.append(Entry(day * DAY_S + 50000, "a", "error", "noise"))
    return sorted(entries, key=lambda entry: entry.at_s)


def test_a_sign_that_always_precedes_the_failure_is_learned() -> None:
    table = SignatureTable()
    entries = log(200)

    best = best_within(foresights(entries, replay(entries, table.learn, table.predict)), 0.1)

    assert best.recall > 0.9
    assert best.precision == pytest.approx(1.0)


def test_an_outcome_is_learned_only_when_it_is_known() -> None:
    known: list[tuple[float, int]] = []
    seen: list[float] = []
    entries = log(50)
    table = SignatureTable()

    def predict(about: Signs) -> list[Chance]:
        seen.append(0.0)
        return table.predict(about)

    replay(entries, lambda _, outcomes: known.append((len(seen), len(outcomes))), predict)

    assert known[0][0] >= 2
