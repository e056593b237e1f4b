"""One connection to the broker (shell): packets in, acknowledgements out, until it is lost.

MQTT 5 without a library that acknowledges for us: a message is acknowledged when it is in the journal, on this
connection or not at all. A broker that sends more than we can keep is not read from.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import mqtt5
import numpy as np
from numpy.typing import NDArray

from agent.clock import Clock
from agent.listen.errors import ConnectionLostError, Loss, SessionTakenOverError
from agent.listen.frames import LEAST_PACKET, ROOM, find_messages, packet_bytes
from agent.listen.inbox import Inbox, Received
from agent.store.segment import Packed, Record, pack_records
from broker.address import Address
from broker.errors import RefusedError

_READ_BYTES: Final = 2**18
_PACKET_BYTES: Final = 2**21  # twice what our broker lets through
_RECEIVE_MAX: Final = 8_192
_KEEP_ALIVE_S: Final = 15
_PING_EVERY_S: Final = 5.0
_PATIENCE_S: Final = 10.0  # for an answer, and for any sign of life
_CLOSE_S: Final = 1.0
_BETWEEN_READS_S: Final = 0.003  # lets broker and reader work in bulk
_REFUSALS: Final = (
    mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD,
    mqtt5.ConnAckReasonCode.NOT_AUTHORIZED,
    mqtt5.ConnAckReasonCode.BANNED,
    mqtt5.ConnAckReasonCode.CLIENT_ID_NOT_VALID,
)
_GRANTED: Final = (mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE, mqtt5.SubAckReasonCode.GRANTED_QOS_EXACTLY_ONCE)
_SUBSCRIBE_ID: Final = 1
_PUBACK: Final = np.dtype([("head", ">u2"), ("packet_id", ">u2")])
_PUBACK_HEAD: Final = 0x4002


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to the broker and what we want to hear.

    ``claim_topic`` holds, retained, which process has the session. ``expiry`` is how long the broker keeps the
    session, and what comes for it, without us.
    """

    address: Address
    client_id: str
    filters: tuple[str, ...]
    claim_topic: str
    expiry: timedelta = timedelta(days=7)


