import pytest

from agent.diagnose.diagnose import diagnose
from agent.diagnose.evidence import Evidence, Reading
from agent.diagnose.explain import certainty, say_reading
from agent.diagnose.playbook import Metric
from agent.diagnose.playbook_file import default_dir, read_playbooks
from agent.health.findings import Because
from tests.agent.diagnose.examples import NOON, seen, view

FROST = read_playbooks(default_dir())["frost-200"]
FAN = next(metric for metric in FROST.metrics if metric.name == "fan_rpm")


@pytest.mark.parametrize(
    ("reading", "metric", "says"),
    [
        (Reading("fan_rpm", -9, 2105.4, 2400.2), FAN, "the fan turns slower than usual (2,105 instead of 2,400 rpm)"),
        (Reading("fan_rpm", 9, 2500.0), FAN, "the fan turns faster than usual (2,500 rpm)"),
        (Reading("fan_rpm", 9), FAN, "the fan turns faster than usual"),
        (
            Reading("t", 4, -14.21, -18.13),
            Metric("t", "°C", "the temperature"),
            "the temperature is higher than usual (−14.2 instead of −18.1 °C)",
        ),
        (
            Reading("d", 4, 0.783, 0.52),
            Metric("d", "ratio", "the duty"),
            "the duty is higher than usual (78 instead of 52 %)",
        ),
        (
            Reading("a", -4, 0.02, 0.124),
            Metric("a", "A", "the current"),
            "the current is lower than usual (0.02 instead of 0.12 A)",
        ),
        (Reading("soot_ppm", 5, 3.0, 3.0), None, "soot ppm is higher than usual (3.0 instead of 3.0)"),
        (Reading("x", -5, -0.001, 4.0), Metric("x", "", "x"), "x is lower than usual (0 instead of 4.0)"),
        (Reading("x", 5, float("inf"), 4.0), Metric("x", "", "x"), "x is higher than usual"),
    ],
)
def test_a_deviation_is_said_with_figures_one_can_compare(reading: Reading, metric: Metric | None, says: str) -> None:
    assert say_reading(reading, metric) == says


def worn_fan() -> Evidence:
    return Evidence(
        view(
            (
                Because("fan_rpm", 0.5, -8.0, 1105.0, 1400.0),
                Because("fan_current_a", 0.5, 6.0, 0.181, 0.122),
                Because("cabinet_temp_c", 0.0, 0.4, -18.0, -18.1),
                Because("evaporator_temp_c", 0.0, 0.1, -26.0, -26.0),
                Because("ambient_temp_c", 0.0, 4.5, 24.0, 21.0),
            )
        ),
        (),
        ("E21",),
    )


def test_evidence_is_for_it_first_then_what_speaks_against_it() -> None:
    top = diagnose(worn_fan(), FROST).suspects[0]

    assert top.fault == "fan_bearing_wear"
    assert top.evidence == (
        "the fan draws more current than usual (0.181 instead of 0.122 A)",
        "the fan turns slower than usual (1,105 instead of 1,400 rpm)",
        "it reported E21 itself",
        "against it: the temperature inside is as usual",
        "unexplained: the room is warmer than usual (24.0 instead of 21.0 °C)",
    )


def test_the_explanation_is_one_sentence_with_the_fault_and_why() -> None:
    explanation = diagnose(worn_fan(), FROST).explanation

    assert explanation.startswith("Most likely a worn fan (99 %): the fan draws more current than usual")
    assert explanation.endswith(", and it reported E21 itself.")
    assert "against it" not in explanation


def test_a_close_second_is_named() -> None:
    between = seen({"fan_rpm": -6.0, "fan_current_a": 6.0, "evaporator_temp_c": -6.0, "cabinet_temp_c": 6.0})

    explanation = diagnose(between, FROST, {"fan_bearing_wear": 4.0}).explanation

    assert explanation.startswith("Perhaps ice inside the freezer (")
    assert "; it could also be a worn fan (" in explanation


def test_silence_and_too_little_evidence_are_said_plainly() -> None:
    assert diagnose(seen({"fan_rpm": 0.1}, silent_since=NOON), FROST).explanation == (
        "It has sent nothing since 2026-03-02 12:00 UTC, and did not say why."
    )
    assert diagnose(seen({"fan_rpm": 0.1}), FROST).explanation.startswith("There is too little to go on yet")


def test_no_word_of_a_device_reaches_the_page() -> None:
    hostile = seen({"fan_rpm": -6.0}, "<script>alert(1)</script>")

    diagnosis = diagnose(hostile, FROST)

    assert "script" not in diagnosis.explanation + "".join("".join(suspect.evidence) for suspect in diagnosis.suspects)


def test_figures_that_would_contradict_the_words_are_left_out() -> None:
    slower = say_reading(Reading("fan_rpm", -6.0, 2_500.0, 2_400.0), None)

    assert slower == "fan rpm is lower than usual"


@pytest.mark.parametrize(("probability", "said"), [(0.996, "99 %"), (0.994, "99 %"), (0.604, "60 %"), (0.0, "0 %")])
def test_no_diagnosis_is_said_to_be_certain(probability: float, said: str) -> None:
    assert certainty(probability) == said
