"""From the truth and a contender's books to its figures (pure).

A trouble is judged when its owner would have noticed it within the run, had nobody done anything. That is known before
anybody acts, so no contender can choose what it is judged by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agent.scorecard.figures import Cases, Figures, LeadTime
from agent.scorecard.ledger import Ledger
from agent.scorecard.world import Trouble, World

_HEALABLE: Final = "healable"
_VISIT: Final = "visit"
_HEALED: Final = "healed"
_REPAIRED: Final = "repaired"
_MONTH_DAYS: Final = 30.0
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Span:
    """What is judged: ``devices`` over ``days`` until ``ends_s`` (Unix seconds), of ``owners`` households.

    ``speedup`` is virtual time over real time.
    """

    devices: int
    owners: int
    days: float
    ends_s: float
    speedup: float

    @property
    def device_months(self) -> float:
        """How many months devices lived altogether."""
        return self.devices * self.days / _MONTH_DAYS


def judge(world: World, ledger: Ledger, span: Span) -> Figures:
    """Return the figures of whoever kept these books in this world."""
    judged = [(device_id, trouble) for device_id, trouble in world.chronicle() if is_judged(trouble, span.ends_s)]
    healable = [trouble for _, trouble in judged if trouble.kind == _HEALABLE]
    visit = [(device_id, trouble) for device_id, trouble in judged if trouble.kind == _VISIT]
    by_command = sum(_is_over_unnoticed(trouble, _HEALED) for trouble in healable)
    by_visit = sum(_is_over_unnoticed(trouble, _REPAIRED) for trouble in healable)
    noticed, booked = _by_device(ledger.noticed), _by_device(ledger.booked)
    in_time = sum(_first_within(booked, device_id, trouble) is not None for device_id, trouble in visit)
    acted = [deed for deed in world.deeds if deed.acted]
    told = ledger.promises
    needless = sum(not one.mended for one in world.visited)
    return Figures(
        healed_before_noticed=_share(by_command + by_visit, len(healable)),
        booked_before_failure=_share(in_time, len(visit)),
        lead_time_hours=_lead_time([_lead_hours(noticed, device_id, trouble) for device_id, trouble in judged]),
        false_actions_per_device_month=round(sum(not deed.right for deed in acted) / span.device_months, 4),
        needless_visits_per_device_month=round(needless / span.device_months, 4),
        harmful=sum(deed.harmed for deed in acted),
        repeated_commands=sum(deed.repeated for deed in world.deeds),
        tickets_touched_by_people=len(ledger.touched),
        messages_per_owner=round(ledger.messages / span.owners, 3),
        rating_mean=None if not ledger.scores else round(sum(ledger.scores) / len(ledger.scores), 3),
        speedup=round(span.speedup),
        cases=Cases(
            healable=len(healable),
            healed_by_command=by_command,
            repaired_by_visit=by_visit,
            visit=len(visit),
            commands=len(world.deeds),
            visits=len(world.visited),
            tickets=ledger.tickets,
            ratings=len(ledger.scores),
            promises=0 if told is None else told.made,
            promises_tested=0 if told is None else told.tested,
            promises_kept=0 if told is None else told.kept,
            promises_mended=0 if told is None else told.mended,
        ),
    )


def is_judged(trouble: Trouble, ends_s: float) -> bool:
    """Tell whether somebody ought to have put a trouble right, or come for it, in a run until ``ends_s``."""
    return (
        trouble.kind in {_HEALABLE, _VISIT} and trouble.would_notice_s is not None and trouble.would_notice_s <= ends_s
    )


def is_missed(device_id: str, trouble: Trouble, ledger: Ledger) -> bool:
    """Tell whether a judged trouble was neither over before its owner felt it nor, where one is needed, booked for."""
    if trouble.kind == _HEALABLE:
        return not (_is_over_unnoticed(trouble, _HEALED) or _is_over_unnoticed(trouble, _REPAIRED))
    return _first_within(_by_device(ledger.booked), device_id, trouble) is None


def _is_over_unnoticed(trouble: Trouble, how: str) -> bool:
    return trouble.noticed_s is None and trouble.ended_s is not None and trouble.how == how


def _by_device(moments: Sequence[tuple[str, float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for device_id, at_s in sorted(moments):
        found.setdefault(device_id, []).append(at_s)
    return found


def _first_within(moments: Mapping[str, Sequence[float]], device_id: str, trouble: Trouble) -> float | None:
    """Return the first moment between a trouble's beginning and its end, or being noticed; ``None``: there is none."""
    until = min(at_s for at_s in (trouble.noticed_s, trouble.ended_s, float("inf")) if at_s is not None)
    return next((at_s for at_s in moments.get(device_id, ()) if trouble.began_s <= at_s <= until), None)


def _lead_hours(noticed: Mapping[str, Sequence[float]], device_id: str, trouble: Trouble) -> float:
    first = _first_within(noticed, device_id, trouble)
    if first is None or trouble.would_notice_s is None:
        return 0.0
    return max(trouble.would_notice_s - first, 0.0) / _HOUR_S


def _lead_time(hours: Sequence[float]) -> LeadTime | None:
    if not hours:
        return None
    p10, p50, p90 = np.percentile(hours, (10, 50, 90))
    return LeadTime(round(float(p10), 2), round(float(p50), 2), round(float(p90), 2))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
