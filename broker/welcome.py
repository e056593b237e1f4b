"""What a broker says of its own limits when somebody connects (shell): one connection, closed at once."""

import asyncio
import contextlib
import secrets
import ssl
from typing import Final

import mqtt5

from broker.address import Address

_READ_BYTES: Final = 65_536


async def welcome_of(address: Address) -> mqtt5.ConnAckPacket | None:
    """Return the broker's answer to an MQTT 5 connect with our account; ``None``: it hung up, or refused us.

    Raises:
        OSError: nobody answers there.
        ValueError: what answers is no MQTT 5.
    """
    tls = ssl.create_default_context() if address.tls else None
    reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
    try:
        hello = mqtt5.ConnectPacket(
            f"amends-doctor-{secrets.token_hex(4)}",  # of its own: another's session must not be thrown out
            username=address.user,
            password=None if address.password is None else address.password.encode(),
            clean_start=True,
        )
        writer.write(hello.write())
        answer = await _first_packet(reader)
        writer.write(mqtt5.DisconnectPacket().write())
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    welcomed = isinstance(answer, mqtt5.ConnAckPacket) and answer.reason_code == mqtt5.ConnAckReasonCode.SUCCESS
    return answer if welcomed and isinstance(answer, mqtt5.ConnAckPacket) else None


async def _first_packet(reader: asyncio.StreamReader) -> mqtt5.Packet | None:
    data = b""
    while more := await reader.read(_READ_BYTES):
        data += more
        with contextlib.suppress(IndexError):  # the rest of it is still to come
            packet, _ = mqtt5.read(memoryview(data))
            return packet
    return None
