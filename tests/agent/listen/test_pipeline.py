from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.errors import SnapshotError
from agent.health.findings import Finding, FindingKind
from agent.health.fleet import Fleet
from agent.health.marks import Mark
from agent.health.models import KINDS, river
from agent.health.river_model import Patience
from agent.listen.facts import ClockJudged, Fact, Gap, Quarantined
from agent.listen.own_records import mark, tick
from agent.listen.pipeline import Pipeline
from agent.store.segment import Record
from broker.messages import Birth, Event, Feedback, Presence, Result, Status
from tests.agent.listen.messages import (
    MINUTE_MS,
    START_MS,
    batches,
    birth,
    days_of,
    entries,
    event,
    record,
    sample,
)


def fleet() -> Fleet:
    return Fleet(kinds=dict(KINDS) | {"river": river(Patience(span_s=3_600.0, samples=30))})


def facts_of(*records: Record, pipeline: Pipeline | None = None) -> list[Fact]:
    return list((pipeline or Pipeline(fleet())).take(entries(records)).facts)


def bodies(*records: Record) -> list[object]:
    return [fact.body for fact in facts_of(*records)]


def test_what_devices_say_becomes_facts_in_order_with_their_offsets() -> None:
    said = [
        birth("d1"),
        record("d1", "status", b"online", START_MS),
        event("d1", 0, "E17"),
        record("d1", "result", {"v": 1, "id": "c1", "status": "succeeded"}, START_MS),
        record("d1", "feedback", {"v": 1, "ticket": "T-1", "score": 5}, START_MS),
    ]

    facts = facts_of(*said)

    assert [type(fact.body) for fact in facts] == [Birth, Status, Event, Result, Feedback]
    assert [fact.offset for fact in facts] == [0, 1, 2, 3, 4]
    assert {fact.device_id for fact in facts} == {"d1"}
    assert facts[0].at == datetime.fromtimestamp(START_MS / 1000, UTC)


def test_a_birth_or_status_that_the_broker_repeats_is_told_once() -> None:
    online, offline = record("d1", "status", b"online", START_MS), record("d1", "status", b"offline", START_MS)

    told = bodies(birth("d1"), online, birth("d1"), online, offline, offline, online, birth("d1", boot="b2"))

    assert [body.presence if isinstance(body, Status) else type(body) for body in told] == [
        Birth,
        Presence.ONLINE,
        Presence.OFFLINE,
        Presence.ONLINE,
        Birth,
    ]


def test_a_repeated_sample_changes_nothing() -> None:
    once, twice = Pipeline(fleet()), Pipeline(fleet())
    first, second = sample("d1", 0), sample("d1", 1)

    once.take(entries([first, second]))
    counts = twice.take(entries([first, second, first, second, second])).counts

    assert counts.duplicates == 3
    assert once.fleet.recent("d1").values.tobytes() == twice.fleet.recent("d1").values.tobytes()


def test_a_repeated_event_is_told_once() -> None:
    assert len(bodies(event("d1", 3, "E17"), event("d1", 3, "E17"))) == 1


def test_missed_messages_are_counted_once_a_device_and_batch_and_mark_it_incomplete() -> None:
    pipeline = Pipeline(fleet())

    facts = facts_of(sample("d1", 0), sample("d1", 3), sample("d1", 5), sample("d2", 7), pipeline=pipeline)

    assert [(fact.device_id, fact.offset, fact.body) for fact in facts] == [("d1", 2, Gap(3))]
    view = pipeline.fleet.view("d1")
    assert view is not None
    assert view.incomplete_since is not None


def test_a_gap_is_outlived_after_half_an_hour_without_another() -> None:
    pipeline = Pipeline(fleet())
    pipeline.take(entries([sample("d1", 0), *(sample("d1", minute) for minute in range(2, 40))]))

    view = pipeline.fleet.view("d1")

    assert view is not None
    assert view.incomplete_since is None


def test_poison_is_one_fact_a_device_and_reason_however_much_comes() -> None:
    poison = [record("d1", "telemetry", b"{not json %d" % n, START_MS) for n in range(500)]
    strange = Record(START_MS, "other/topic", b"")

    facts = facts_of(*poison, strange, sample("d1", 0))

    assert [(fact.device_id, fact.body) for fact in facts] == [
        ("d1", Quarantined("not_json", "{not json 499", 500)),
        ("", Quarantined("foreign_topic", "", 1)),
    ]


