"""A TCP proxy that is a bad network (shell): it delays, splits, cuts, and lets connections hang half-open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from broker.address import Address

_READ_BYTES: Final = 65_536
_SMALLEST_PART: Final = 1
_LARGEST_PART: Final = 40


@dataclass(slots=True)
class Proxy:
    """Between a client and ``target``. What it does to the bytes may be changed at any time.

    Attributes:
        delay_s: how long every part waits, each way.
        split: pass on parts of 1 to 40 bytes instead of what came together.
        hanging: pass nothing on and close nothing: a half-open connection.
        refusing: close whatever connects.
    """

    target: Address
    chance: Random
    delay_s: float = 0.0
    split: bool = False
    hanging: bool = False
    refusing: bool = False
    connects: int = 0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _moving: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> Address:
        """The target as it is reached through the proxy."""
        assert self._server is not None
        return replace(self.target, host="127.0.0.1", port=self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._moving.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_READ_BYTES)

    def cut(self) -> None:
        """Cut every connection and let nobody in until ``mend``."""
        self.refusing = True
        for writer in tuple(self._writers):
            writer.transport.abort()

    def hang(self) -> None:
        """Let everything hang: nothing passes, nothing is closed, new connections are taken and never answered."""
        self._moving.clear()

    def mend(self) -> None:
        """Let everything pass again; what hung goes on where it was."""
        self.refusing = False
        self._moving.set()

    async def stop(self) -> None:
        assert self._server is not None
        self.cut()
        self._moving.set()
        self._server.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 2.0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        if self.refusing:
            writer.transport.abort()
            return
        try:
            there, away = await asyncio.open_connection(self.target.host, self.target.port, limit=_READ_BYTES)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, away}
        self._writers |= pair
        try:
            await asyncio.gather(self._pass(reader, away), self._pass(there, writer))
        except OSError:
            pass  # one side is gone, and so is the other in a moment
        finally:
            self._writers -= pair
            for one in pair:
                one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_READ_BYTES):
            for part in self._parts(data):
                await asyncio.sleep(self.delay_s)
                await self._moving.wait()
                writer.write(part)
                await writer.drain()
        raise ConnectionResetError

    def _parts(self, data: bytes) -> list[bytes]:
        if not self.split:
            return [data]
        parts = []
        while data:
            size = self.chance.randint(_SMALLEST_PART, _LARGEST_PART)
            parts.append(data[:size])
            data = data[size:]
        return parts


@asynccontextmanager
async def a_proxy(target: Address, seed: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(target, Random(seed))
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
