"""What the doctor found out about one thing (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How it stands; in the order of how bad it is."""

    OK = "ok"
    WARN = "warn"  # it works, and may not for long, or could not be looked at
    FAIL = "fail"  # messages, records or people are in danger: mend it


class Part(StrEnum):
    """What was looked at."""

    BROKER = "broker"
    STORAGE = "storage"
    RECORDS = "records"
    CLOCK = "clock"
    QUEUES = "queues"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it stands, in a sentence, and what to do about it (empty: nothing)."""

    part: Part
    grade: Grade
    says: str
    advice: str = ""

    def line(self) -> str:
        """Return it on one line."""
        advice = f" → {self.advice}" if self.advice else ""
        return f"{self.grade.upper():<5} {self.part:<8} {self.says}{advice}"


def judged(value: float, *, warn: float, fail: float) -> Grade:
    """Return the grade of a figure that is worse the larger it is; ``fail`` is beyond ``warn``."""
    if value > fail:
        return Grade.FAIL
    return Grade.WARN if value > warn else Grade.OK


def is_well(checks: Iterable[Check]) -> bool:
    """Tell whether nothing has to be mended; a warning alone does not say so."""
    return all(check.grade is not Grade.FAIL for check in checks)
