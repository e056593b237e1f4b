"""The guards' settings (pure): how careful the agent is, each with its default and its unit.

``Settings`` reads them with the rest. What a playbook says about one remedy stands there and not here.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from agent.decide.holidays import UnknownPlaceError, calendar_of
from agent.decide.policy import DEFAULT_POLICY, Policy


class GuardSettings(BaseSettings):
    """What may stop a remedy, as figures. A smaller figure is not always the more careful one; ``docs/guards.md``."""

    guard_weigh_min: float = Field(4.0, ge=0, description="minutes a ticket is weighed before anything is done")
    guard_weigh_most_min: float = Field(
        75.0, ge=0, description="minutes it may be weighed where the fault takes days to be felt"
    )
    guard_weigh_slow_min: float = Field(
        720.0, ge=0, description="minutes it is weighed where five days and more are left and a command heals it"
    )
    guard_cooldown_min: float = Field(30.0, ge=0, description="minutes between two remedies on one device")
    guard_remedies_a_day: int = Field(3, ge=1, description="remedies on one device within 24 hours")
    guard_before_visit_min: float = Field(120.0, ge=0, description="minutes before a visit without a remedy")
    guard_stale_min: float = Field(5.0, gt=0, description="minutes after which evidence is no ground for a remedy")
    guard_watch_days: float = Field(7.0, gt=0, description="days a healed device is watched for the fault to come back")
    guard_held_h: float = Field(12.0, ge=0, description="hours it must have healed for to be done once more then")
    guard_breaker_last: int = Field(20, ge=1, description="outcomes of a remedy that its breaker looks back on")
    guard_breaker_from: int = Field(
        5, ge=1, validate_default=True, description="outcomes from which on the breaker may open, no more than it sees"
    )
    guard_breaker_share: float = Field(0.5, ge=0, le=1, description="share healed below which it opens")
    guard_breaker_pause_h: float = Field(6.0, ge=0, description="hours until an open breaker lets one trial through")
    guard_breaker_trials: int = Field(2, ge=1, description="trials in a row that must heal to close it")
    guard_fleet_share: float = Field(
        0.01, ge=0, le=1, description="share of a product's devices with a remedy at work at once; one always may"
    )
    guard_fleet_watch_min: float = Field(
        120.0, ge=0, description="minutes a remedy that was done counts as at work there, though not verified yet"
    )
    guard_fleet_per_hour: int = Field(20, ge=0, description="remedies for one product within an hour")
    guard_canary_first: int = Field(1, ge=1, description="devices a new remedy, firmware or playbook goes to first")
    guard_canary_second: int = Field(5, ge=1, description="devices it goes to next, altogether; fewer have no canary")
    guard_canary_share: float = Field(
        0.25, ge=0, le=1, description="share of a firmware's devices it goes to after that"
    )
    guard_freeze_share: float = Field(
        0.03,
        ge=0,
        le=1,
        description="share of a product, firmware or owner's devices with one diagnosis that is one cause",
    )
    guard_freeze_from: int = Field(3, ge=2, description="devices below which it never is")
    guard_freeze_min: float = Field(15.0, gt=0, description="minutes within which")
    guard_faded_by: float = Field(
        0.2, ge=0, le=1, description="how far what speaks for a fault may fall below what it was named on"
    )
    guard_returned_most_h: float = Field(
        4.0, ge=0, description="hours at most that a device which was switched off may take back to its usual"
    )
    guard_clock_min: float = Field(
        5.0, ge=0, description="minutes that an instant may lie ahead before somebody's clock must be wrong"
    )
    guard_person_after_h: float = Field(
        6.0, gt=0, description="hours guards may hold back a remedy, or what takes one back, until a person gets it"
    )
    guard_familiar_days: float = Field(
        14.0, ge=0, description="days for which people are spared what they looked at on a device and closed unnamed"
    )
    guard_holidays: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="places on whose public holidays a remedy that can wait waits, like DE-BY,AT; empty: nowhere"
    )
    guard_slight: float = Field(
        4.0, ge=0, description="standard deviations below which, in all it measures, people are spared what is unclear"
    )
    guard_early_h: float = Field(
        6.0, ge=0, description="hours for which people are spared what is unclear, where nothing is plainly off yet"
    )

    @field_validator("guard_holidays", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("guard_holidays")
    @classmethod
    def _are_known(cls, places: tuple[str, ...]) -> tuple[str, ...]:
        for place in places:
            try:
                calendar_of(place)
            except UnknownPlaceError as error:
                kind, said = "unknown_place", {"problem": str(error)}
                raise PydanticCustomError(kind, "{problem}", said) from error
        return places

    @field_validator("guard_breaker_from")
    @classmethod
    def _is_reached(cls, at_least: int, given: ValidationInfo) -> int:
        """Refuse a breaker that never sees as many outcomes as it needs: it would be none, and nobody would notice."""
        if at_least > given.data.get("guard_breaker_last", at_least):
            kind, problem = "never_opens", "must be no more than AMENDS_GUARD_BREAKER_LAST, or no breaker ever opens"
            raise PydanticCustomError(kind, problem)
        return at_least

    @property
    def policy(self) -> Policy:
        """The figures behind every decision, these among them."""
        return replace(
            DEFAULT_POLICY,
            weigh_for=timedelta(minutes=self.guard_weigh_min),
            weigh_most=timedelta(minutes=self.guard_weigh_most_min),
            weigh_slow=timedelta(minutes=self.guard_weigh_slow_min),
            cooldown=timedelta(minutes=self.guard_cooldown_min),
            remedies_a_day=self.guard_remedies_a_day,
            before_visit=timedelta(minutes=self.guard_before_visit_min),
            stale_after=timedelta(minutes=self.guard_stale_min),
            watch_for=timedelta(days=self.guard_watch_days),
            held_for=timedelta(hours=self.guard_held_h),
            breaker_last=self.guard_breaker_last,
            breaker_from=self.guard_breaker_from,
            breaker_share=self.guard_breaker_share,
            breaker_pause=timedelta(hours=self.guard_breaker_pause_h),
            breaker_trials=self.guard_breaker_trials,
            fleet_share=self.guard_fleet_share,
            fleet_watch=timedelta(minutes=self.guard_fleet_watch_min),
            fleet_per_hour=self.guard_fleet_per_hour,
            canary_first=self.guard_canary_first,
            canary_second=self.guard_canary_second,
            canary_share=self.guard_canary_share,
            freeze_share=self.guard_freeze_share,
            freeze_from=self.guard_freeze_from,
            freeze_within=timedelta(minutes=self.guard_freeze_min),
            fades_by=self.guard_faded_by,
            comes_back_within=timedelta(hours=self.guard_returned_most_h),
            clock_slack=timedelta(minutes=self.guard_clock_min),
            guarded_for=timedelta(hours=self.guard_person_after_h),
            familiar_for=timedelta(days=self.guard_familiar_days),
            slight_below=self.guard_slight,
            early_for=timedelta(hours=self.guard_early_h),
            holidays=self.guard_holidays,
        )
