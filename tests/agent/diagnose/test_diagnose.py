from itertools import combinations
from math import inf, isclose, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.diagnose.diagnose import diagnose
from agent.diagnose.diagnosis import Diagnosis
from agent.diagnose.evidence import Evidence
from agent.diagnose.experience import UNKNOWN
from agent.diagnose.playbook import Fault, FaultKind, Playbook
from agent.diagnose.playbook_file import default_dir, read_playbooks
from tests.agent.diagnose.examples import NOON, finding, seen, signature, view

PLAYBOOKS = read_playbooks(default_dir())
FROST = PLAYBOOKS["frost-200"]
# Casts doubt on faults that begin alike, and is never sure itself.
ONLY_DOUBT = {"heavy_use"}
FAULTS = [
    (playbook, fault) for playbook in PLAYBOOKS.values() for fault in playbook.faults if fault.name not in ONLY_DOUBT
]

any_playbook = st.sampled_from(list(PLAYBOOKS.values()))
any_fault = pytest.mark.parametrize(
    ("playbook", "fault"), FAULTS, ids=[f"{playbook.product}-{fault.name}" for playbook, fault in FAULTS]
)


def usual(playbook: Playbook) -> dict[str, float]:
    return {metric.name: 0.3 for metric in playbook.metrics if not metric.context}


def chance(diagnosis: Diagnosis, fault: str) -> float:
    return next(suspect.probability for suspect in diagnosis.suspects if suspect.fault == fault)


@st.composite
def evidence(draw: st.DrawFn, playbook: Playbook) -> Evidence:
    names = [metric.name for metric in playbook.metrics] + ["of_no_playbook"]
    z = st.floats(-1000, 1000) | st.sampled_from([0.0, inf, -inf, nan])
    codes = [code for fault in playbook.faults for code in fault.codes] + ["E999"]
    return seen(
        draw(st.dictionaries(st.sampled_from(names), z)),
        *draw(st.lists(st.sampled_from(codes), max_size=3)),
        silent_since=draw(st.none() | st.just(NOON)),
    )


@given(st.data())
def test_probabilities_add_up_to_one_whatever_is_seen(data: st.DataObject) -> None:
    playbook = data.draw(any_playbook)

    diagnosis = diagnose(data.draw(evidence(playbook)), playbook)

    chances = [suspect.probability for suspect in diagnosis.suspects] + [diagnosis.unknown]
    assert isclose(sum(chances), 1.0, abs_tol=1e-9)
    assert all(0.0 <= value <= 1.0 for value in chances)
    assert sorted(suspect.fault for suspect in diagnosis.suspects) == sorted(fault.name for fault in playbook.faults)
    assert diagnosis.explanation.endswith(".")


@given(st.data())
def test_the_order_of_metrics_changes_nothing(data: st.DataObject) -> None:
    playbook = data.draw(any_playbook)
    some = data.draw(evidence(playbook))
    shuffled = Evidence(view(tuple(data.draw(st.permutations(some.view.now))), some.view.silent_since), (), some.codes)

    assert diagnose(some, playbook) == diagnose(shuffled, playbook)


@any_fault
def test_the_clean_signature_of_a_fault_names_it(playbook: Playbook, fault: Fault) -> None:
    diagnosis = diagnose(signature(fault, playbook), playbook)

    assert diagnosis.suspects[0].fault == fault.name
    assert diagnosis.suspects[0].probability >= 0.6
    assert diagnosis.time_left == fault.time_left
    assert diagnosis.suspects[0].evidence


@any_fault
def test_a_fault_that_is_very_plain_is_not_less_sure(playbook: Playbook, fault: Fault) -> None:
    diagnosis = diagnose(signature(fault, playbook, size=1000.0), playbook)

    assert diagnosis.suspects[0].fault == fault.name
    assert diagnosis.suspects[0].probability >= 0.6


@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)
def test_every_look_alike_is_kept_apart_from_every_fault(playbook: Playbook) -> None:
    for one, other in combinations(playbook.faults, 2):
        if FaultKind.BENIGN in {one.kind, other.kind} or FaultKind.OWNER in {one.kind, other.kind}:
            assert chance(diagnose(signature(one, playbook), playbook), other.name) < 0.2, (one.name, other.name)


@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)
def test_without_evidence_nothing_is_claimed(playbook: Playbook) -> None:
    assert diagnose(seen({}), playbook).unknown > diagnose(seen({}), playbook).suspects[0].probability
    assert diagnose(seen(usual(playbook)), playbook).unknown >= 0.6
    assert diagnose(seen(usual(playbook)), playbook).time_left is None


