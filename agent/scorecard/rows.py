"""The rows of the page (pure): what each figure is called, how it is written, and which way is better."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.scorecard.figures import Figures, LeadTime, Scorecard

_NOTHING: Final = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``written`` gives a contender's cell; ``better`` says which way is good, empty: neither."""

    title: str
    better: str
    written: Callable[[Figures], str]


def contenders(card: Scorecard) -> Mapping[str, Figures]:
    """Return the contenders' figures by the name people read."""
    return {"amends": card.agent, "no agent": card.none, "fixed thresholds": card.thresholds}


def _per_cent(share: float | None) -> str:
    return _NOTHING if share is None else f"{100 * share:.1f} %"


def _hours(lead: LeadTime | None) -> str:
    return _NOTHING if lead is None else f"{lead.p10:.0f} / {lead.p50:.0f} / {lead.p90:.0f} h"


def _of_healable(figures: Figures) -> str:
    cases = figures.cases
    return f"{cases.healed_by_command} + {cases.repaired_by_visit} of {cases.healable}"


def _of_promises(figures: Figures) -> str:
    cases = figures.cases
    return f"{cases.promises_kept} of {cases.promises_tested}" if cases.promises else _NOTHING


ROWS: Final[Sequence[Row]] = (
    Row("healable faults put right unnoticed", "more", lambda f: _per_cent(f.healed_before_noticed)),
    Row("   by command + by visit", "", _of_healable),
    Row("other faults with a visit booked in time", "more", lambda f: _per_cent(f.booked_before_failure)),
    Row("   of", "", lambda f: str(f.cases.visit)),
    Row("lead time, p10 / p50 / p90", "more", lambda f: _hours(f.lead_time_hours)),
    Row("false actions a device and month", "less", lambda f: f"{f.false_actions_per_device_month:.3f}"),
    Row("needless visits a device and month", "less", lambda f: f"{f.needless_visits_per_device_month:.3f}"),
    Row("times left told that came true", "more", _of_promises),
    Row("remedies that did harm", "less", lambda f: str(f.harmful)),
    Row("repeated or colliding commands", "less", lambda f: str(f.repeated_commands)),
    Row("matters a person had to touch", "less", lambda f: str(f.tickets_touched_by_people)),
    Row("messages an owner", "less", lambda f: f"{f.messages_per_owner:.2f}"),
    Row("mean rating, 1 to 5", "more", lambda f: _NOTHING if f.rating_mean is None else f"{f.rating_mean:.2f}"),
    Row("times as fast as life", "", lambda f: f"{f.speedup:,.0f}"),
)


def headline(card: Scorecard) -> str:
    """Return what was simulated, in a sentence."""
    run = card.run
    often = "" if run.days_between_troubles is None else f", a trouble every {run.days_between_troubles:g} days each"
    return (
        f"{run.devices} devices over {run.days:g} days{often}; scenario {run.scenario}, seed {run.seed}, "
        f"staff: {run.trust}."
    )
