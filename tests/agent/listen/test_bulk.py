"""What is taken in bulk ends as what is taken one by one: same state to the byte, same facts, same counts."""

import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.health.compiled import ELSEWHERE
from agent.health.fleet import Fleet
from agent.health.fleet_model import KIND
from agent.listen import advance
from agent.listen.facts import Quarantined
from agent.listen.frames import places_of
from agent.listen.pipeline import Pipeline
from agent.listen.plain import form_of, parts_of, read_block, room_for
from agent.listen.scan import NO_TIME
from agent.listen.texts import Texts
from agent.store.segment import Record, pack_records
from broker.errors import MalformedMessageError
from broker.telemetry import decode_telemetry
from tests.agent.listen.messages import START_MS, batches, birth, record, sample

patient = settings(deadline=None)  # the first call compiles
SECOND_MS = 1_000
POISON = b'{"v":1,"boot":"b1","seq":'


def fleet() -> Fleet:
    return Fleet(choice=lambda _product: KIND, recent_rows=200)


def unusual(one: Record) -> Record:
    """The same message with a field that nobody knows, which sends it through the codec."""
    if not one.topic.endswith("/telemetry") or one.payload == POISON:
        return one
    said = json.loads(one.payload)
    return one._replace(payload=json.dumps({**said, "note": "x"}).encode())


def life(seed: int, minutes: int) -> list[Record]:
    """Four devices that skip, repeat, restart, come late, go off, lose their clock, change product and mumble."""
    chance = Random(seed)
    said: list[Record] = [birth("d0"), birth("d1", context=["mode"]), birth("d2", context=["level"]), birth("d3")]
    seq = [0, 0, 0, 0]
    boots = ["b1", "b1", "b1", "b1"]
    for minute in range(minutes):
        for place in range(4):
            at_ms = START_MS + (4 * minute + place) * 20 * SECOND_MS
            draw = chance.random()
            seq[place] += 1 + (draw < 0.02) * 3 - (0.02 < draw < 0.04)
            if 0.04 < draw < 0.05:
                boots[place], seq[place] = f"b{minute}", 0
            if 0.05 < draw < 0.052:
                said.append(birth(f"d{place}", product=f"other-{minute}", at_ms=at_ms))
            late_ms = 7_200_000 if 0.06 < draw < 0.08 else 0
            off = 9.0 if place == 1 and minute > minutes // 2 else 0.0
            one = {
                "v": 1,
                "boot": boots[place],
                "seq": seq[place],
                "ts": 12 if 0.08 < draw < 0.09 else at_ms - late_ms,
                "m": {
                    "temp_c": chance.gauss(4, 0.3) + off,
                    "fan_rpm": round(chance.gauss(1200, 5), 2),
                    "level": chance.randrange(3),
                    "mode": chance.choice(["eco", "full"]),
                    "open": chance.random() < 0.1,
                    "duty": None if chance.random() < 0.1 else 0.5,
                },
            }
            if place == 3 and minute % 60 > 20 and draw < 0.95:  # its clock comes and goes
                one |= chance.choice([{"ts": None}, {"ts": 12}, {"ts": at_ms + 10**9}])
                one = {name: part for name, part in one.items() if name != "ts" or draw < 0.5}
            said.append(record(f"d{place}", "telemetry", one, at_ms + (draw < 0.3) * 25 * SECOND_MS))
            if 0.15 < draw < 0.25:
                seq[place] += 1
                said.append(record(f"d{place}", "telemetry", {**one, "seq": seq[place]}, at_ms))
            if 0.12 < draw < 0.15:
                said.append(said[-1]._replace(payload=POISON))
            if 0.09 < draw < 0.12:
                seq[place] += 3
                columns = {
                    **one,
                    "seq": seq[place] - 2,
                    "ts": [at_ms + 1, at_ms + 2, at_ms + 3],
                    "m": {"temp_c": [4.0, None, 5.5], "fan_rpm": [1, 2, 3e2]},
                }
                said.append(record(f"d{place}", "telemetry", columns, at_ms + 5))
    return said