@given(st.data())
@settings(max_examples=50)
def test_ordinary_noise_is_never_a_fault_to_act_on(data: st.DataObject) -> None:
    playbook = data.draw(any_playbook)
    noise = {name: data.draw(st.floats(-1.5, 1.5)) for name in usual(playbook)}

    diagnosis = diagnose(seen(noise), playbook)

    assert diagnosis.suspects[0].probability < diagnosis.unknown


def test_a_wild_day_that_fits_nothing_stays_unknown() -> None:
    moves = usual(FROST) | {"compressor_current_a": 9.0, "fan_rpm": 9.0, "ambient_temp_c": -9.0, "door_open_s": -9.0}

    diagnosis = diagnose(seen(moves), FROST)

    assert diagnosis.unknown >= 0.6
    assert diagnosis.explanation.startswith("No known fault fits yet")


def test_a_heat_wave_explains_a_hard_working_freezer() -> None:
    working = usual(FROST) | {"compressor_duty": 6.0}
    hot = working | {"ambient_temp_c": 6.0}

    assert chance(diagnose(seen(hot), FROST), "heat_wave") > 0.8
    assert chance(diagnose(seen(hot), FROST), "refrigerant_leak") < 0.01
    assert chance(diagnose(seen(working), FROST), "heat_wave") < 0.6


def test_an_emptier_day_is_doubted_and_neither_mended_nor_dismissed() -> None:
    volt = PLAYBOOKS["volt-12"]
    emptier = seen(usual(volt) | {"soc_pct": -4.5, "pack_voltage_v": -3.0})

    diagnosis = diagnose(emptier, volt)

    assert diagnosis.suspects[0].probability < 0.6


def test_a_metric_that_goes_the_wrong_way_speaks_against_a_fault() -> None:
    leak = FROST.fault("refrigerant_leak")
    fits = {reading.metric: reading.z or 0.0 for reading in signature(leak, FROST).view.now}

    plain = chance(diagnose(seen(fits), FROST), "refrigerant_leak")
    contrary = chance(diagnose(seen(fits | {"evaporator_temp_c": -6.0}), FROST), "refrigerant_leak")

    assert contrary < plain / 2


def test_metrics_that_are_missing_are_left_out() -> None:
    diagnosis = diagnose(seen({"memory_free_kb": -6.0}), FROST)

    assert diagnosis.suspects[0].fault == "memory_leak"


def test_a_code_the_device_reports_decides_between_two() -> None:
    therm = PLAYBOOKS["therm-40"]
    slow = usual(therm) | {"flow_l_min": -6.0}

    without = diagnose(seen(slow), therm)
    with_code = diagnose(seen(slow, "E52"), therm)

    assert without.suspects[0].fault == "flow_sensor_drift"
    assert with_code.suspects[0].fault == "circulation_pump_wear"


def test_a_code_in_a_finding_counts_and_a_code_of_nobody_does_not() -> None:
    alike = Evidence(view(), (finding({}, code="E52"),))
    therm = PLAYBOOKS["therm-40"]

    assert diagnose(alike, therm) == diagnose(seen({}, "E52"), therm)
    assert diagnose(seen({}, "E999"), therm).suspects == diagnose(seen({}), therm).suspects


def test_silence_is_off_on_purpose_only_when_the_switch_said_so() -> None:
    silent = seen(usual(FROST), silent_since=NOON)
    switched = seen(usual(FROST), "power_off", silent_since=NOON)

    assert diagnose(silent, FROST).unknown > 0.5
    assert chance(diagnose(switched, FROST), "off_on_purpose") > 0.9


def test_a_finding_remembers_what_the_signal_no_longer_shows() -> None:
    passed = Evidence(seen(usual(FROST)).view, (finding({"memory_free_kb": -6.0}),))
    noise = Evidence(seen(usual(FROST)).view, (finding({"memory_free_kb": -6.0}, share=0.01),))

    assert diagnose(passed, FROST).suspects[0].fault == "memory_leak"
    assert diagnose(noise, FROST) == diagnose(seen(usual(FROST)), FROST)


def test_experience_enters_as_a_prior() -> None:
    some = seen(usual(FROST) | {"cabinet_temp_c": 3.0})

    base = diagnose(some, FROST)
    often = diagnose(some, FROST, {"temp_sensor_drift": 20.0})
    seldom = diagnose(some, FROST, {UNKNOWN: 400.0})

    assert chance(often, "temp_sensor_drift") > chance(base, "temp_sensor_drift")
    assert seldom.unknown > 0.95
