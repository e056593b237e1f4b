"""Real mosquitto, real kills: what is acknowledged is in the journal, and the stream goes on."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from structlog.testing import capture_logs

from agent.health.fleet import Fleet
from agent.listen.errors import SessionTakenOverError
from agent.listen.intake import Intake
from agent.listen.pipeline import Pipeline
from agent.store.journal import Journal
from agent.store.segment import Entry
from agent.store.snapshots import Snapshots
from broker.errors import RefusedError
from tests.conftest import RealBroker
from tests.faults.intake_child import open_intake
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.slow

PATIENCE_S = 20.0
KILLS = 4
START_MS = int(time.time() * 1000)


def payload(seq: int) -> bytes:
    return json.dumps(
        {"v": 1, "boot": "b1", "seq": seq, "ts": START_MS + seq, "m": {"temp_c": seq % 7, "fan_rpm": 1200}}
    ).encode()


def heard(journal: Journal) -> list[Entry]:
    return [entry for batch in journal.read(0) for entry in batch if not entry.topic.startswith("$")]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(intake: Intake) -> AsyncIterator[Intake]:
    task = asyncio.create_task(intake.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await intake.session.wait_connected()
        yield intake
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        intake.journal.close()


async def start_child(broker: RealBroker, directory: Path) -> Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.intake_child",
        broker.agent_address.url_with_password(),
        directory,
        stdout=PIPE,
    )
    assert child.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert (await child.stdout.readline()).strip() == b"connected"
    return child


@pytest.mark.fault("DEL-1", "the hot path alone killed with -9 at random under load")
async def test_what_is_acknowledged_survives_kill_9_once_and_ends_in_the_state_of_a_clean_run(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict, seed: int
) -> None:
    chance = Random(seed)
    devices = [own_broker.fresh_id() for _ in range(4)]
    addresses = own_broker.devices(*devices)
    sent = Counter[str]()
    stop = asyncio.Event()

    async def publish(number: int) -> None:
        async with own_broker.client(addresses[number]) as client:
            while not stop.is_set():
                name = devices[number]
                await client.publish(f"amends/v1/{name}/telemetry", payload(sent[name]), qos=1)
                sent[name] += 1
                await asyncio.sleep(0.001)

    child = await start_child(own_broker, tmp_path)
    publishers = [asyncio.create_task(publish(number)) for number in range(len(devices))]
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 1.3))
        child.kill()
        await child.wait()
        child = await start_child(own_broker, tmp_path)
    stop.set()
    await asyncio.gather(*publishers)
    await asyncio.sleep(2.0)
    child.send_signal(signal.SIGTERM)
    assert await child.wait() == 0

    journal = Journal.open(tmp_path / "journal")
    came = Counter((entry.topic.split("/")[2], json.loads(entry.payload)["seq"]) for entry in heard(journal))
    clean = Pipeline(Fleet())
    samples = sum(clean.take(batch).counts.samples for batch in journal.read(0))
    verdict.measure("kills", KILLS)
    verdict.measure("said", sum(sent.values()))
    verdict.measure("lost", len({(name, seq) for name in devices for seq in range(sent[name])} - set(came)), most=0)
    verdict.measure("came again and were ignored", came.total() - len(came))
    verdict.measure("double effects", abs(samples - sum(sent.values())), most=0)
    restored = Snapshots(tmp_path / "snapshots").newest(lambda data: Pipeline.restore(data, Fleet()))
    assert restored is not None
    assert restored.offset == journal.next_offset
    assert restored.value.snapshot() == clean.snapshot()
    journal.close()


@pytest.mark.quick
@pytest.mark.fault("DEL-6", "the broker killed with -9 once")
async def test_a_killed_broker_is_heard_again_within_seconds_and_said_once(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    device = own_broker.device()
    topic = f"amends/v1/{device.user}/telemetry"
    with capture_logs() as said:
        async with running(open_intake(own_broker.agent_address, tmp_path)) as intake:
            pid = own_broker.mosquitto.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(1.0)
            await own_broker.mosquitto.start()
            returned_s = time.monotonic()
            await eventually(lambda: intake.connected)
            waited_s = time.monotonic() - returned_s

            async with own_broker.client(device) as client:
                await client.publish(topic, payload(0), qos=1)
            await eventually(lambda: bool(heard(intake.journal)))

    events = [line["event"] for line in said if line["event"].startswith("broker.")]
    assert events == ["broker.lost", "broker.back"]
    verdict.measure("subscribed again after", waited_s, "s", most=5)


@pytest.mark.quick
@pytest.mark.fault("DEL-10", "every 100th message poisoned")
async def test_poison_is_quarantined_and_the_stream_flows(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    device = own_broker.device()
    topic = f"amends/v1/{device.user}/telemetry"
    async with running(open_intake(own_broker.agent_address, tmp_path)) as intake:
        async with own_broker.client(device) as client:
            for seq in range(500):
                await client.publish(topic, payload(seq), qos=1)
                if seq % 100 == 0:
                    await client.publish(topic, b"\xff\x00 poison", qos=1)
                    await client.publish(topic, b"[" * 20_000, qos=1)
        await eventually(lambda: len(heard(intake.journal)) == 510 and intake.behind == 0)

        recent = intake.pipeline.fleet.recent(str(device.user))
    kinds = Counter(line.split()[2] for line in (tmp_path / "facts").read_text(encoding="utf-8").splitlines())
    verdict.measure("samples that did not flow", 500 - len(recent.at_s), most=0)
    verdict.measure("quarantine facts", kinds["Quarantined"], least=1)
    verdict.measure("gaps", kinds["Gap"], most=0)


@pytest.mark.quick
@pytest.mark.fault("DEL-4", "the hot path down while 1,000 messages came")
async def test_what_came_while_we_were_away_is_taken_in_order(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    device = own_broker.device()
    topic = f"amends/v1/{device.user}/telemetry"
    async with running(open_intake(own_broker.agent_address, tmp_path)):
        pass
    async with own_broker.client(device) as client:
        for seq in range(1_000):
            await client.publish(topic, payload(seq), qos=1)

    async with running(open_intake(own_broker.agent_address, tmp_path)) as intake:
        await eventually(lambda: len(heard(intake.journal)) == 1_000)
        order = [json.loads(entry.payload)["seq"] for entry in heard(intake.journal)]

    verdict.measure("lost", 1_000 - len(set(order)), most=0)
    verdict.measure("out of order", int(order != sorted(order)), most=0)


@pytest.mark.quick
@pytest.mark.fault("DEL-12", "a second agent with the same client id")
async def test_a_second_agent_takes_over_and_the_first_ends_with_a_sentence(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    first = open_intake(own_broker.agent_address, tmp_path / "a")
    task = asyncio.create_task(first.run())
    await first.session.wait_connected()

    async with running(open_intake(own_broker.agent_address, tmp_path / "b")) as second:
        with pytest.raises(SessionTakenOverError, match="another agent"):
            await asyncio.wait_for(task, PATIENCE_S)
        await asyncio.sleep(1.0)
        verdict.measure("active", int(second.connected) + int(first.connected), least=1, most=1)
    first.journal.close()


async def test_a_wrong_password_ends_it_with_a_sentence(own_broker: RealBroker, tmp_path: Path) -> None:
    stranger = own_broker.device()
    intake = open_intake(replace(stranger, password="guessed"), tmp_path)

    with pytest.raises(RefusedError, match="password"):
        await asyncio.wait_for(intake.run(), PATIENCE_S)

    intake.journal.close()


@pytest.mark.quick
@pytest.mark.fault("SYS-3", "a limit on the size of files reached, then lifted")
async def test_a_full_disk_leaves_messages_at_the_broker_and_goes_on_by_itself(
    own_broker: RealBroker, tmp_path: Path, verdict: Verdict
) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    device = own_broker.device()
    topic = f"amends/v1/{device.user}/telemetry"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with capture_logs() as said:
        async with running(open_intake(own_broker.agent_address, tmp_path, snapshot_every_s=60)) as intake:
            resource.setrlimit(resource.RLIMIT_FSIZE, (intake.journal.bytes_kept + 300, hard))
            try:
                async with own_broker.client(device) as client:
                    for seq in range(50):
                        await client.publish(topic, payload(seq), qos=1)
                await eventually(lambda: any(line["event"] == "journal.full" for line in said))
                held = len(heard(intake.journal))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            freed_s = time.monotonic()
            await eventually(lambda: len(heard(intake.journal)) == 50)

    verdict.measure("taken while full", held, most=49)
    verdict.measure("everything there after", time.monotonic() - freed_s, "s", most=10)
    assert [line["event"] for line in said if line["event"].startswith("journal.")] == [
        "journal.full",
        "journal.has_room_again",
    ]


async def test_a_slow_reader_of_facts_holds_back_the_broker_and_not_the_memory(
    own_broker: RealBroker, tmp_path: Path
) -> None:
    device = own_broker.device()
    topic = f"amends/v1/{device.user}/event"
    intake = open_intake(own_broker.agent_address, tmp_path, snapshot_every_s=60)
    told = []

    def slowly(facts: object) -> None:
        time.sleep(0.02)
        told.append(facts)

    intake.take = slowly
    async with running(intake):
        async with own_broker.client(device) as client:
            for seq in range(400):
                event = {"v": 1, "boot": "b1", "seq": seq, "code": "E1", "level": "info"}
                await client.publish(topic, json.dumps(event).encode(), qos=1)
        await eventually(lambda: intake.behind == 0 and len(heard(intake.journal)) == 400)

    assert sum(len(facts) for facts in told if isinstance(facts, tuple)) == 400


@pytest.mark.parametrize("moment", ["connecting", "listening"])
async def test_cancelling_at_any_moment_ends_it_within_seconds(
    own_broker: RealBroker, tmp_path: Path, moment: str
) -> None:
    intake = open_intake(own_broker.agent_address, tmp_path)
    task = asyncio.create_task(intake.run())
    if moment == "listening":
        await intake.session.wait_connected()
    else:
        await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5.0)
    intake.journal.close()
