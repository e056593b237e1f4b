"""What has been changing slowly counts from nothing at the very record that says so, however the journal is cut."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.findings import Finding, FindingKind
from agent.health.fleet import Fleet
from agent.health.fleet_model import KIND
from agent.health.marks import Asked, Mark
from agent.health.models import KINDS
from agent.listen.facts import Fact
from agent.listen.own_records import mark, tick
from agent.listen.pipeline import Pipeline
from agent.store.segment import Record
from tests.agent.listen.messages import MINUTE_MS, START_MS, birth, entries, record, sample

STEP_MS = 10 * MINUTE_MS
WEARS_FROM = 4 * 144
MARKED = WEARS_FROM + 146
STEPS = MARKED + 30
ANEW = mark(START_MS + MARKED * STEP_MS + 1, "d0", Mark.ANEW)


def life() -> list[Record]:
    """Five days and more of two devices; a metric of the first moves slowly from the fifth day on."""
    chance = Random(7)
    said = [birth("d0"), birth("d1")]
    for step in range(STEPS):
        at_ms = START_MS + step * STEP_MS
        for place in range(2):
            moved = min(max(step - WEARS_FROM, 0) / 48, 1.0) if place == 0 else 0.0
            m = {f"m{n}": chance.gauss(5, 1) for n in range(4)} | {"temp_c": chance.gauss(-18, 0.5) + 1.3 * moved}
            said.append(
                record(f"d{place}", "telemetry", {"v": 1, "boot": "b1", "seq": step, "ts": at_ms, "m": m}, at_ms)
            )
        said.append(tick(at_ms))
    return said


UNMARKED = sorted(life(), key=lambda one: one.arrival_ms)
MARKED_LIFE = sorted([*UNMARKED, ANEW], key=lambda one: one.arrival_ms)
WHERE = MARKED_LIFE.index(ANEW)


def through(records: list[Record], cuts: list[int]) -> tuple[Pipeline, list[Fact]]:
    pipeline = Pipeline(Fleet(choice=lambda _product: KIND, recent_rows=200))
    numbered = entries(records)
    facts = [
        fact
        for start, stop in pairwise([0, *sorted(set(cuts)), len(numbered)])
        for fact in pipeline.take(numbered[start:stop]).facts
    ]
    return pipeline, facts


def drifts(facts: list[Fact]) -> list[int]:
    """Return the offsets of the findings of wear."""
    return [fact.offset for fact in facts if isinstance(fact.body, Finding) and fact.body.kind is FindingKind.DRIFT]


@pytest.fixture(scope="module")
def whole() -> tuple[Pipeline, list[Fact]]:
    return through(MARKED_LIFE, [WHERE, WHERE + 1])


def test_wear_that_was_told_before_the_mark_is_told_and_then_it_begins_anew(
    whole: tuple[Pipeline, list[Fact]],
) -> None:
    marked, facts = whole
    unmarked, _ = through(UNMARKED, [])

    assert any(offset < WHERE for offset in drifts(facts))
    views = [pipeline.fleet.view("d0") for pipeline in (marked, unmarked)]
    worn = [{one.metric: abs(one.z) for one in view.worn}["temp_c"] for view in views if view is not None]
    assert worn[0] < worn[1] / 2
    assert [view.drift >= 1.0 for view in views if view is not None] == [False, True]


def test_wear_is_told_without_the_short_run_and_stands_until_the_newest_samples_are_back() -> None:
    pipeline, facts = through(UNMARKED, [])
    told = [fact.body for fact in facts if isinstance(fact.body, Finding) and fact.body.kind is FindingKind.DRIFT]

    assert {because.z for finding in told for because in finding.because} == {None}
    view = pipeline.fleet.view("d0")
    assert view is not None
    (worn,) = (one for one in view.worn if one.metric == "temp_c")
    assert worn.shift > 0
    assert worn.usual is not None
    assert worn.lately == pytest.approx(pipeline.fleet.recent("d0", ["temp_c"]).values[-20:].mean(), rel=1e-5)
    assert worn.stands
    back = [sample("d0", STEPS + n, START_MS + (STEPS + n) * STEP_MS, temp_c=-18.0, m0=5.0) for n in range(20)]
    pipeline.take(entries(back, first=len(UNMARKED)))
    view = pipeline.fleet.view("d0")
    assert view is not None
    assert not next(one for one in view.worn if one.metric == "temp_c").stands


@settings(max_examples=12, deadline=None)
@given(
    cuts=st.lists(st.integers(1, len(MARKED_LIFE) - 1), max_size=4)
    | st.lists(st.integers(WHERE - 12, WHERE + 12), max_size=3)
)
def test_how_the_journal_is_cut_around_the_mark_changes_no_byte_and_no_fact(
    whole: tuple[Pipeline, list[Fact]], cuts: list[int]
) -> None:
    pipeline, facts = through(MARKED_LIFE, cuts)

    assert facts == whole[1]
    assert pipeline.snapshot() == whole[0].snapshot()


def test_a_mark_on_a_device_nobody_heard_of_changes_nothing() -> None:
    pipeline, facts = through([birth("d0"), mark(START_MS, "stranger", Mark.ANEW)], [])

    assert len(facts) == 1
    assert pipeline.fleet.view("stranger") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_on_a_device_that_has_not_said_a_sample_changes_nothing(kind: str) -> None:
    pipeline = Pipeline(Fleet(choice=lambda _product: kind))

    pipeline.take(entries([birth("d0"), mark(START_MS, "d0", Mark.ANEW)]))

    view = pipeline.fleet.view("d0")
    assert view is not None
    assert view.worn == ()


def test_beginning_anew_is_asked_for_beside_the_last_word_about_learning() -> None:
    asked = Asked()

    for one in (Mark.QUIET, Mark.ANEW, Mark.TEACH, Mark.ANEW):
        asked.ask("d1", one)
    asked.ask("d0", Mark.ANEW)

    assert not asked.quiets("d1", learns=False)
    assert asked.take() == [("d1", Mark.TEACH), ("d0", Mark.ANEW), ("d1", Mark.ANEW)]
    assert asked.take() == []
