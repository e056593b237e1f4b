"""Mosquitto as our child: it comes up hardened, says what is wrong, and goes when told."""

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import aiomqtt
import pytest

from broker.address import Address
from broker.errors import BrokerInUseError, MissingMosquittoError, PortTakenError, RefusedError, UnwritableError
from broker.examination import examine
from broker.limits import MAX_PAYLOAD_BYTES
from broker.mosquitto import Mosquitto, find_mosquitto, running_agent_address
from broker.sessions import can_log_in
from broker.topics import Channel, topic_of
from tests.conftest import RealBroker

pytestmark = pytest.mark.slow


async def test_a_started_broker_lets_the_agent_in_and_nobody_else(real_broker: RealBroker) -> None:
    agent = real_broker.agent_address

    assert await can_log_in(agent)
    with pytest.raises(RefusedError):
        await can_log_in(Address(agent.host, agent.port, agent.user, "guessed"))
    with pytest.raises(RefusedError):
        await can_log_in(real_broker.mosquitto.address)


async def test_private_files_are_for_their_owner_only(real_broker: RealBroker) -> None:
    real_broker.device()

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in real_broker.folder.iterdir() if path.is_file()}

    assert {"passwords", "access", "agent-password", "devices.json", "mosquitto.conf", "mosquitto.log"} <= set(modes)
    assert modes["mosquitto.pid"] & stat.S_IWOTH == 0  # mosquitto writes that one itself; it holds no secret
    assert {mode for name, mode in modes.items() if name != "mosquitto.pid"} == {0o600}
    assert stat.S_IMODE(real_broker.folder.stat().st_mode) == 0o700


async def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            await Mosquitto(tmp_path / "broker", port=port).start()


async def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(UnwritableError, match="file/broker cannot be written"):
        await Mosquitto(tmp_path / "file" / "broker").start()


async def test_a_second_amends_on_the_same_folder_is_refused(own_broker: RealBroker) -> None:
    with pytest.raises(BrokerInUseError, match="another amends"):
        await Mosquitto(own_broker.folder).start()

    assert await can_log_in(own_broker.agent_address)


async def test_an_unexpected_death_is_told_and_the_same_object_starts_again(own_broker: RealBroker) -> None:
    mosquitto = own_broker.mosquitto
    before = mosquitto.agent_address
    died = asyncio.create_task(mosquitto.died())
    assert mosquitto.pid is not None

    os.kill(mosquitto.pid, signal.SIGKILL)
    error = await asyncio.wait_for(died, 5)
    await mosquitto.start()

    assert "was ended by signal 9" in str(error)
    assert mosquitto.agent_address == before
    assert await can_log_in(before)


async def test_another_process_finds_the_running_broker_and_only_that(own_broker: RealBroker) -> None:
    assert running_agent_address(own_broker.folder) == own_broker.agent_address

    await own_broker.mosquitto.stop()

    assert running_agent_address(own_broker.folder) is None
    assert running_agent_address(own_broker.folder / "elsewhere") is None


async def test_a_stop_that_was_asked_for_is_no_death(own_broker: RealBroker) -> None:
    died = asyncio.create_task(own_broker.mosquitto.died())
    await asyncio.sleep(0)

    await own_broker.mosquitto.stop()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(died, 0.2)
    assert own_broker.mosquitto.pid is None


async def test_a_broker_whose_agent_was_killed_is_taken_over(own_broker: RealBroker) -> None:
    orphan = own_broker.mosquitto
    assert orphan._child is not None
    os.close(orphan._child.keeper_lock)  # as the system does for a killed parent
    orphan._child.keeper_lock = os.open(os.devnull, os.O_RDONLY)
    heir = Mosquitto(own_broker.folder, port=orphan.address.port)

    await heir.start()

    try:
        assert await can_log_in(heir.agent_address)
        assert orphan.pid is None
    finally:
        await heir.stop()


@pytest.mark.parametrize("v5", [True, False], ids=["mqtt5", "mqtt311"])
async def test_an_oversized_payload_reaches_the_agent_to_be_counted_and_a_huge_one_ends_its_sender(
    real_broker: RealBroker, *, v5: bool
) -> None:
    rude, polite = real_broker.devices(real_broker.fresh_id(), real_broker.fresh_id())
    topic = topic_of(str(rude.user), Channel.TELEMETRY)

    async with real_broker.client(real_broker.agent_address) as agent, real_broker.client(polite) as bystander:
        await agent.subscribe(topic, qos=1)
        async with real_broker.client(rude, v5=v5) as device:
            await device.publish(topic, b" " * (MAX_PAYLOAD_BYTES + 1), qos=1)
        async with real_broker.client(rude, v5=v5) as device:
            with pytest.raises(aiomqtt.MqttError):
                await device.publish(topic, b" " * 10_000_000, qos=1, timeout=0.5)
            with pytest.raises(aiomqtt.MqttError, match="Disconnected"):
                await asyncio.wait_for(anext(aiter(device.messages)), 5)
        await bystander.publish(topic_of(str(polite.user), Channel.EVENT), "unharmed", qos=1)
        message = await asyncio.wait_for(anext(aiter(agent.messages)), 5)

        assert len(bytes(message.payload)) == MAX_PAYLOAD_BYTES + 1
        assert len(agent.messages) == 0


async def test_a_healthy_broker_passes_its_examination_and_an_absent_one_does_not(own_broker: RealBroker) -> None:
    assert await examine(own_broker.agent_address, own_broker.folder / "mosquitto.conf") == ()

    address = own_broker.agent_address
    await own_broker.mosquitto.stop()

    (complaint,) = await examine(address, None)
    assert "does not answer" in complaint.problem


def test_a_machine_without_mosquitto_hears_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MissingMosquittoError, match="apt-get install mosquitto"):
        find_mosquitto(places=())
