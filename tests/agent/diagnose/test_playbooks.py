"""The four playbooks that come with the product: complete, kind, and apart from each other."""

import re
from datetime import timedelta

import pytest

from agent.diagnose.playbook import Autonomy, FaultKind, Playbook
from agent.diagnose.playbook_file import default_dir, read_playbooks

PLAYBOOKS = read_playbooks(default_dir())
LANGUAGES = {"en", "de", "fr", "es"}
# Words staff may read and owners should not have to.
JARGON = re.compile(
    r"\b(evaporator|compressor|rpm|duty|sensor|firmware|inverter|rssi|anomal\w*|diagnos\w*)\b", re.IGNORECASE
)

each_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)


@each_playbook
def test_every_word_for_owners_is_there_in_four_languages(playbook: Playbook) -> None:
    assert {lang for lang, _ in playbook.called} == LANGUAGES
    for fault in playbook.faults:
        assert {words.lang for words in fault.words} == LANGUAGES, fault.name
        assert len({bool(words.advice) for words in fault.words}) == 1, f"{fault.name}: advice in some languages only"
    for remedy in playbook.remedies:
        assert {"en", *(lang for lang, _ in remedy.translations)} == LANGUAGES, remedy.name


@each_playbook
def test_words_for_owners_are_short_and_free_of_jargon(playbook: Playbook) -> None:
    for fault in playbook.faults:
        for words in fault.words:
            assert len(words.name) <= 40, words
            for text in (words.seen, words.noticeable, words.advice):
                assert len(text) <= 140, text
                assert not JARGON.search(text), text


@each_playbook
def test_a_new_playbook_only_suggests(playbook: Playbook) -> None:
    assert {remedy.autonomy for remedy in playbook.remedies} == {Autonomy.SUGGEST}


@each_playbook
def test_remedies_get_realistic_times(playbook: Playbook) -> None:
    for remedy in playbook.remedies:
        assert timedelta(minutes=5) <= remedy.settle <= timedelta(minutes=10)
        assert timedelta(minutes=20) <= remedy.verify_for <= timedelta(minutes=30)
        assert remedy.settle + remedy.verify_for < remedy.verify_within <= timedelta(days=1)
        assert remedy.answer_within == timedelta(minutes=5)


@each_playbook
def test_a_remedy_that_has_not_healed_leaves_half_of_the_time_for_what_comes_next(playbook: Playbook) -> None:
    for fault in playbook.faults:
        for name in fault.remedies:
            assert fault.time_left is not None
            assert playbook.remedy(name).verify_within <= fault.time_left / 2, name


@each_playbook
def test_a_recalibrated_sensor_is_one_the_product_has(playbook: Playbook) -> None:
    names = {metric.name for metric in playbook.metrics}

    sensors = [dict(remedy.args)["sensor"] for remedy in playbook.remedies if remedy.verb == "recalibrate"]

    assert sensors
    assert names.issuperset(sensors)


@each_playbook
def test_what_needs_somebody_or_soon_says_how_long_there_is(playbook: Playbook) -> None:
    assert all(fault.time_left for fault in playbook.faults if fault.kind is not FaultKind.BENIGN)


@each_playbook
def test_every_metric_can_be_said_both_ways(playbook: Playbook) -> None:
    for metric in playbook.metrics:
        if not metric.context:
            assert metric.higher, metric.name
            assert metric.lower, metric.name