def test_a_command_from_a_device_is_quarantined() -> None:
    forged = {"v": 1, "id": "x", "verb": "restart", "not_after": START_MS}

    assert bodies(record("d1", "command", forged, START_MS)) == [
        Quarantined("foreign_topic", '{"v": 1, "id": "x", "verb": "restart", "not_after": 1790000000000}', 1)
    ]


@pytest.mark.parametrize("ts", [None, 0, START_MS // 1000, START_MS + 3_600_000, START_MS - 401 * 86_400_000])
def test_a_clock_that_cannot_be_right_is_told_and_arrival_stands_in(ts: int | None) -> None:
    pipeline = Pipeline(fleet())
    wrong = record("d1", "telemetry", {"v": 1, "boot": "b", "seq": 0, "ts": ts, "m": {"a": 1.0}}, START_MS)

    facts = facts_of(wrong, pipeline=pipeline)

    assert [fact.body for fact in facts] == [ClockJudged(has_clock=False)]
    assert pipeline.fleet.recent("d1").at_s.tolist() == [START_MS / 1000]


def test_a_clock_that_was_put_right_is_told_too() -> None:
    wrong = record("d1", "telemetry", {"v": 1, "boot": "b1", "seq": 0, "m": {"a": 1.0}}, START_MS)
    pipeline = Pipeline(fleet())
    pipeline.take(entries([wrong]))

    taken = pipeline.take(entries([sample("d1", 1)], first=1))

    assert [fact.body for fact in taken.facts] == [ClockJudged(has_clock=True)]


def test_samples_that_come_at_once_without_a_clock_keep_their_order() -> None:
    pipeline = Pipeline(fleet())
    columns = record("d1", "telemetry", {"v": 1, "boot": "b", "seq": 0, "m": {"a": [1.0, 2.0, 3.0]}}, START_MS)

    pipeline.take(entries([columns]))

    assert pipeline.fleet.recent("d1").values[:, 0].tolist() == [1.0, 2.0, 3.0]


def test_a_late_sample_is_counted_and_kept_from_the_model() -> None:
    pipeline = Pipeline(fleet())

    taken = pipeline.take(entries([sample("d1", 0), sample("d1", 2), sample("d1", 1)]))

    assert (taken.counts.samples, taken.counts.missed, taken.counts.duplicates) == (3, 1, 0)
    assert len(pipeline.fleet.recent("d1").at_s) == 2


def test_a_backlog_newer_than_what_is_known_is_fed_to_the_model() -> None:
    pipeline = Pipeline(fleet())
    hour_ago = [sample("d1", seq, START_MS + seq * MINUTE_MS) for seq in range(60)]
    arrived = [one._replace(arrival_ms=START_MS + 60 * MINUTE_MS) for one in hour_ago]

    pipeline.take(entries(arrived))

    assert len(pipeline.fleet.recent("d1").at_s) == 60


def test_a_device_that_fell_ill_raises_a_finding_that_names_the_metric() -> None:
    records = [birth("d1"), *days_of("d1", 2_040, shift_from=2_000)]

    findings = [fact for fact in facts_of(*records) if isinstance(fact.body, Finding)]

    assert len(findings) >= 1
    finding = findings[0].body
    assert isinstance(finding, Finding)
    assert finding.kind is FindingKind.ONSET
    assert finding.because[0].metric == "temp_c"
    assert finding.because[0].z is not None
    assert finding.because[0].z > 1
    assert 2_001 <= findings[0].offset <= 2_011


def test_a_context_metric_is_a_regime_and_no_column() -> None:
    pipeline = Pipeline(fleet())

    pipeline.take(entries([birth("d1", context=["mode", "gear"]), sample("d1", 0, temp_c=1.0, mode="eco", gear=3)]))

    assert pipeline.fleet.recent("d1").metrics == ("temp_c",)
    assert pipeline.fleet.products["frost-200"].layout.regimes == {("eco", 3.0): 0}


def minutely_ticks(minutes: range) -> list[Record]:
    return [tick(START_MS + minute * MINUTE_MS) for minute in minutes]


def test_a_device_that_goes_quiet_is_found_silent_once() -> None:
    pipeline = Pipeline(fleet())
    heard = [one for minute in range(10) for one in (sample("d1", minute), tick(START_MS + minute * MINUTE_MS))]

    facts = facts_of(*heard, *minutely_ticks(range(10, 60)), pipeline=pipeline)

    findings = [fact.body for fact in facts if isinstance(fact.body, Finding)]
    assert [(finding.kind, finding.score) for finding in findings] == [(FindingKind.SILENCE, 11.0)]
    view = pipeline.fleet.view("d1")
    assert view is not None
    assert view.silent_since == datetime.fromtimestamp((START_MS + 9 * MINUTE_MS) / 1000, UTC)


def test_a_device_switched_off_on_purpose_is_not_silent() -> None:
    heard = [one for minute in range(10) for one in (sample("d1", minute), tick(START_MS + minute * MINUTE_MS))]
    off = event("d1", 0, "power_off", START_MS + 10 * MINUTE_MS)

    facts = facts_of(*heard, off, *minutely_ticks(range(10, 60)))

    assert [type(fact.body) for fact in facts] == [Event]


def test_nobody_is_silent_for_what_came_while_we_did_not_listen() -> None:
    heard = [one for minute in range(10) for one in (sample("d1", minute), tick(START_MS + minute * MINUTE_MS))]

    assert bodies(*heard, *minutely_ticks(range(500, 509))) == []


def test_a_marked_device_is_scored_but_learns_nothing() -> None:
    marked, free = Pipeline(fleet()), Pipeline(fleet())
    habit = days_of("d1", 200)
    marked.take(entries([*habit, mark(START_MS, "d1", Mark.QUIET)]))
    free.take(entries([*habit, mark(START_MS, "d1", Mark.QUIET), mark(START_MS, "d1", Mark.TEACH)]))
    odd = [sample("d1", 200 + n, temp_c=-18.4, fan_rpm=1200.0, duty=0.5, mode="normal") for n in range(50)]

    for pipeline in (marked, free):
        pipeline.take(entries(odd, first=202))
    usual = [
        {why.metric: why.usual for why in view.now}["temp_c"]
        for view in (marked.fleet.view("d1"), free.fleet.view("d1"))
        if view is not None
    ]

    assert usual[0] != usual[1]


HISTORY = sorted(
    [
        birth("d1"),
        birth("d2", product="bean-9"),
        *days_of("d1", 200, shift_from=150),
        *days_of("d2", 200),
        *(sample("d2", seq, START_MS + 3) for seq in (7, 7, 250)),
        *(record("d1", "telemetry", b"poison", START_MS + n * 700_000) for n in range(9)),
        *(mark(START_MS + n * 900_000, "d1", Mark.TEACH if n % 2 else Mark.QUIET) for n in range(9)),
        *(tick(START_MS + n * 30_000) for n in range(420)),
        event("d2", 0, "power_off", START_MS + 100 * MINUTE_MS),
    ],
    key=lambda one: one.arrival_ms,
)


@settings(max_examples=15, deadline=None)
@given(stop=st.integers(0, 12), size=st.integers(60, 120))
def test_a_restart_from_a_snapshot_ends_in_the_same_bytes_and_tells_the_same_facts(stop: int, size: int) -> None:
    whole = Pipeline(fleet())
    split = batches(HISTORY, size)
    expected = [whole.take(batch).facts for batch in split]

    first = Pipeline(fleet())
    told = [first.take(batch).facts for batch in split[:stop]]
    second = Pipeline.restore(first.snapshot(), fleet())
    told += [second.take(batch).facts for batch in split[stop:]]

    assert told == expected
    assert second.snapshot() == whole.snapshot()


@settings(deadline=None)  # the first call compiles
@given(st.data())
def test_a_damaged_snapshot_is_refused(data: st.DataObject) -> None:
    pipeline = Pipeline(fleet())
    pipeline.take(entries(HISTORY[:20]))
    snapshot = bytearray(pipeline.snapshot())
    snapshot[data.draw(st.integers(0, len(snapshot) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(SnapshotError):
        Pipeline.restore(bytes(snapshot), fleet())
