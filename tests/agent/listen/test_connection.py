"""The connection against a broker of three lines: what it must never do, whatever the other side says."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import mqtt5
import numpy as np
import pytest

from agent.clock import RealClock
from agent.listen.connection import Connection, Login
from agent.listen.errors import ConnectionLostError, Loss, SessionTakenOverError
from agent.listen.inbox import Inbox, Received
from agent.store.segment import Block
from broker.address import Address
from broker.errors import RefusedError

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

WELCOME = mqtt5.ConnAckPacket().write()
GRANTED = mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE]).write()


def message(packet_id: int) -> bytes:
    packet = mqtt5.PublishPacket("amends/v1/d/event", b"e", qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id)
    return packet.write()


@asynccontextmanager
async def broker_that(script: Script) -> AsyncIterator[Login]:
    served = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(1_000)
            await script(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Login(Address("127.0.0.1", port), "me", ("amends/v1/+/event",), "amends/v1/me/claim")
        await served.wait()


def packet_ids(received: list[Received]) -> list[int]:
    return [number for one in received for number in one.packet_ids.tolist()]


async def pumped(login: Login) -> None:
    connection = await Connection.open(login)
    try:
        await asyncio.wait_for(connection.pump(Inbox(), RealClock()), 5.0)
    finally:
        await connection.close()


async def test_messages_are_acknowledged_only_when_asked_and_in_that_order() -> None:
    acknowledged = bytearray()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + message(7) + GRANTED + message(3) + message(9))
        await reader.read(1_000)  # the subscription
        acknowledged.extend(await reader.read(1_000))

    async with broker_that(script) as login:
        inbox = Inbox()
        connection = await Connection.open(login)
        pump = asyncio.create_task(connection.pump(inbox, RealClock()))
        received = await inbox.take(5.0)
        while len(packet_ids(received)) < 3:
            received += await inbox.take(5.0)
        connection.acknowledge(np.concatenate([one.packet_ids for one in received]))
        with pytest.raises(ConnectionLostError):
            await pump
        await connection.close()

    assert bytes(acknowledged) == b"".join(mqtt5.PubAckPacket(number).write() for number in (7, 3, 9))


async def test_an_acknowledgement_for_a_connection_that_is_gone_goes_nowhere() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + message(7))
        await reader.read(1_000)

    async with broker_that(script) as login:
        connection = await Connection.open(login)
        await connection.close()

        connection.acknowledge(np.array([7], np.uint16))


@pytest.mark.parametrize(
    ("said", "loss"),
    [
        (b"", Loss.CLOSED),
        (b"\xff\xff\xff\xff\xff\xff", Loss.NONSENSE),
        (b"\x32\xff\xff\xff\x7f" + b"x" * 100, Loss.TOO_LARGE),
        (mqtt5.SubAckPacket(1, [mqtt5.SubAckReasonCode.NOT_AUTHORIZED]).write(), Loss.NOT_SUBSCRIBED),
        (
            mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SERVER_SHUTTING_DOWN).write(),
            Loss.CLOSED,
        ),
    ],
)
async def test_a_broker_that_leaves_or_talks_nonsense_is_a_loss(said: bytes, loss: Loss) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME)
        await reader.read(1_000)
        writer.write(said)

    async with broker_that(script) as login:
        with pytest.raises(ConnectionLostError) as lost:
            await pumped(login)

    assert lost.value.loss is loss


async def test_a_session_taken_over_is_no_mere_loss() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME)
        await reader.read(1_000)
        writer.write(mqtt5.DisconnectPacket(reason_code=mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER).write())

    async with broker_that(script) as login:
        with pytest.raises(SessionTakenOverError):
            await pumped(login)


async def test_a_refused_login_says_so() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        refusal = mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD)
        writer.write(refusal.write())

    async with broker_that(script) as login:
        with pytest.raises(RefusedError, match="bad user name or password"):
            await Connection.open(login)


async def test_a_message_in_pieces_is_one_message() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME)
        await reader.read(1_000)
        for byte in message(5):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)
        await reader.read(1_000)

    async with broker_that(script) as login:
        inbox = Inbox()
        connection = await Connection.open(login)
        pump = asyncio.create_task(connection.pump(inbox, RealClock()))
        received = await inbox.take(5.0)
        pump.cancel()
        await connection.close()

    (entry,) = Block(0, 1, received[0].packed.body).entries()
    assert (entry.topic, entry.payload, packet_ids(received)) == ("amends/v1/d/event", b"e", [5])


async def test_a_message_of_a_megabyte_comes_whole_and_what_follows_it_too() -> None:
    payload = bytes(range(256)) * 4_000
    large = mqtt5.PublishPacket("amends/v1/d/event", payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=6).write()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = message(5) + large + message(7)
        writer.write(WELCOME)
        await reader.read(1_000)
        for start in range(0, len(said), 50_000):
            writer.write(said[start : start + 50_000])
            await writer.drain()
        await reader.read(1_000)

    async with broker_that(script) as login:
        inbox = Inbox()
        connection = await Connection.open(login)
        pump = asyncio.create_task(connection.pump(inbox, RealClock()))
        received = await inbox.take(5.0)
        while len(packet_ids(received)) < 3:
            more = await inbox.take(5.0)
            assert more
            received += more
        pump.cancel()
        await connection.close()

    entries = [entry for one in received for entry in Block(0, one.packed.records, one.packed.body).entries()]
    assert packet_ids(received) == [5, 6, 7]
    assert [entry.payload for entry in entries] == [b"e", payload, b"e"]


async def test_a_full_inbox_is_not_read_into() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WELCOME + message(1))
        await reader.read(1_000)
        for number in range(2, 50):
            writer.write(message(number))
            await writer.drain()
            await asyncio.sleep(0.002)
        await reader.read(1_000)

    async with broker_that(script) as login:
        inbox = Inbox(most_messages=1)
        connection = await Connection.open(login)
        pump = asyncio.create_task(connection.pump(inbox, RealClock()))
        await asyncio.sleep(0.3)
        held = len(inbox)
        pump.cancel()
        await connection.close()

    assert held == 1


async def test_no_broker_is_a_loss() -> None:
    login = Login(Address("127.0.0.1", 1), "me", (), "c")

    with pytest.raises(ConnectionLostError) as lost:
        await Connection.open(login)

    assert lost.value.loss is Loss.UNREACHABLE
