"""What a fault came to, in figures, and whether they reach the catalogue's targets (state).

A test measures into the ``verdict`` fixture; what it measured is one line, whether it passed or not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

_ID_CHARS: Final = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``most`` and ``least`` are the target, both included; ``None``: no bound on that side."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the target is reached; a figure without one only tells."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def has_target(self) -> bool:
        """Whether there is something to reach."""
        return self.most is not None or self.least is not None

    def __str__(self) -> str:
        """Return the figure with its target, as on a verdict line."""
        bounds = [f"at most {_number(self.most)}"] if self.most is not None else []
        bounds += [f"at least {_number(self.least)}"] if self.least is not None else []
        target = f" ({', '.join(bounds)}{'' if self.reached else '!'})" if bounds else ""
        return f"{self.name} {_number(self.value)}{' ' if self.unit else ''}{self.unit}{target}"


@dataclass(slots=True)
class Verdict:
    """What a test of one fault found.

    Attributes:
        fault: its id in the catalogue.
        done: what was done, as a few words.
        seed: from which all chance in the test was drawn.
        figures: what was measured, in order.
        notes: how this run was less than the catalogue asks, and why.
        failure: why the test failed, in one line; ``None``: it did not, or has not ended.
    """

    fault: str
    done: str
    seed: int
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failure: str | None = None

    def measure(
        self, name: str, value: float, unit: str = "", *, most: float | None = None, least: float | None = None
    ) -> None:
        """Take down a figure; with ``most`` or ``least`` the test fails at its end unless it is reached."""
        self.figures.append(Figure(name, value, unit, most, least))

    def note(self, text: str) -> None:
        """Take down how this run is less than the catalogue asks, and why."""
        self.notes.append(text)

    def hold(self) -> None:
        """Raise ``AssertionError`` unless something was measured and every target is reached."""
        missed = [str(figure) for figure in self.figures if not figure.reached]
        assert self.figures, f"{self.fault}: nothing was measured"
        assert not missed, f"{self.fault}: {'; '.join(missed)}"

    @property
    def passed(self) -> bool:
        """Whether the test ended well and every target was reached."""
        return self.failure is None and bool(self.figures) and all(figure.reached for figure in self.figures)

    def line(self) -> str:
        """Return the verdict line: id, PASS or FAIL, what was done, seed, figures, notes."""
        parts = [self.done, f"seed {self.seed}", *map(str, self.figures), *(f"note: {note}" for note in self.notes)]
        if self.failure is not None and all(figure.reached for figure in self.figures):
            parts.append(f"failed: {self.failure}")
        return f"{self.fault:<{_ID_CHARS}} {_word(passed=self.passed)}  {' · '.join(parts)}"


def verdict_from(told: Mapping[str, Any]) -> Verdict:
    """Return the verdict that ``asdict`` made a mapping of."""
    return Verdict(**{**told, "figures": [Figure(**figure) for figure in told["figures"]]})


def table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Give the lines of a table with a row a fault, in the order of the catalogue: how many tests, how many passed."""
    ordered = sorted(verdicts, key=lambda verdict: place(verdict.fault))
    yield f"{'fault':<{_ID_CHARS}} verdict  tests  targets"
    for fault, group in groupby(ordered, key=lambda verdict: verdict.fault):
        yield _row(fault, list(group))


def place(fault: str) -> tuple[str, int, str]:
    """Return what sorts ids as people count: DEL-2 before DEL-10."""
    room, _, number = fault.partition("-")
    digits = "".join(filter(str.isdigit, number))
    return room, int(digits or 0), number


def _row(fault: str, verdicts: Sequence[Verdict]) -> str:
    passed = sum(verdict.passed for verdict in verdicts)
    targets = [figure for verdict in verdicts for figure in verdict.figures if figure.has_target]
    missed = [str(figure) for figure in targets if not figure.reached]
    broken = [one.failure for one in verdicts if one.failure is not None and all(f.reached for f in one.figures)]
    told = "; ".join(missed + broken) or f"{len(targets)} reached"
    word = _word(passed=passed == len(verdicts))
    return f"{fault:<{_ID_CHARS}} {word}     {passed:>2}/{len(verdicts):<2}  {told}"


def _word(*, passed: bool) -> str:
    return "PASS" if passed else "FAIL"


def _number(value: float | None) -> str:
    return f"{value:,.0f}" if value is None or value == round(value) or abs(value) >= 1000 else f"{value:.3g}"
