"""An agent killed outright leaves its mosquitto behind; the next start ends it and takes its place."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from broker.mosquitto import Mosquitto
from broker.running import running_pid
from broker.sessions import Outgoing, Session, can_log_in, first_message
from broker.topics import Channel, topic_of

pytestmark = pytest.mark.slow

KEEPER = """
import asyncio, sys
from pathlib import Path
from broker.mosquitto import Mosquitto

async def main():
    mosquitto = Mosquitto(Path(sys.argv[1]))
    await mosquitto.start()
    print(mosquitto.address.port, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_broker_left_by_a_killed_agent_is_ended_and_its_store_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    keeper = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KEEPER, folder, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert keeper.stdout is not None
    async with asyncio.timeout(20):
        while not (line := (await keeper.stdout.readline()).strip()).isdigit():
            assert line, "it ended before it was up"
    port = int(line)
    os.kill(keeper.pid, signal.SIGKILL)
    await keeper.wait()
    orphan = running_pid(folder)
    assert orphan is not None

    heir = Mosquitto(folder, port=port)
    await heir.start()

    try:
        assert heir.pid == running_pid(folder) != orphan
        assert await can_log_in(heir.agent_address)
    finally:
        await heir.stop()
    assert running_pid(folder) is None


async def test_what_the_broker_was_told_to_keep_survives_its_kill(tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path / "broker")
    await mosquitto.start()
    topic = topic_of("d1", Channel.NOTICE)
    session = Session(mosquitto.agent_address, "amends-test")
    task = asyncio.create_task(session.run())
    await asyncio.wait_for(session.wait_connected(), 10)
    await session.publish(Outgoing(topic, b"kept", retain=True))
    await asyncio.sleep(2.1)  # autosave_interval is one second
    task.cancel()
    assert mosquitto.pid is not None

    os.kill(mosquitto.pid, signal.SIGKILL)
    await asyncio.wait_for(mosquitto.died(), 5)
    await mosquitto.start()

    try:
        assert await first_message(mosquitto.agent_address, topic, 5) == b"kept"
    finally:
        await mosquitto.stop()
