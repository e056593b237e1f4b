"""How findings are held against the truth."""

from dataclasses import dataclass

import pytest

from agent.bench.closed_loop import Tally, Watcher, tally
from agent.health.findings import FindingKind

HOUR = 3600.0
END = 100 * HOUR


@dataclass(frozen=True, slots=True)
class Lived:
    fault: str = "fan_worn"
    kind: str = "visit"
    began_s: float = 10 * HOUR
    would_notice_s: float | None = None
    noticed_s: float | None = None
    ended_s: float | None = 20 * HOUR
    how: str | None = "by_itself"


def watcher(*at_h: float) -> Watcher:
    """Return what said something about one device at these hours, and called it normal all the time."""
    one = Watcher.of("river")
    one.found["a"] = [(at * HOUR, FindingKind.ONSET) for at in at_h]
    one.looked = [(minute * 600.0, "a", True) for minute in range(600)]
    return one


def test_a_finding_while_the_fault_is_there_finds_it() -> None:
    found = tally(watcher(13.0, 15.0), [("a", Lived())], 0.0, END).figures()

    assert found["found"] == 1.0
    assert found["median_hours_to_finding"] == pytest.approx(3.0)
    assert found["false_per_healthy_day"] == 0.0


def test_a_fault_nobody_found_goes_unnoticed_for_as_long_as_it_lasts() -> None:
    chronicle = [("a", Lived()), ("b", Lived(ended_s=None, began_s=40 * HOUR))]
    found = tally(watcher(13.0), chronicle, 0.0, END).figures()

    assert found["found"] == 0.5
    assert found["median_hours_to_finding"] == pytest.approx(3.0)
    assert found["mean_hours_unnoticed"] == pytest.approx((3.0 + 60.0) / 2)


def test_a_finding_while_nothing_is_the_matter_is_false() -> None:
    found = tally(watcher(5.0, 50.0), [("a", Lived())], 0.0, END).figures()

    assert found["found"] == 0.0
    assert found["false_per_healthy_day"] == pytest.approx(2 / found["healthy_days"])


def test_what_is_said_before_the_days_that_count_is_not_false() -> None:
    found = tally(watcher(5.0), [("a", Lived())], 8 * HOUR, END).figures()

    assert found["false_per_healthy_day"] == 0.0


def test_a_device_just_mended_is_neither_ill_nor_healthy() -> None:
    found = tally(watcher(22.0), [("a", Lived())], 0.0, END).figures()

    assert found["false_per_healthy_day"] == 0.0
    assert found["healthy_days"] == pytest.approx((100 - 16) / 24, abs=0.02)


def test_a_look_alike_is_no_fault_and_no_false_finding() -> None:
    found = tally(watcher(12.0), [("a", Lived(kind="benign"))], 0.0, END).figures()

    assert found["faults"] == 0
    assert found["false_per_healthy_day"] == 0.0


def test_fleets_are_counted_together_by_their_faults_and_days() -> None:
    both = Tally()
    both.add(tally(watcher(13.0), [("a", Lived())], 0.0, END))
    both.add(tally(watcher(5.0, 19.0), [("a", Lived())], 0.0, END))
    found = both.figures()

    assert (found["faults"], found["found"]) == (2, 1.0)
    assert found["median_hours_to_finding"] == pytest.approx((3.0 + 9.0) / 2)
    assert found["false_per_healthy_day"] == pytest.approx(1 / found["healthy_days"])
