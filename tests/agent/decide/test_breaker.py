"""When a remedy stops being sent without a person, and how it earns it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.breaker import Breaker, BreakerState, Ended, after, state_of
from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.desk.ticket import Outcome
from tests.builders import MINUTE, NOON

HOUR = timedelta(hours=1)
HEALED, FAILED = Outcome.HEALED, Outcome.NOT_HEALED
OPEN = Breaker(is_open=True, changed_at=NOON, counts_after=10, why="Of the last 5, 1 was healed.")


def record(*outcomes: Outcome, canary: bool = False, sent_at: datetime = NOON + 7 * HOUR) -> tuple[Ended, ...]:
    return tuple(Ended(number, outcome, canary, sent_at) for number, outcome in enumerate(outcomes, start=11))


def opened(outcomes: Sequence[Outcome], *, canary: bool = False, kin: int = 100) -> bool:
    breaker = after(None, record(*outcomes, canary=canary), POLICY, NOON, kin=kin)
    return breaker is not None and breaker.is_open


def test_it_opens_below_half_from_five_on_and_not_at_half() -> None:
    assert not opened([FAILED] * 4)
    assert opened([HEALED, HEALED, FAILED, FAILED, FAILED])
    assert not opened([HEALED, HEALED, HEALED, FAILED, FAILED, FAILED])


def test_only_the_last_twenty_count() -> None:
    assert opened([HEALED] * 30 + [FAILED] * 11)
    assert not opened([FAILED] * 4 + [HEALED] * 20)


def test_every_way_not_to_be_healed_counts_and_being_turned_down_does_not() -> None:
    assert opened([Outcome.WORSE, Outcome.NO_ANSWER, Outcome.RECURRED, Outcome.FAILED, FAILED])
    assert not opened([Outcome.REJECTED] * 9)


def test_on_its_canary_one_failure_is_enough_and_a_small_fleet_has_no_canary() -> None:
    assert opened([FAILED], canary=True)
    assert opened([HEALED, FAILED, FAILED], canary=True)
    assert not opened([HEALED, FAILED], canary=True)
    assert not opened([FAILED], canary=True, kin=POLICY.canary_second)


def test_an_old_good_record_does_not_excuse_a_new_playbook() -> None:
    old = record(*[HEALED] * 15)
    new = Ended(99, FAILED, canary=True)

    breaker = after(None, (*old, new), POLICY, NOON, kin=100)

    assert breaker is not None
    assert breaker.is_open


def test_it_is_half_open_after_the_pause_and_closes_when_the_trials_healed() -> None:
    assert state_of(OPEN, POLICY, NOON + POLICY.breaker_pause - MINUTE) is BreakerState.OPEN
    assert state_of(OPEN, POLICY, NOON + POLICY.breaker_pause) is BreakerState.HALF_OPEN

    once = after(OPEN, record(HEALED), POLICY, NOON + timedelta(hours=8), kin=100)
    assert once is not None
    assert (once.is_open, once.trials) == (True, 1)
    twice = after(once, record(HEALED, HEALED), POLICY, NOON + timedelta(hours=9), kin=100)
    assert twice is not None
    assert state_of(twice, POLICY, NOON) is BreakerState.CLOSED


def test_a_failed_trial_opens_it_again_for_the_whole_pause() -> None:
    late = NOON + timedelta(hours=8)

    again = after(OPEN, record(HEALED, FAILED), POLICY, late, kin=100)

    assert again is not None
    assert (again.is_open, again.trials, again.changed_at, again.counts_after) == (True, 0, late, 12)
    assert state_of(again, POLICY, late + POLICY.breaker_pause - MINUTE) is BreakerState.OPEN


outcomes = st.lists(st.sampled_from(Outcome), max_size=60)


@given(outcomes, st.integers(1, 500))
def test_whatever_happened_a_closed_breaker_has_healed_at_least_half_of_its_last(
    history: list[Outcome], kin: int
) -> None:
    breaker: Breaker | None = None
    for length in range(1, len(history) + 1):
        counts_after = 0 if breaker is None else breaker.counts_after
        seen = tuple(one for one in record(*history[:length], canary=True) if one.id > counts_after)
        if history[length - 1] is Outcome.REJECTED:
            continue
        breaker = after(breaker, seen, POLICY, NOON + length * MINUTE, kin=kin)
        since = 0 if breaker is None else breaker.counts_after
        counted = [one for one in seen if one.id > since and one.outcome is not Outcome.REJECTED][-20:]
        healed = sum(one.outcome is HEALED for one in counted)
        if state_of(breaker, POLICY, NOON) is BreakerState.CLOSED and len(counted) >= POLICY.breaker_from:
            assert healed * 2 >= len(counted)
        if breaker is not None and breaker.is_open:
            assert breaker.why.endswith(".")


def test_what_was_on_its_way_when_it_opened_is_no_trial_and_still_opens_it_anew() -> None:
    late = NOON + 8 * HOUR

    assert after(OPEN, record(HEALED, sent_at=NOON - MINUTE), POLICY, late, kin=100) == OPEN
    again = after(OPEN, record(FAILED, sent_at=NOON - MINUTE), POLICY, late, kin=100)
    assert again is not None
    assert again.changed_at == late


@given(st.lists(st.tuples(st.sampled_from((HEALED, FAILED)), st.integers(-20, 20)), max_size=20))
def test_only_what_was_sent_since_it_opened_and_healed_one_after_the_other_closes_it(
    ends: list[tuple[Outcome, int]],
) -> None:
    breaker: Breaker | None = OPEN
    trials = 0
    for number, (outcome, hours) in enumerate(ends):
        assert breaker is not None
        ended = Ended(11 + number, outcome, sent_at=NOON + hours * HOUR)
        trial = hours * HOUR > breaker.changed_at - NOON
        trials = 0 if outcome is FAILED else trials + trial
        breaker = after(breaker, [ended], POLICY, NOON + (30 + number) * HOUR, kin=100)

        assert breaker is not None
        assert breaker.is_open is (trials < POLICY.breaker_trials)
        if not breaker.is_open:
            break
