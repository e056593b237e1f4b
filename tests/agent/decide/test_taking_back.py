"""How often, and for how long, what a remedy has changed for the worse is tried to be set back."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.decide.policy import DEFAULT_POLICY as POLICY
from agent.decide.taking_back import Standing, next_try_at, owed_until, standing
from tests.builders import NOON

NAMES = ("setpoint_c", "fan_rpm")
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from([1.0, 2.0, 3.0])))
DELAYS = st.timedeltas(min_value=timedelta(), max_value=timedelta(hours=1))


def test_the_first_try_is_at_once() -> None:
    assert next_try_at(NOON, None, POLICY) == NOON


@given(st.lists(DELAYS, min_size=40, max_size=40))
def test_tries_grow_rarer_and_end(delays: list[timedelta]) -> None:
    """``delays`` are what guards add to each pause."""
    tries = [NOON]
    for delay in delays:
        tries.append(next_try_at(NOON, tries[-1], POLICY) + delay)

    in_time = [at for at in tries if at < owed_until(NOON, POLICY)]
    assert len(in_time) <= 15
    assert all(later - earlier >= POLICY.look_every for earlier, later in pairwise(tries))


@given(st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)))
def test_a_clock_that_was_set_brings_no_try_at_once(off: timedelta) -> None:
    assert next_try_at(NOON, NOON + off, POLICY) >= NOON + off + POLICY.look_every


@given(VALUES, VALUES, VALUES)
def test_what_stands_is_harmful_while_any_value_that_was_changed_is_as_a_remedy_set_it(
    config: dict[str, float], earlier: dict[str, float], sent: dict[str, float]
) -> None:
    as_sent = [name for name in NAMES if config[name] == sent[name] != earlier[name]]

    found = standing(config, earlier, [sent])

    assert (found is Standing.HARMFUL) == bool(as_sent)
    assert (found is Standing.EARLIER) == (config == earlier)


@given(VALUES, VALUES, st.sampled_from(NAMES))
def test_of_a_value_that_the_device_does_not_name_nothing_is_known(
    config: dict[str, float], earlier: dict[str, float], unnamed: str
) -> None:
    del config[unnamed]

    assert standing(config, earlier, [earlier]) is None


def test_what_a_later_remedy_has_set_was_set_by_nobody_else() -> None:
    assert standing({"fan_rpm": 3.0}, {"fan_rpm": 1.0}, [{"fan_rpm": 2.0}]) is Standing.ANOTHER
    assert standing({"fan_rpm": 3.0}, {"fan_rpm": 1.0}, [{"fan_rpm": 2.0}, {"fan_rpm": 3.0}]) is Standing.HARMFUL


def test_a_value_that_a_device_keeps_in_single_precision_is_the_same() -> None:
    assert standing({"setpoint_c": -4.099999904632568}, {"setpoint_c": -18.0}, [{"setpoint_c": -4.1}]) is (
        Standing.HARMFUL
    )
    assert standing({"mode": "eco"}, {"mode": "eco"}, [{"mode": "off"}]) is Standing.EARLIER
