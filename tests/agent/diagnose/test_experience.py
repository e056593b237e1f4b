"""How far confirmed cases move a diagnosis."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.diagnose.experience import (
    EVERY_CASE,
    NO_LESSON,
    UNKNOWN,
    Lesson,
    added,
    at_age,
    cases_sentence,
    experienced,
    kept_careful,
    playbook_weights,
)
from agent.diagnose.learned import first_look, spoken, with_experience
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.diagnose.shadows import RiverLearner, logistic
from agent.diagnose.signature_table import Tally
from agent.diagnose.signs import Signs
from tests.agent.diagnose.examples import seen

FROST = read_playbooks(default_dir())["frost-200"]
VOLT = read_playbooks(default_dir())["volt-12"]
FAULTS = (*(fault.name for fault in FROST.faults), UNKNOWN)
QUIET = {metric.name: 0.3 for metric in VOLT.metrics if not metric.context}
UNEVEN, ELSEWHERE = QUIET | {"cell_delta_mv": 4.0}, QUIET | {"wifi_rssi_dbm": -9.0}
EMPTY_AT_NOON = QUIET | {"soc_pct": -6.0, "pack_voltage_v": -6.0, "pack_current_a": -6.0}
WORN_FAN = {"fan_rpm": -6.0, "fan_current_a": 5.0}
SIGNATURES = ("fan_rpm down", "cabinet_temp_c up", "cabinet_temp_c up+fan_rpm down")

Counted = dict[tuple[str, str], Tally]


def counted(lessons: Sequence[tuple[Lesson, Signs, int]]) -> Counted:
    counts: Counted = {}
    for lesson, signs, times in lessons:
        for key, change in added(lesson, signs, FAULTS).items():
            before = counts.get(key, Tally())
            counts[key] = Tally(before.seen + times * change.seen, before.followed + times * change.followed)
    return counts


def showing(together: str) -> Signs:
    parts = together.split("+")
    return Signs(parts[0], frozenset(parts), 12)


def chances_with(counts: Mapping[tuple[str, str], Tally], signs: Signs, own: Mapping[str, float]) -> dict[str, float]:
    return experienced(own, signs, counts, playbook_weights(FROST), ())


EVENLY = dict.fromkeys(FAULTS, 1.0 / len(FAULTS))
lessons = st.lists(
    st.tuples(
        st.one_of(
            st.builds(Lesson, st.sampled_from(FAULTS)),
            st.builds(Lesson, st.none(), st.frozensets(st.sampled_from(FAULTS), max_size=2)),
        ),
        st.sampled_from(SIGNATURES).map(showing),
        st.just(1),
    ),
    max_size=30,
)
own_chances = st.lists(st.floats(1e-6, 1.0), min_size=len(FAULTS), max_size=len(FAULTS)).map(
    lambda raw: {fault: chance / sum(raw) for fault, chance in zip(FAULTS, raw, strict=True)}
)


@given(taught=lessons, own=own_chances, at=st.sampled_from(SIGNATURES))
def test_chances_add_up_to_one_whatever_was_learned(
    taught: list[tuple[Lesson, Signs, int]], own: dict[str, float], at: str
) -> None:
    chances = experienced(own, showing(at), counted(taught), playbook_weights(FROST), ("refrigerant_leak",))

    assert sum(chances.values()) == pytest.approx(1.0)
    assert all(chance >= 0.0 for chance in chances.values())


@given(taught=lessons, order=st.randoms(use_true_random=False))
def test_the_order_in_which_labels_arrive_does_not_matter(
    taught: list[tuple[Lesson, Signs, int]], order: Random
) -> None:
    shuffled = list(taught)
    order.shuffle(shuffled)

    assert counted(shuffled) == counted(taught)


@given(taught=lessons, better=st.sampled_from(FAULTS))
def test_a_better_label_takes_exactly_back_what_the_first_one_added(
    taught: list[tuple[Lesson, Signs, int]], better: str
) -> None:
    signs = showing(SIGNATURES[0])
    corrected = [*taught, (Lesson("memory_leak"), signs, 1), (Lesson("memory_leak"), signs, -1)]

    counts = counted([*corrected, (Lesson(better), signs, 1)])

    assert all(0 <= tally.followed <= tally.seen for tally in counts.values())
    plain = counted([*taught, (Lesson(better), signs, 1)])
    assert {key: tally for key, tally in counts.items() if tally.seen} == plain


def test_without_cases_the_diagnosis_is_exactly_the_playbooks() -> None:
    first = first_look(seen(WORN_FAN), FROST, 12)

    assert with_experience(first, seen(WORN_FAN), FROST, {}) == first


@settings(max_examples=30)
@given(n=st.integers(1, 30))
def test_each_case_more_moves_the_diagnosis_further_towards_it(n: int) -> None:
    signs = showing(SIGNATURES[0])

    chances = [
        chances_with(counted([(Lesson("heat_wave"), signs, 1)] * k), signs, EVENLY)["heat_wave"] for k in range(n + 1)
    ]

    assert all(less < more for less, more in pairwise(chances))


def test_the_shadow_is_heard_only_on_what_something_speaks_for() -> None:
    shadow = RiverLearner(logistic)
    for place in range(12):  # of a wireless signal it has never heard
        shadow.learn(first_look(seen(UNEVEN), VOLT, place).signs, ["cells_unbalanced"])
        shadow.learn(first_look(seen(EMPTY_AT_NOON), VOLT, place).signs, ["charge_limit_corrupted"])
    router, uneven = (first_look(seen(moves), VOLT, 12) for moves in (ELSEWHERE, UNEVEN))
    likeliest = {chance.fault: chance.probability for chance in shadow.predict(router.signs)}
    assert likeliest["cells_unbalanced"] > 0.2  # it knows no better

    unheard = spoken(router.own, router.signs, VOLT, {}, shadow)
    assert unheard == pytest.approx(router.own)
    heard = spoken(uneven.own, uneven.signs, VOLT, {}, shadow)
    assert heard["cells_unbalanced"] > uneven.own["cells_unbalanced"]
    once = {("cells_unbalanced", router.signs.together): Tally(1, 1)}
    assert spoken(router.own, router.signs, VOLT, once, shadow)["cells_unbalanced"] > 0.2


def test_one_case_does_not_overrule_the_playbook_and_a_dozen_do() -> None:
    own = dict.fromkeys(FAULTS, 0.01) | {"fan_bearing_wear": 0.9 - 0.01 * (len(FAULTS) - 2)}
    signs = showing("fan_rpm down")

    once = chances_with(counted([(Lesson("evaporator_iced"), signs, 1)]), signs, own)
    often = chances_with(counted([(Lesson("evaporator_iced"), signs, 1)] * 12), signs, own)

    assert max(once, key=once.__getitem__) == "fan_bearing_wear"
    assert max(often, key=often.__getitem__) == "evaporator_iced"
    assert often["evaporator_iced"] > 0.6


def test_what_was_ruled_out_becomes_less_likely_and_nothing_else_is_said_to_have_been_it() -> None:
    signs = showing("fan_rpm down")

    counts = counted([(Lesson(ruled_out=frozenset({"evaporator_iced"})), signs, 1)] * 3)

    assert chances_with(counts, signs, EVENLY)["evaporator_iced"] < EVENLY["evaporator_iced"]
    assert sum(tally.followed for tally in counts.values()) == 0
    assert not any(signature == EVERY_CASE for _, signature in counts)


@given(sure=st.floats(0.5, 1.0), n=st.integers(1, 200))
def test_cases_that_were_not_it_speak_against_a_lone_suspect_whatever_it_was_instead(sure: float, n: int) -> None:
    own = dict.fromkeys(FAULTS, (1.0 - sure) / (len(FAULTS) - 1)) | {"evaporator_iced": sure}
    signs, healed_by_command = showing("fan_rpm down"), frozenset({"evaporator_iced", "controller_hung"})

    passed = chances_with(counted([(Lesson(ruled_out=healed_by_command), signs, n)]), signs, own)
    nothing = chances_with(counted([(Lesson(ruled_out=frozenset(FAULTS) - {UNKNOWN}), signs, n)]), signs, own)

    assert passed["evaporator_iced"] == pytest.approx(sure * 4.0 / (4.0 + n))
    assert nothing["evaporator_iced"] == pytest.approx(sure * 4.0 / (4.0 + n))
    assert nothing[UNKNOWN] >= n / (4.0 + n) - 1e-9


def test_cases_with_the_same_signs_that_passed_speak_against_the_shadow_too() -> None:
    shadow = RiverLearner(logistic)
    uneven = first_look(seen(UNEVEN), VOLT, 12)
    for hour in range(12):
        shadow.learn(first_look(seen(UNEVEN), VOLT, hour).signs, ["cells_unbalanced"])
    alike = ("cells_unbalanced", uneven.signs.together)

    alone = spoken(uneven.own, uneven.signs, VOLT, {}, shadow)["cells_unbalanced"]
    passed = spoken(uneven.own, uneven.signs, VOLT, {alike: Tally(100, 12)}, shadow)["cells_unbalanced"]

    assert alone > 0.6
    assert passed == pytest.approx((4.0 * alone + 12) / 104, abs=0.01)


def test_experience_never_makes_what_might_hurt_somebody_less_likely() -> None:
    evidence = seen({"cell_delta_mv": 6.0, "pack_temp_c": 5.0})
    first = first_look(evidence, VOLT, 12)
    names = (*(fault.name for fault in VOLT.faults), UNKNOWN)
    cases = {
        key: Tally(50, 50 * change.followed)
        for key, change in added(Lesson("cells_unbalanced"), first.signs, names).items()
    }

    after = with_experience(first, evidence, VOLT, cases).diagnosis

    dying = {suspect.fault: suspect.probability for suspect in after.suspects}["dying_cell"]
    assert dying >= first.own["dying_cell"] - 1e-9
    assert first.own["dying_cell"] > 0.3


def test_of_two_faults_that_might_hurt_somebody_neither_pushes_the_other_under_the_playbooks_word() -> None:
    own = {"dying_cell": 0.5, "gas_leak": 0.05, UNKNOWN: 0.45}

    kept = kept_careful({"dying_cell": 0.1, "gas_leak": 0.06, UNKNOWN: 0.84}, own, ("dying_cell", "gas_leak"))

    assert kept == pytest.approx(own)


def test_the_cases_behind_a_diagnosis_are_said_in_words() -> None:
    evidence = seen(WORN_FAN)
    first = first_look(evidence, FROST, 12)
    counts = counted(
        [(Lesson("fan_bearing_wear"), first.signs, 1)] * 7 + [(Lesson("evaporator_iced"), first.signs, 1)] * 2
    )

    said = with_experience(first, evidence, FROST, counts).diagnosis.explanation

    assert said.endswith("In 7 of 9 earlier cases like this on frost-200 it was a worn fan.")


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(), ""),
        (Tally(1, 1), "In the one earlier case like this on frost-200 it was a worn fan."),
        (Tally(1, 0), "In the one earlier case like this on frost-200 it was not a worn fan."),
        (Tally(4, 0), "In none of 4 earlier cases like this on frost-200 was it a worn fan."),
        (Tally(2, 2), "In 2 of 2 earlier cases like this on frost-200 it was a worn fan."),
    ],
)
def test_few_cases_and_none_have_their_own_words(tally: Tally, words: str) -> None:
    signs = showing("fan_rpm down")

    assert cases_sentence("fan_bearing_wear", FROST, signs, {("fan_bearing_wear", signs.together): tally}) == words


def test_no_lesson_adds_nothing() -> None:
    assert added(NO_LESSON, showing("fan_rpm down"), FAULTS) == {}


def test_what_passed_speaks_only_against_what_has_not_lasted_longer() -> None:
    warm, ruled_out = showing("cabinet_temp_c up"), Lesson(ruled_out=frozenset({"temp_sensor_drift"}))
    evening, fault = timedelta(hours=2), ("temp_sensor_drift",)

    passed = added(ruled_out, warm, fault, evening)
    failed = added(ruled_out, warm, fault)

    def cases(counts: Mapping[tuple[str, str], Tally], hours: float) -> int:
        return counts.get(("temp_sensor_drift", at_age(warm.together, timedelta(hours=hours))), Tally()).seen

    assert [cases(passed, hours) for hours in (0.0, 0.9, 1.0, 3.9, 4.0, 30.0)] == [1, 1, 1, 1, 0, 0]
    assert [cases(failed, hours) for hours in (0.0, 0.9, 1.0, 3.9, 4.0, 30.0)] == [1] * 6


def test_a_confirmed_fault_is_a_case_at_every_age() -> None:
    warm = showing("cabinet_temp_c up")
    counts = added(Lesson("temp_sensor_drift"), warm, FAULTS)

    for hours in (0, 2, 5, 100):
        signature = at_age(warm.together, timedelta(hours=hours))
        assert counts["temp_sensor_drift", signature] == Tally(1, 1)
        assert counts["door_left_open", signature] == Tally(1, 0)
