"""A device that does what it is told, once an id, as protocol v1 asks; and commands for it in the journal (shell)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import aiomqtt

from agent.store.commands import add_command
from agent.store.database import Database
from agent.store.devices import record_birth
from agent.store.tickets import open_ticket
from broker.address import Address
from broker.codec import decode, encode
from broker.messages import Command, Result, ResultStatus
from broker.topics import Channel, topic_of
from device_sim.orders import Orders
from tests.builders import a_birth, a_command
from tests.conftest import RealBroker

_TRY_AGAIN_S: Final = 0.2


@dataclass(slots=True)
class Device:
    """A device that keeps its last 64 ids, as protocol v1 asks, and counts what reached it and what it did."""

    device_id: str
    orders: Orders = field(default_factory=Orders)
    heard: list[str] = field(default_factory=list)

    def obey(self, topic: str, payload: bytes) -> Result:
        command = decode(topic, payload)
        assert isinstance(command, Command)
        self.heard.append(command.id)
        done = Result(id=command.id, status=ResultStatus.SUCCEEDED)
        if command.id not in self.orders:
            self.orders.actuations.append(command.id)
            self.orders.remember(command.id, done)
        return done


@asynccontextmanager
async def connected(broker: RealBroker, device: Device, address: Address) -> AsyncIterator[None]:
    """Let the device listen and answer, over one connection."""
    async with broker.client(address, client_id=device.device_id) as client, asyncio.TaskGroup() as tasks:
        await client.subscribe(topic_of(device.device_id, Channel.COMMAND), qos=1)

        async def listen() -> None:
            async for message in client.messages:
                answer = device.obey(str(message.topic), bytes(message.payload))
                await client.publish(topic_of(device.device_id, Channel.RESULT), encode(answer), qos=1)

        listening = tasks.create_task(listen(), name="device")
        try:
            yield
        finally:
            listening.cancel()


async def stay_connected(broker: RealBroker, device: Device, address: Address) -> None:
    """Let the device listen until cancelled, over as many connections as that takes."""
    while True:
        try:
            async with connected(broker, device, address):
                await asyncio.Event().wait()
        except* aiomqtt.MqttError:
            await asyncio.sleep(_TRY_AGAIN_S)


def queue(database: Database, device_id: str, lasts: timedelta = timedelta(minutes=2)) -> str:
    """Put a command for the device into the journal, as the desk would, and return its id."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        record_birth(session, device_id, a_birth(), now=now)
        ticket = open_ticket(session, device_id=device_id, product="frost-200", playbook_version="1", now=now)
        command = a_command(id=f"01{device_id}", ticket_id=ticket.id, device_id=device_id, created_at=now)
        add_command(session, replace(command, not_after=now + lasts))
    return command.id
