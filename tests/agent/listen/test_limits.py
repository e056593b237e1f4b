"""What is granted one device, and when its clock is believed: a lag of hours, and 128 metrics."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.fleet import Fleet
from agent.listen.device_clock import LATE_MS, WATCH_MS, Lag
from agent.listen.facts import ClockJudged, Quarantined
from agent.listen.pipeline import Pipeline
from agent.store.segment import Record
from broker.limits import MAX_METRICS
from tests.agent.listen.messages import MINUTE_MS, START_MS, batches, entries, record, sample

HOUR_MS = 60 * MINUTE_MS


def late(seq: int, behind_ms: int, arrival_ms: int, device: str = "d0") -> Record:
    """A sample that says it was taken so long before it came."""
    return sample(device, seq, arrival_ms - behind_ms)._replace(arrival_ms=arrival_ms)


def instants(pipeline: Pipeline, device: str = "d0") -> list[float]:
    return [float(at_s) for at_s in pipeline.fleet.recent(device).at_s]


def judged(pipeline: Pipeline, records: Sequence[Record], size: int) -> list[tuple[int, bool]]:
    """Take records in batches; return the offset and the judgement each time the clock was judged anew."""
    return [
        (fact.offset, fact.body.has_clock)
        for batch in batches(records, size)
        for fact in pipeline.take(batch).facts
        if isinstance(fact.body, ClockJudged)
    ]


@pytest.mark.parametrize("size", [1, 7, 500])
@pytest.mark.parametrize("behind_ms", [3 * MINUTE_MS, 3 * HOUR_MS, 300 * 24 * HOUR_MS])
def test_a_clock_hours_behind_is_noticed_after_an_hour_and_arrival_counts_from_then_on(
    size: int, behind_ms: int
) -> None:
    pipeline = Pipeline(Fleet(recent_rows=500))
    live = [late(minute, behind_ms, START_MS + minute * MINUTE_MS) for minute in range(120)]

    told = judged(pipeline, live, size)

    assert [has_clock for _, has_clock in told] == [False]
    if size == 1:
        assert told[0][0] == 60
    arrived = [one.arrival_ms / 1000 for one in live]
    assert instants(pipeline) == [at_s - behind_ms / 1000 for at_s in arrived[:60]] + arrived[60:]


def test_one_young_sample_clears_a_clock_at_once() -> None:
    pipeline = Pipeline(Fleet(recent_rows=500))
    live = [late(minute, 3 * HOUR_MS, START_MS + minute * MINUTE_MS) for minute in range(70)]
    right = [late(minute, 0, START_MS + minute * MINUTE_MS) for minute in range(70, 73)]

    told = judged(pipeline, [*live, *right], 1)

    assert told == [(60, False), (70, True)]
    assert instants(pipeline)[-3:] == [one.arrival_ms / 1000 for one in right]


def test_a_backlog_that_catches_up_within_the_hour_keeps_its_own_time() -> None:
    pipeline = Pipeline(Fleet(recent_rows=500))
    taken_ms = [START_MS + minute * MINUTE_MS for minute in range(300)]
    arrival_ms = taken_ms[-1] + 30 * MINUTE_MS  # five hours of it come within half an hour, then it is live
    backlog = [
        sample("d0", seq, at_ms)._replace(arrival_ms=arrival_ms + seq * 100) for seq, at_ms in enumerate(taken_ms)
    ]
    live = [late(300 + minute, 0, arrival_ms + 30_000 + minute * MINUTE_MS) for minute in range(90)]

    told = judged(pipeline, [*backlog, *live], 50)

    assert told == []
    assert instants(pipeline) == [at_ms / 1000 for at_ms in taken_ms] + [one.arrival_ms / 1000 for one in live]


def test_a_clock_that_is_behind_is_nobody_elses() -> None:
    pipeline = Pipeline(Fleet(recent_rows=500))
    both = [
        late(minute, behind_ms, START_MS + minute * MINUTE_MS, device)
        for minute in range(90)
        for device, behind_ms in (("d0", 3 * HOUR_MS), ("d1", 0))
    ]

    told = [fact for batch in batches(both, 20) for fact in pipeline.take(batch).facts]

    assert {fact.device_id for fact in told if isinstance(fact.body, ClockJudged)} == {"d0"}
    assert instants(pipeline, "d1") == [one.arrival_ms / 1000 for one in both[1::2]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20 * MINUTE_MS), st.integers(0, 10 * HOUR_MS)), min_size=1, max_size=60))
def test_a_clock_is_called_behind_only_after_an_hour_without_one_young_sample(steps: list[tuple[int, int]]) -> None:
    lag, arrival_ms = Lag(), START_MS
    arrivals: list[tuple[int, int]] = []
    for passed_ms, lag_ms in steps:
        arrival_ms += passed_ms
        before = lag.behind
        arrivals.append((arrival_ms, lag_ms))
        lag.take(arrival_ms - lag_ms, arrival_ms)

        if lag_ms <= LATE_MS:
            assert not lag.behind
        if lag.behind and not before:
            hour = [one for at_ms, one in arrivals if at_ms > arrival_ms - WATCH_MS]
            assert min(hour) > LATE_MS


def many(device: str, seq: int, names: Sequence[str], at_ms: int) -> Record:
    return record(
        device, "telemetry", {"v": 1, "boot": "b1", "seq": seq, "ts": at_ms, "m": dict.fromkeys(names, 1.0)}, at_ms
    )


def test_a_device_that_names_more_than_128_metrics_over_several_messages_is_refused_from_there_on() -> None:
    pipeline = Pipeline(Fleet(recent_rows=500))
    names = [f"m{number}" for number in range(MAX_METRICS + 2)]
    said = [
        many("d0", 0, names[:100], START_MS),
        many("d0", 1, names[100:MAX_METRICS], START_MS + 1_000),
        many("d0", 2, names[MAX_METRICS - 1 : MAX_METRICS + 1], START_MS + 2_000),  # one of them is new
        many("d1", 0, names[-2:], START_MS + 2_000),
        many("d0", 2, names[:2], START_MS + 3_000),
    ]

    taken = pipeline.take(entries(said))

    assert [(fact.offset, fact.device_id, fact.body) for fact in taken.facts] == [
        (2, "d0", Quarantined("too_many_metrics", said[2].payload.decode(), 1))
    ]
    assert (taken.counts.samples, taken.counts.quarantined, taken.counts.missed) == (4, 1, 0)
    assert instants(pipeline) == [START_MS / 1000, START_MS / 1000 + 1, START_MS / 1000 + 3]
    assert instants(pipeline, "d1") == [START_MS / 1000 + 2]


def test_words_count_as_metrics_too() -> None:
    pipeline = Pipeline(Fleet())
    numbers = many("d0", 0, [f"m{number}" for number in range(MAX_METRICS)], START_MS)
    worded = {"v": 1, "boot": "b1", "seq": 1, "ts": START_MS + 1, "m": {"m0": 1.0, "mode": "eco"}}

    taken = pipeline.take(entries([numbers, record("d0", "telemetry", worded, START_MS + 1)]))

    assert [fact.body for fact in taken.facts] == [Quarantined("too_many_metrics", json.dumps(worded), 1)]


def test_what_a_device_named_is_remembered_over_a_restart() -> None:
    pipeline = Pipeline(Fleet())
    names = [f"m{number}" for number in range(MAX_METRICS)]
    pipeline.take(entries([many("d0", 0, names, START_MS)]))

    again = Pipeline.restore(pipeline.snapshot(), Fleet())
    taken = again.take(entries([many("d0", 1, ["another"], START_MS + 1), many("d0", 1, names, START_MS + 2)], 1))

    assert (taken.counts.quarantined, taken.counts.samples) == (1, 1)
