"""Findings in sentences."""

import pytest

from agent.desk.wording import finding_sentence, silence_sentence
from agent.health.findings import Because, FindingKind
from tests.builders import a_device, a_finding, a_playbook


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_of_finding_is_a_sentence(kind: FindingKind) -> None:
    sentence = finding_sentence(a_finding(kind=kind, code="E21", text="fan stalled"), a_playbook())

    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_a_finding_speaks_in_the_playbook_s_words_and_with_its_figures() -> None:
    sentence = finding_sentence(a_finding(), a_playbook())

    assert "the free memory is lower than usual" in sentence
    assert "9,000" in sentence


def test_without_a_playbook_the_metric_s_name_must_do() -> None:
    assert "memory free kb" in finding_sentence(a_finding(), None)


def test_what_hardly_matters_is_left_out() -> None:
    slight = Because("fan_rpm", 0.05, -0.4, 890.0, 900.0)
    finding = a_finding(because=(Because("memory_free_kb", 0.95, -9.0, 9.0, 48.0), slight))

    assert "fan" not in finding_sentence(finding, a_playbook())


def test_a_silence_says_whether_the_device_is_still_connected() -> None:
    silence = a_finding(kind=FindingKind.SILENCE, score=25.0)

    assert "still connected" in silence_sentence(silence, a_device(online=True))
    assert "connection is lost" in silence_sentence(silence, a_device(online=False))
