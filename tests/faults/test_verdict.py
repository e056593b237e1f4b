"""A verdict passes only on figures that reach their targets, and says so in one line."""

import json
from dataclasses import asdict

import pytest

from tests.faults.verdict import Verdict, place, table, verdict_from


def a_verdict(fault: str = "DEL-1") -> Verdict:
    return Verdict(fault, "agent killed", seed=7)


def test_a_figure_within_its_target_passes_and_is_told_with_it() -> None:
    verdict = a_verdict()
    verdict.measure("kills", 50)
    verdict.measure("lost", 0, most=0)

    verdict.hold()

    assert verdict.line() == "DEL-1      PASS  agent killed · seed 7 · kills 50 · lost 0 (at most 0)"


@pytest.mark.parametrize(("most", "least"), [(9.9, None), (None, 10.1)])
def test_a_figure_beyond_its_target_fails(most: float | None, least: float | None) -> None:
    verdict = a_verdict()
    verdict.measure("took", 10, "s", most=most, least=least)

    with pytest.raises(AssertionError, match="took 10 s"):
        verdict.hold()
    assert not verdict.passed


def test_a_fault_that_measured_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="nothing was measured"):
        a_verdict().hold()


def test_a_test_that_broke_off_fails_whatever_it_had_measured() -> None:
    verdict = a_verdict()
    verdict.measure("lost", 0, most=0)
    verdict.failure = "TimeoutError"

    assert not verdict.passed
    assert "failed: TimeoutError" in verdict.line()


def test_the_table_has_a_row_a_fault_in_the_order_people_count() -> None:
    verdicts = [a_verdict("DEL-10"), a_verdict("DEL-2"), a_verdict("DEL-2")]
    for verdict in verdicts:
        verdict.measure("lost", 0, most=0)
    verdicts[1].failure = "it broke"

    _, first, second = table(verdicts)

    assert first.startswith("DEL-2")
    assert "FAIL" in first
    assert "1/2" in first
    assert second.startswith("DEL-10")
    assert "PASS" in second


def test_an_id_without_a_number_has_its_place_too() -> None:
    assert sorted(["SYS-1", "REPLAY-1M", "DEL-10", "DEL-9"], key=place) == ["DEL-9", "DEL-10", "REPLAY-1M", "SYS-1"]


def test_a_verdict_goes_through_a_mapping_as_it_is() -> None:
    verdict = Verdict("DEL-1", "killed", seed=3, notes=["less"], failure="broke off")
    verdict.measure("lost", 0, "messages", most=0)
    assert verdict_from(json.loads(json.dumps(asdict(verdict)))) == verdict
