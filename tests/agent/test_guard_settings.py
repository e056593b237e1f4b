"""The guards' settings: what cannot work is refused at the start, in a sentence that names the variable."""

from datetime import timedelta

import pytest

from agent.decide.policy import DEFAULT_POLICY
from agent.settings import SettingsError, read_settings


def test_without_any_setting_the_defaults_rule() -> None:
    assert read_settings().policy == DEFAULT_POLICY


@pytest.mark.parametrize("given", [{"guard_breaker_last": 4}, {"guard_breaker_from": 21}])
def test_a_breaker_that_could_never_open_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(**given)

    (problem,) = refused.value.problems
    assert problem.startswith("AMENDS_GUARD_BREAKER_FROM: must be no more than AMENDS_GUARD_BREAKER_LAST")


def test_a_breaker_that_looks_back_on_just_enough_is_taken() -> None:
    policy = read_settings(guard_breaker_last=4, guard_breaker_from=4).policy

    assert (policy.breaker_last, policy.breaker_from) == (4, 4)


def test_every_guard_has_its_figures() -> None:
    policy = read_settings(
        guard_faded_by=0.3, guard_returned_most_h=1, guard_clock_min=10, guard_person_after_h=2
    ).policy

    assert policy.fades_by == 0.3
    assert policy.margin == DEFAULT_POLICY.margin
    assert policy.comes_back_within == timedelta(hours=1)
    assert policy.clock_slack == timedelta(minutes=10)
    assert policy.guarded_for == timedelta(hours=2)
