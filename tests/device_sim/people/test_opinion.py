import pytest

from device_sim.ailments import Ended, Lived
from device_sim.chance import seeded
from device_sim.faults import FaultKind
from device_sim.people.opinion import SCORES, WORDS, Ordeal, opinion, ordeal_of
from tests.device_sim.examples import owner

HEALED = Lived("memory_leak", FaultKind.HEALABLE, 0.0, ended_s=100.0, how=Ended.HEALED)
FELT = Lived("memory_leak", FaultKind.HEALABLE, 0.0, noticed_s=50.0, ended_s=100.0, how=Ended.HEALED)
GOES_ON = Lived("memory_leak", FaultKind.HEALABLE, 0.0, noticed_s=50.0)
UNKNOWN = Lived("memory_leak", FaultKind.HEALABLE, 0.0)


@pytest.mark.parametrize(
    ("lived", "messages", "ordeal"),
    [
        (HEALED, 1, Ordeal.UNNOTICED),
        (FELT, 1, Ordeal.NOTICED),
        (GOES_ON, 1, Ordeal.STILL_THERE),
        (UNKNOWN, 1, Ordeal.NOTHING),
        (None, 1, Ordeal.NOTHING),
        (HEALED, 6, Ordeal.PESTERED),
    ],
)
def test_an_ordeal_is_what_the_owner_lived_through(lived: Lived | None, messages: int, ordeal: Ordeal) -> None:
    assert ordeal_of(lived, messages, patience=5) is ordeal


def test_healed_before_noticed_is_rated_best_and_not_healed_worst() -> None:
    assert min(SCORES[Ordeal.UNNOTICED]) >= 4
    assert set(SCORES[Ordeal.NOTICED]) <= {3, 4}
    assert max(SCORES[Ordeal.STILL_THERE]) <= 2
    assert max(SCORES[Ordeal.PESTERED]) <= 2
    assert set(SCORES) == set(Ordeal)


def test_every_language_has_words_for_every_ordeal() -> None:
    assert all(set(words) == set(Ordeal) for words in WORDS.values())


def test_only_owners_who_comment_do() -> None:
    assert opinion(HEALED, 1, owner(), seeded("1")).comment == ""
    assert opinion(HEALED, 1, owner(comments=True), seeded("1")).comment == WORDS["de"][Ordeal.UNNOTICED]
