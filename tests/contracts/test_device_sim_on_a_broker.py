"""Simulated devices and recordings on a real mosquitto: births, samples, commands, refusals, farewells."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from broker.codec import decode, encode
from broker.messages import Birth, Command, Message, Presence, Result, ResultStatus, Status, Telemetry
from broker.topics import Channel, parse_topic, topic_of
from tests.conftest import RealBroker

pytestmark = pytest.mark.slow

SLICE = Path(__file__).parents[1] / "device_sim" / "data" / "servers.csv"
FAR = 4_000_000_000_000
THREE_DAYS = 4_320  # samples, one a minute
PATIENCE_S = 60.0  # a busy machine starts the simulator late


async def simulator(*words: str) -> Process:
    return await create_subprocess_exec(sys.executable, "-m", "device_sim", *words, stdout=PIPE, stderr=PIPE)


def places(broker: RealBroker) -> tuple[str, ...]:
    return ("--broker-url", str(broker.mosquitto.address), "--data", str(broker.folder.parent))


@asynccontextmanager
async def hearing(broker: RealBroker) -> AsyncIterator[aiomqtt.Client]:
    async with broker.client(broker.agent_address) as client:
        await client.subscribe("amends/v1/#", qos=1)
        yield client


async def heard(
    client: aiomqtt.Client, until: int, *, samples: int = 0, told: asyncio.Event | None = None
) -> list[tuple[str, Message]]:
    """Return what every device said until ``until`` of them have said that they are gone.

    ``told`` is set once so many have told more than ``samples`` each.
    """
    said: list[tuple[str, Message]] = []
    gone: set[str] = set()
    online: set[str] = set()
    counts: Counter[str] = Counter()
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            topic = parse_topic(str(message.topic))
            body = decode(str(message.topic), bytes(message.payload))
            said.append((topic.device_id, body))
            if isinstance(body, Telemetry):
                counts[topic.device_id] += len(body)
                if told and sum(count > samples for count in counts.values()) == until:
                    told.set()
            if body == Status(Presence.ONLINE):
                online.add(topic.device_id)
            if body == Status(Presence.OFFLINE) and topic.device_id in online:
                gone.add(topic.device_id)
            if len(gone) == until:
                break
    return said


async def heard_online(client: aiomqtt.Client) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            if decode(str(message.topic), bytes(message.payload)) == Status(Presence.ONLINE):
                return


async def test_a_fleet_is_born_sends_its_past_lives_and_takes_its_leave_at_sigterm(own_broker: RealBroker) -> None:
    async with hearing(own_broker) as agent:
        process = await simulator("run", "quiet", "--devices", "8", "--speed", "240", *places(own_broker))
        told = asyncio.Event()
        listening = asyncio.create_task(heard(agent, until=8, samples=THREE_DAYS, told=told))
        await asyncio.wait_for(told.wait(), PATIENCE_S)
        process.terminate()
        said = await listening
        _, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
    births = {device_id: body for device_id, body in said if isinstance(body, Birth)}
    assert len(births) == 8
    assert {body.product for body in births.values()} == {"frost-200", "bean-9", "therm-40", "volt-12"}
    for device_id in births:
        samples = [body for name, body in said if name == device_id and isinstance(body, Telemetry)]
        sequence = [seq for sample in samples for seq in sample.seq]
        assert sequence == list(range(len(sequence)))
        assert len(sequence) > THREE_DAYS


async def test_a_second_run_uses_the_credentials_of_the_first(own_broker: RealBroker) -> None:
    for _ in range(2):
        async with hearing(own_broker) as agent:
            process = await simulator("run", "quiet", "--devices", "2", "--for", "2", *places(own_broker))
            await heard(agent, until=2)
            await process.communicate()
        assert process.returncode == 0

    assert {credential.rotated_at for credential in own_broker.mosquitto.credentials.devices()} == {None}


async def test_a_command_is_answered_over_the_wire_and_a_repeated_one_from_memory(own_broker: RealBroker) -> None:
    payload = encode(Command(id="01A", verb="set_config", args={"setpoint_c": -18}, not_after=FAR))
    answers: list[ResultStatus] = []
    async with hearing(own_broker) as agent:
        process = await simulator("run", "one:frost-200:memory_leak", "--speed", "60", *places(own_broker))
        async with asyncio.timeout(PATIENCE_S):
            async for message in agent.messages:
                body = decode(str(message.topic), bytes(message.payload))
                if body == Status(Presence.ONLINE):
                    for _ in range(2):
                        await agent.publish(topic_of("frost-0001", Channel.COMMAND), payload, qos=1)
                if isinstance(body, Result):
                    answers.append(body.status)
                if len(answers) == 3:
                    break
        process.terminate()
        await process.communicate()

    assert answers == [ResultStatus.ACCEPTED, ResultStatus.SUCCEEDED, ResultStatus.SUCCEEDED]


async def test_devices_outlive_the_broker_and_no_sample_is_missing(own_broker: RealBroker) -> None:
    mosquitto = own_broker.mosquitto
    async with hearing(own_broker) as agent:
        process = await simulator("run", "quiet", "--devices", "2", "--speed", "240", *places(own_broker))
        await heard_online(agent)
    assert mosquitto.pid is not None
    await mosquitto.stop()
    await mosquitto.start()
    async with hearing(own_broker) as agent:
        told = asyncio.Event()
        listening = asyncio.create_task(heard(agent, until=2, samples=4, told=told))
        await asyncio.wait_for(told.wait(), PATIENCE_S)
        process.terminate()
        said = await listening
        await process.communicate()

    samples = [body for name, body in said if name == "frost-0001" and isinstance(body, Telemetry)]
    sequence = [seq for sample in samples for seq in sample.seq]
    assert len(sequence) > 4
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))


async def test_a_fleet_whose_broker_is_gone_ends_at_sigterm_all_the_same(own_broker: RealBroker) -> None:
    async with hearing(own_broker) as agent:
        process = await simulator("run", "quiet", "--devices", "4", *places(own_broker))
        await heard_online(agent)
    assert own_broker.mosquitto.pid is not None
    os.kill(own_broker.mosquitto.pid, signal.SIGSTOP)  # its connections stay open, and nobody answers
    try:
        process.terminate()
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    finally:
        os.kill(own_broker.mosquitto.pid, signal.SIGKILL)

    assert process.returncode == 0, errors.decode()


async def test_a_fleet_ends_with_its_parent_also_when_that_is_gone_before_it_starts(own_broker: RealBroker) -> None:
    words = ("run", "quiet", "--devices", "2", *places(own_broker), "--with-parent")
    start = f'{sys.executable} -m device_sim "$@" $$ & wait'
    async with hearing(own_broker) as agent:
        parent = await create_subprocess_exec("sh", "-c", start, "sh", *words, stdout=PIPE, stderr=PIPE)
        await heard_online(agent)
        parent.kill()
        await asyncio.wait_for(parent.communicate(), PATIENCE_S)  # until the fleet, too, has let go of the pipes

    late = await simulator(*words, str(parent.pid))
    await asyncio.wait_for(late.communicate(), PATIENCE_S)
    assert late.returncode == 0


async def test_a_recording_is_replayed_whole_and_ends_now(own_broker: RealBroker) -> None:
    async with hearing(own_broker) as agent:
        process = await simulator("replay", str(SLICE), "--json", *places(own_broker))
        said = await heard(agent, until=3)
        out, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
    facts = json.loads(out)
    assert facts["devices"] == 3
    assert facts["messages"] == facts["samples"] == 180
    samples = [body for _, body in said if isinstance(body, Telemetry)]
    assert sum(len(sample) for sample in samples) == 180
    assert {body.product for _, body in said if isinstance(body, Birth)} == {"replay"}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("run", "nonsense"), 2, "no such scenario"),
        (("run", "quiet", "--broker-url", "http://x"), 2, "broker URL"),
        (("replay", "no-such-file.csv"), 2, "no such file"),
        (
            ("replay", str(SLICE), "--username", "u", "--password", "p", "--broker-url", "mqtt://127.0.0.1:1"),
            1,
            "no broker",
        ),
        (("households", "nonsense"), 2, "no such scenario"),
        (("run", "quiet", "--origin", "yesterday"), 2, "ISO 8601"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(words: tuple[str, ...], code: int, sentence: str) -> None:
    process = await simulator(*words)
    _, errors = await process.communicate()

    assert process.returncode == code
    assert sentence in errors.decode()
    assert "Traceback" not in errors.decode()
