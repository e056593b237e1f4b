"""Fixtures every folder of tests may use: a real mosquitto with the access list and the agent's account."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import aiomqtt
import pytest
import structlog

from broker.address import Address
from broker.mosquitto import Mosquitto

T = TypeVar("T")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Commands that run within a test say what is logged; that ends with the test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RealBroker:
    """A running mosquitto; ``device`` adds one and says how it logs in."""

    mosquitto: Mosquitto
    _serial: "count[int]"

    @property
    def folder(self) -> Path:
        return self.mosquitto.folder

    @property
    def agent_address(self) -> Address:
        return self.mosquitto.agent_address

    def device(self, device_id: str = "") -> Address:
        """Add a device, of a fresh id unless one is named, and return its address with user and password."""
        return self.devices(device_id or self.fresh_id())[0]

    def devices(self, *device_ids: str) -> tuple[Address, ...]:
        """Add devices and return their addresses with user and password."""
        passwords = self.mosquitto.credentials.add(device_ids, NOON)
        return tuple(replace(self.mosquitto.address, user=name, password=passwords[name]) for name in device_ids)

    def fresh_id(self) -> str:
        """Return a device id no other test has used on this broker."""
        return f"dev-{next(self._serial):04d}"

    def client(self, address: Address, *, v5: bool = True, client_id: str | None = None) -> aiomqtt.Client:
        """Return a client, not yet connected, that speaks MQTT 5 or 3.1.1."""
        return aiomqtt.Client(
            address.host,
            address.port,
            username=address.user,
            password=address.password,
            identifier=client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if v5 else aiomqtt.ProtocolVersion.V311,
            timeout=5,
        )


@pytest.fixture(scope="session")
def real_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealBroker]:
    """One mosquitto for the whole run, on a free port; tests keep apart by fresh device ids."""
    mosquitto = Mosquitto(tmp_path_factory.mktemp("data") / "broker")
    with _BackgroundLoop() as loop:
        loop.run(mosquitto.start())
        try:
            yield RealBroker(mosquitto, count(1))
        finally:
            loop.run(mosquitto.stop())


@pytest.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[RealBroker]:
    """A mosquitto for one test alone, which may kill it."""
    mosquitto = Mosquitto(tmp_path / "broker")
    await mosquitto.start()
    try:
        yield RealBroker(mosquitto, count(1))
    finally:
        await mosquitto.stop()


class _BackgroundLoop:
    """An event loop in a thread of its own, for what must outlive the loop of one test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="broker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