@pytest.mark.slow
@settings(patient, max_examples=12)
@given(st.integers(0, 2**32), st.integers(20, 200))
def test_taking_in_bulk_ends_in_the_same_bytes_and_tells_the_same_facts(seed: int, size: int) -> None:
    said = life(seed, 220)
    bulk, single = Pipeline(fleet()), Pipeline(fleet())

    told = []
    for place, batch in enumerate(batches(said, size)):
        told.append(bulk.take(batch))
        if place % 3 == 2:  # now and then it is started anew
            bulk = Pipeline.restore(bulk.snapshot(), fleet())
    expected = [single.take(batch) for batch in batches([unusual(one) for one in said], size)]

    assert [taken.facts for taken in told] == [taken.facts for taken in expected]
    assert [replace(taken.counts, one_by_one=0) for taken in told] == [
        replace(taken.counts, one_by_one=0) for taken in expected
    ]
    # By how much depends on the life; of a calm one nearly all goes in bulk, see below.
    assert sum(taken.counts.one_by_one for taken in told) < sum(taken.counts.one_by_one for taken in expected)
    assert bulk.snapshot() == single.snapshot()


@pytest.mark.slow
def test_most_of_a_calm_stream_is_taken_in_bulk() -> None:
    pipeline = Pipeline(fleet())
    said = [sample("d0", seq, temp_c=4.0 + seq % 3) for seq in range(400)]

    one_by_one = sum(pipeline.take(batch).counts.one_by_one for batch in batches(said, 50))

    assert one_by_one <= 60  # the first batch, and a look at its clock every hour


def clockless(seq: int, arrived_ms: int) -> Record:
    one = json.loads(sample("d0", seq, temp_c=4.0 + seq % 3).payload)
    del one["ts"]
    return record("d0", "telemetry", one, arrived_ms)


@pytest.mark.slow
def test_a_flood_without_a_clock_ends_in_bulk_as_it_does_one_by_one() -> None:
    said = [clockless(seq, START_MS + seq // 3_000) for seq in range(9_000)]
    bulk, single = Pipeline(fleet()), Pipeline(fleet())

    told = [bulk.take(batch) for batch in batches(said, 500)]
    expected = [single.take(batch) for batch in batches([unusual(one) for one in said], 500)]

    assert [[fact.offset for fact in taken.facts] for taken in told] == [
        [fact.offset for fact in taken.facts] for taken in expected
    ]
    assert sum(taken.counts.over for taken in told) == sum(taken.counts.over for taken in expected) > 0
    assert bulk.snapshot() == single.snapshot()


@pytest.mark.slow
def test_a_device_without_a_clock_is_taken_in_bulk_too() -> None:
    pipeline = Pipeline(fleet())
    said = [clockless(seq, START_MS + seq * SECOND_MS) for seq in range(400)]

    one_by_one = sum(pipeline.take(batch).counts.one_by_one for batch in batches(said, 50))

    assert one_by_one <= 60
    assert pipeline.fleet.recent("d0").at_s.tolist()[-3:] == [START_MS / 1000 + seq for seq in (397, 398, 399)]


@pytest.mark.slow
def test_neither_poison_nor_skipped_numbers_end_the_bulk() -> None:
    pipeline = Pipeline(fleet())
    said = [sample("d0", seq, temp_c=4.0 + seq % 3) for seq in range(400) if seq % 10]
    said = [one._replace(payload=POISON) if place % 7 == 3 else one for place, one in enumerate(said)]

    told = [pipeline.take(batch).counts for batch in batches(said, 50)]

    assert sum(counts.one_by_one for counts in told) <= 60
    assert sum(counts.quarantined for counts in told) == sum(one.payload == POISON for one in said)
    assert sum(counts.missed for counts in told) > 0


def test_a_device_that_floods_is_scored_within_its_budget_and_said_to_be_over_it() -> None:
    pipeline = Pipeline(fleet())
    flood = [sample("d0", seq, START_MS + seq) for seq in range(9_000)]  # a thousand a second

    taken = [pipeline.take(batch) for batch in batches(flood, 1_000)]

    fed = len(Pipeline.restore(pipeline.snapshot(), Fleet(recent_rows=10_000)).fleet.recent("d0").at_s)
    assert sum(one.counts.samples for one in taken) == 9_000
    assert 0 < sum(one.counts.over for one in taken) < 3_000
    assert [fact.body.reason for one in taken for fact in one.facts if isinstance(fact.body, Quarantined)] == [
        "over_budget"
    ]
    assert fed <= 200


names = st.text("abcxyz_019", min_size=1, max_size=8)
numbers = st.one_of(
    st.floats(-1e30, 1e30).map(repr),
    st.integers(-(10**17), 10**17).map(str),
    st.decimals(-1000, 1000, places=3).map(str),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["0", "-0", "-0.0", "1e5", "1E-7", "true", "false", "null", "1.50", "0.1", "123456789012345678"]),
    st.sampled_from(["01", "1.", ".5", "+1", "1e", "nul", "True", "NaN", "1e400", "--1", ""]),
)
words = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=9).map(json.dumps)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    blank = draw(st.sampled_from(["", " ", "\n\t"]))
    rows = draw(st.sampled_from([0, 0, 0, 1, 3]))
    keys = draw(st.lists(names, max_size=5))
    if rows:
        column = st.lists(numbers, min_size=rows, max_size=rows).map(lambda one: f"[{','.join(one)}]")
        said = [draw(column) for _ in keys]
    else:
        said = [draw(st.one_of(numbers, numbers, words)) for _ in keys]
    metrics = f",{blank}".join(f'"{key}":{blank}{value}' for key, value in zip(keys, said, strict=True))
    ts = draw(st.integers(-(10**13), 10**13).map(str) | st.sampled_from(["null", "-0", "1.5", "99999999999999999"]))
    fields = {
        "v": draw(st.sampled_from(["1", "1", "1", "2", "1.0"])),
        "boot": draw(st.sampled_from(['"b1"', '"b1"', '""', '"a b"', '"\\u0041"', '"é"', "5"])),
        "seq": draw(st.integers(0, 10**14).map(str) | st.sampled_from(["-1", "01", "1.0", "9007199254740993"])),
        "ts": f"[{','.join([ts] * rows)}]" if rows else ts,
        "m": "{" + metrics + "}",
    }
    order = draw(st.permutations(list(fields)))
    without = draw(st.sampled_from(["", "", "", "ts"]))
    kept = [key for key in order if key != without and draw(st.integers(0, 40))]
    body = f",{blank}".join(f'"{key}"{blank}:{fields[key]}' for key in kept)
    return f"{blank}{{{body}}}{draw(st.sampled_from(['', ' ', 'x']))}".encode()


