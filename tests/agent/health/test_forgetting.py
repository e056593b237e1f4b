"""A device that is to be forgotten: afterwards nothing tells it from one that was never there."""

import numpy as np
import pytest

from agent.health.fleet import Fleet
from agent.health.marks import Mark
from agent.health.models import KINDS
from agent.listen.own_records import mark
from agent.listen.pipeline import Pipeline
from tests.agent.listen.messages import MINUTE_MS, START_MS, birth, days_of, entries


def fed(kind: str, *, forget: bool) -> Pipeline:
    pipeline = Pipeline(Fleet(choice=lambda _product: kind))
    records = [birth("a"), *days_of("a", 600), birth("b"), *days_of("b", 600)]
    pipeline.take(entries(records))
    if forget:
        pipeline.take(entries([mark(START_MS + 700 * MINUTE_MS, "a", Mark.FORGET)], pipeline.next_offset))
    return pipeline


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_of_a_forgotten_device_is_left_and_the_others_are_as_they_were(kind: str) -> None:
    whole, without = fed(kind, forget=False), fed(kind, forget=True)

    assert whole.fleet.view("a") is not None
    assert without.fleet.view("a") is None
    assert len(without.fleet.recent("a").at_s) == 0
    assert np.array_equal(whole.fleet.recent("b").values, without.fleet.recent("b").values, equal_nan=True)
    assert whole.fleet.view("b") == without.fleet.view("b")
    assert len(without.snapshot()) < len(whole.snapshot())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_forgotten_device_that_speaks_again_starts_anew_and_survives_a_snapshot(kind: str) -> None:
    pipeline = fed(kind, forget=True)
    pipeline.take(entries([birth("a", boot="b2"), *days_of("a", 603)[600:]], pipeline.next_offset))

    restored = Pipeline.restore(pipeline.snapshot(), Fleet(choice=lambda _product: kind))

    view = pipeline.fleet.view("a")
    assert view is not None
    assert view.warming
    assert restored.fleet.view("a") == view
    assert restored.snapshot() == pipeline.snapshot()


def test_what_is_asked_reaches_the_journal_once() -> None:
    fleet = Fleet()

    fleet.ask("a", Mark.FORGET)

    assert fleet.take_asked() == [("a", Mark.FORGET)]
    assert fleet.take_asked() == []
