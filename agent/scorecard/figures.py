"""The figures of one contender (pure values), as `amends scorecard --json` gives them."""

from typing import Final

import msgspec

KEPT_AS: Final = "scorecard.json"
"""The file of a data directory in which the scorecard of its last run is kept."""


class LeadTime(msgspec.Struct, frozen=True):
    """Hours between the first sign of having noticed and the moment the owner would have; 0 where it came too late."""

    p10: float
    p50: float
    p90: float


class Cases(msgspec.Struct, frozen=True):
    """What the shares are shares of."""

    healable: int
    healed_by_command: int
    repaired_by_visit: int
    visit: int
    commands: int
    visits: int
    tickets: int
    ratings: int
    promises: int = 0  # times left that were told
    promises_tested: int = 0  # of which it is known whether they came true
    promises_kept: int = 0
    promises_mended: int = 0  # put right before anybody could know


class Figures(msgspec.Struct, frozen=True):
    """One contender's row of the scorecard. Shares are 0..1; ``None``: there was nothing to judge.

    ``lead_time_hours`` is over all judged faults. ``messages_per_owner`` is what they were told over the whole
    run, once where it came by mail and on the device.
    """

    healed_before_noticed: float | None
    booked_before_failure: float | None
    lead_time_hours: LeadTime | None
    false_actions_per_device_month: float
    needless_visits_per_device_month: float
    harmful: int
    repeated_commands: int
    tickets_touched_by_people: int
    messages_per_owner: float
    rating_mean: float | None
    speedup: float
    cases: Cases


class Run(msgspec.Struct, frozen=True):
    """What was simulated, and by which rules. ``model`` is a kind of model by name; empty: each product's usual one."""

    scenario: str
    devices: int
    days: float
    seed: int
    days_between_troubles: float | None
    trust: str
    model: str = ""


class Scorecard(msgspec.Struct, frozen=True):
    """The whole page: the same lives, looked after in three ways."""

    run: Run
    agent: Figures
    none: Figures
    thresholds: Figures