@settings(patient, max_examples=500)
@given(st.lists(payloads(), min_size=1, max_size=3))
def test_what_is_read_in_bulk_is_what_the_codec_reads(said: list[bytes]) -> None:
    topics, forms = Texts(), Texts()
    topics.add(b"t")
    for payload in said:
        form = form_of(payload)
        if form is not None and forms.number(form) is None:
            forms.add(form)
    packed = pack_records([Record(0, "t", payload) for payload in said])
    body = np.frombuffer(packed.body, np.uint8)
    read = room_for(packed.records, len(body))
    read_block(body, places_of(body, packed.records), topics.table, forms.table, read)

    for place, payload in enumerate(said):
        if read.form[place] < 0:
            continue
        expected = decode_telemetry(payload)
        parts = parts_of(form_of(payload) or b"")
        samples, width = len(expected), len(parts.numbers)
        boot_at = read.boot_at[place]
        assert (packed.body[boot_at : boot_at + read.boot_bytes[place]].decode(),) * samples == expected.boot
        assert tuple(range(read.seq[place], read.seq[place] + samples)) == expected.seq
        times = read.times[read.time_at[place] : read.time_at[place] + samples].tolist()
        assert tuple(None if time == NO_TIME else time for time in times) == expected.ts_ms
        if len({*parts.numbers, *parts.words}) == width + len(parts.words):  # else no plan is made of the form
            start = read.value_at[place]
            values = read.values[start : start + width * samples].reshape(width, samples).T
            flat = np.array(expected.flat, np.float32).reshape(samples, len(expected.metrics))
            assert expected.metrics == parts.numbers
            assert values.tobytes() == flat.tobytes() or np.array_equal(values, flat, equal_nan=True)


@patient
@given(st.binary(max_size=200) | payloads())
def test_a_payload_has_a_form_only_if_the_codec_can_read_it(payload: bytes) -> None:
    if form_of(payload) is None:
        return
    try:
        decode_telemetry(payload)
    except MalformedMessageError as error:
        pytest.fail(f"{payload!r}: {error}")


def test_every_file_that_is_compiled_here_is_in_the_checksum_of_compiled_code() -> None:
    folder = Path(advance.__file__).parent
    texts = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    compiling = {name for name, text in texts.items() if "health.compiled import" in text}
    built_in = {named for name in compiling for named in re.findall(r"from agent\.listen\.(\w+) import", texts[name])}

    assert compiling | built_in == set(ELSEWHERE)
