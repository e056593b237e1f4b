from hypothesis import given
from hypothesis import strategies as st

from agent.health.verdict import Verdict

states = st.lists(st.floats(0, 12), max_size=60)


def after(*given_states: float) -> Verdict:
    verdict = Verdict()
    for minute, state in enumerate(given_states):
        verdict.take(state, minute * 60.0)
    return verdict


def test_nothing_known_is_not_normal() -> None:
    assert Verdict().normal_since_s is None


def test_a_healthy_device_is_normal_from_its_first_judged_sample() -> None:
    assert after(0.1, 0.5, 0.2).normal_since_s == 0.0


def test_one_noisy_sample_does_not_end_what_was_normal() -> None:
    assert after(0.1, 9.0, 0.2, 3.5, 0.1).normal_since_s == 0.0


def test_two_in_a_row_make_it_ill() -> None:
    assert after(0.1, 4.0, 4.0).normal_since_s is None


def test_a_device_that_hovers_below_the_threshold_is_not_called_well() -> None:
    assert after(0.1, 4.0, 4.0, *[3.0, 2.5, 2.1] * 20).normal_since_s is None


def test_a_single_good_sample_does_not_make_it_well() -> None:
    assert after(0.1, 4.0, 4.0, *[1.0, 1.0, 3.0] * 20).normal_since_s is None


def test_well_again_counts_from_the_first_of_the_good_samples() -> None:
    assert after(0.1, 4.0, 4.0, 5.0, 1.0, 1.0, 1.0, 1.0).normal_since_s == 240.0


def test_a_gap_starts_the_count_anew() -> None:
    verdict = after(0.1, 0.1)

    verdict.interrupt()
    verdict.take(0.1, 600.0)

    assert verdict.normal_since_s == 600.0


def test_a_gap_does_not_heal() -> None:
    verdict = after(0.1, 4.0, 4.0)

    verdict.interrupt()
    verdict.take(3.0, 600.0)

    assert verdict.normal_since_s is None


@given(states)
def test_normal_since_is_never_later_than_now_and_never_set_while_ill(given_states: list[float]) -> None:
    verdict = Verdict()
    for minute, state in enumerate(given_states):
        verdict.take(state, minute * 60.0)
        assert not (verdict.ill and verdict.normal_since_s is not None)
        assert verdict.normal_since_s is None or verdict.normal_since_s <= minute * 60.0