class Connection:
    """A connection that is open. Make one with ``Connection.open``."""

    def __init__(self, login: Login, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._login = login
        self._reader = reader
        self._writer = writer
        self._rest = b""
        self._needed = 0  # bytes of the packet that begins in the rest, 0: not known yet
        self._records = np.empty(0, np.uint8)
        self._packet_ids = np.empty(0, np.uint16)
        self._heard_s = asyncio.get_running_loop().time()
        self._reading = True
        self.subscribed = asyncio.Event()

    @classmethod
    async def open(cls, login: Login, claim: bytes | None = None) -> Self:
        """Connect and ask for the subscriptions; they are granted once ``subscribed`` is set.

        ``claim`` is published on the login's claim topic before anything else, retained; ``None``: nothing is.

        Raises:
            ConnectionLostError: there is no broker, or it does not answer in time.
            RefusedError: it turned us down.
        """
        address = login.address
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reader, writer = await asyncio.open_connection(
                    address.host,
                    address.port,
                    limit=_READ_BYTES,
                    ssl=ssl.create_default_context() if address.tls else None,
                )
                connection = cls(login, reader, writer)
                try:
                    await connection._greet(claim)
                except BaseException:
                    await connection.close()
                    raise
                return connection
        except TimeoutError as error:
            raise ConnectionLostError(Loss.NO_ANSWER) from error
        except OSError as error:
            raise ConnectionLostError(Loss.UNREACHABLE, error.strerror or str(error)) from error

    async def pump(self, inbox: Inbox, clock: Clock) -> None:
        """Read messages into the inbox for as long as the connection lasts; it never returns.

        Raises:
            ConnectionLostError: it ended.
            SessionTakenOverError: the broker gave the session to somebody else.
        """
        self._sort(self._rest, inbox, clock)  # what came with the answer to our greeting
        while True:
            if inbox.is_full:
                self._reading = False
                await inbox.room()
                self._reading = True
                self._heard_s = asyncio.get_running_loop().time()
            self._sort(await self._read(), inbox, clock)
            await asyncio.sleep(_BETWEEN_READS_S)

    async def stay_alive(self) -> None:
        """Ping, and notice a broker that is not there any more; it never returns.

        Raises:
            ConnectionLostError: nothing was heard for too long, or the subscriptions were not granted.
        """
        opened_s = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(_PING_EVERY_S)
            now_s = asyncio.get_running_loop().time()
            if self._reading and now_s - self._heard_s > _PATIENCE_S:
                raise ConnectionLostError(Loss.SILENT)
            if not self.subscribed.is_set() and now_s - opened_s > _PATIENCE_S:
                raise ConnectionLostError(Loss.NOT_SUBSCRIBED)
            self._write(mqtt5.PingReqPacket().write())

    def acknowledge(self, packet_ids: NDArray[np.uint16]) -> None:
        """Tell the broker that these are ours now, in this order; nothing when the connection is gone."""
        answers = np.empty(len(packet_ids), _PUBACK)
        answers["head"], answers["packet_id"] = _PUBACK_HEAD, packet_ids
        self._write(answers.tobytes())

    async def leave(self) -> None:
        """Say goodbye and close; the broker keeps the session."""
        self._write(mqtt5.DisconnectPacket().write())
        await self.close()

    async def close(self) -> None:
        """Close without a word; returns when the socket is closed."""
        self._writer.close()
        with contextlib.suppress(OSError):
            try:
                async with asyncio.timeout(_CLOSE_S):
                    await self._writer.wait_closed()
            except TimeoutError:  # what we still wanted to say is not taken: a broker that hangs
                self._writer.transport.abort()

    def _write(self, data: bytes) -> None:
        if data and not self._writer.is_closing():
            self._writer.write(data)

    async def _greet(self, claim: bytes | None) -> None:
        login = self._login
        password = login.address.password
        hello = mqtt5.ConnectPacket(
            login.client_id,
            username=login.address.user,
            password=None if password is None else password.encode(),
            clean_start=False,  # mosquitto never writes a session opened with clean start
            keep_alive=_KEEP_ALIVE_S,
            session_expiry_interval=int(login.expiry.total_seconds()),
            receive_max=_RECEIVE_MAX,
            max_packet_size=_PACKET_BYTES,
        )
        self._write(hello.write())
        answer = await self._first()
        if not isinstance(answer, mqtt5.ConnAckPacket):
            raise ConnectionLostError(Loss.NONSENSE)
        if answer.reason_code in _REFUSALS:
            raise RefusedError(str(login.address), answer.reason_code.name.lower().replace("_", " "))
        if answer.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise ConnectionLostError(Loss.REFUSED, answer.reason_code.name.lower())
        # Whatever it says about a session: one that was killed remembers nothing, and nothing says so.
        filters = [mqtt5.TopicFilter(pattern, max_qos=mqtt5.QoS.AT_LEAST_ONCE) for pattern in login.filters]
        subscribe = mqtt5.SubscribePacket(_SUBSCRIBE_ID, filters).write()
        said = b""
        if claim is not None:
            said = mqtt5.PublishPacket(login.claim_topic, claim, qos=mqtt5.QoS.AT_MOST_ONCE, retain=True).write()
        self._write(said + subscribe)

    async def _first(self) -> mqtt5.Packet:
        """Return the first packet; what came with it stays for later."""
        while True:
            data = await self._read()
            packet, length = self._packet(data, 0)
            self._leave(data[length:])
            if packet is not None:
                return packet

    async def _read(self) -> bytes:
        """Wait for bytes and return them, after those that were left over, once a packet can be whole.

        A large one comes in many reads: to put it together at each of them would cost its size each time.
        """
        parts, size = [self._rest], len(self._rest)
        while size <= len(self._rest) or size < self._needed:
            try:
                chunk = await self._reader.read(_READ_BYTES)
            except OSError as error:
                raise ConnectionLostError(Loss.CLOSED, error.strerror or str(error)) from error
            if not chunk:
                raise ConnectionLostError(Loss.CLOSED)
            self._heard_s = asyncio.get_running_loop().time()
            parts.append(chunk)
            size += len(chunk)
        return b"".join(parts)

    def _sort(self, data: bytes, inbox: Inbox, clock: Clock) -> None:
        """Put messages into the inbox and answer the rest; what is not whole yet stays for later."""
        arrival_ms = int(clock.now().timestamp() * 1000)
        self._make_room(len(data))
        at = 0
        while at < len(data):
            found = find_messages(data, at, arrival_ms, self._records, self._packet_ids)
            if found.messages:
                packed = Packed(self._records[: found.written].tobytes(), found.messages)
                inbox.put(Received(packed, self._packet_ids[: found.messages].copy(), self))
            at += found.used
            if not found.odd:
                break
            packet, length = self._packet(data, at)
            if packet is None:
                break
            if isinstance(packet, mqtt5.PublishPacket):
                packed = pack_records([Record(arrival_ms, packet.topic, packet.payload)])
                inbox.put(Received(packed, np.array([packet.packet_id or 0], np.uint16), self))
            else:
                self._control(packet)
            at += length
        self._leave(data[at:])

    def _leave(self, rest: bytes) -> None:
        self._rest, self._needed = rest, packet_bytes(rest)
        if self._needed > _PACKET_BYTES:
            raise ConnectionLostError(Loss.TOO_LARGE)

    def _packet(self, data: bytes, at: int) -> tuple[mqtt5.Packet | None, int]:
        """Return the packet at a place and its length; ``None`` and 0 when its rest is still to come."""
        try:
            return mqtt5.read(memoryview(data)[at:])
        except IndexError:
            return None, 0
        except ValueError as error:
            raise ConnectionLostError(Loss.NONSENSE, str(error)) from error

    def _make_room(self, size: int) -> None:
        if len(self._records) < ROOM * size:
            self._records = np.empty(ROOM * size, np.uint8)
            self._packet_ids = np.empty(size // LEAST_PACKET + 1, np.uint16)

    def _control(self, packet: mqtt5.Packet) -> None:
        match packet:
            case mqtt5.SubAckPacket():
                if any(code not in _GRANTED for code in packet.reason_codes):
                    raise ConnectionLostError(Loss.NOT_SUBSCRIBED)
                self.subscribed.set()
            case mqtt5.DisconnectPacket():
                if packet.reason_code == mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER:
                    raise SessionTakenOverError(self._login.client_id)
                raise ConnectionLostError(Loss.CLOSED, packet.reason_code.name.lower())
            case _:
                return  # a ping's answer; anything else asks nothing of us
