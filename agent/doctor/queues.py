"""What waits inside a running agent, by what it tells of itself (shell)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from agent.doctor.check import Check, Grade, Part, judged

_PATIENCE_S: Final = 10.0
_PREFIX: Final = "amends_"


@dataclass(frozen=True, slots=True)
class _Queue:
    """A figure with what it means and when it is too much."""

    figure: str
    says: str
    warn: float
    fail: float
    advice: str


_QUEUES: Final = (
    _Queue("unscored", "{:,.0f} messages wait for the models", 10_000, 50_000, "see what keeps the processor busy"),
    _Queue(
        "oldest_unacknowledged_seconds",
        "the oldest message waits for the journal for {:.1f} s",
        1,
        5,
        "see how much room the disk has and how quick it is",
    ),
    _Queue("outbox_failing", "{:,.0f} mails were tried in vain", 0, 100, "see on the system page what the server says"),
    _Queue("due_looks_failed", "{:,.0f} looks at what is due failed in a row", 0, 2, "read the trace in the log"),
    _Queue("broker_dropped", "the broker dropped {:,.0f} messages since the start", 0, 0, "see the broker's settings"),
    _Queue("history_lag_seconds", "history is {:,.0f} s behind", 600, 3_600, "see how much room the disk has"),
)


def check_queues(console_url: str) -> Iterator[Check]:
    """Give what the agent behind the console at this address says of its queues."""
    try:
        figures = _figures(httpx.get(f"{console_url}/metrics", timeout=_PATIENCE_S).raise_for_status().text)
        problems = httpx.get(f"{console_url}/readyz", timeout=_PATIENCE_S).json()["problems"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        yield Check(
            Part.QUEUES,
            Grade.WARN,
            f"no agent answers at {console_url} ({type(error).__name__}), so its queues are not known",
            "start `amends up`, or set AMENDS_CONSOLE_PORT to where it runs",
        )
        return
    for problem in problems:
        yield Check(Part.QUEUES, Grade.FAIL, f"the agent is not ready: {problem}", "see what it names")
    for queue in _QUEUES:
        if queue.figure in figures:
            value = figures[queue.figure]
            grade = judged(value, warn=queue.warn, fail=queue.fail)
            yield Check(Part.QUEUES, grade, queue.says.format(value), "" if grade is Grade.OK else queue.advice)
    if "unscored" not in figures:
        yield Check(
            Part.QUEUES, Grade.WARN, f"a console alone answers at {console_url}, and no agent in it", "amends agent"
        )


def _figures(text: str) -> Mapping[str, float]:
    lines = [line.split() for line in text.splitlines() if line.startswith(_PREFIX)]
    return {name.removeprefix(_PREFIX): float(value) for name, value in lines if "{" not in name}
