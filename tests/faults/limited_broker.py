"""Mosquitto with other limits than ours, as somebody's own broker may have them (shell)."""

import asyncio
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from broker.configuration import CONFIG_FILE
from broker.doctor import DROPPED_TOPIC
from broker.mosquitto import Mosquitto, find_mosquitto
from broker.sessions import can_log_in, first_message

_PATIENCE_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.05
_SYS_INTERVAL_S: Final = 5.0
_TRIES: Final = 5  # on a busy machine a connection takes longer than a passer-by waits


@asynccontextmanager
async def limited(mosquitto: Mosquitto, **settings: object) -> AsyncIterator[None]:
    """Run the same broker, stopped before, with these settings changed: same ports, same accounts, same store."""
    config = mosquitto.folder / CONFIG_FILE
    kept = [line for line in config.read_text().splitlines() if line.partition(" ")[0] not in settings]
    other = mosquitto.folder / "limited.conf"
    other.write_text("\n".join([*(f"{name} {value}" for name, value in settings.items()), *kept]) + "\n")
    process = await asyncio.create_subprocess_exec(find_mosquitto(), "-c", other, stdout=DEVNULL, stderr=DEVNULL)
    try:
        deadline = monotonic() + _TRIES * _PATIENCE_S
        while not await can_log_in(mosquitto.agent_address):
            assert monotonic() < deadline, "the limited broker does not answer"
            await asyncio.sleep(_LOOK_EVERY_S)
        yield
    finally:
        process.terminate()
        await process.wait()


async def dropped(mosquitto: Mosquitto) -> int:
    """Return how many messages the broker says it has dropped by now; it counts anew every few seconds."""
    await asyncio.sleep(2 * _SYS_INTERVAL_S)
    for _ in range(_TRIES):
        count = await first_message(mosquitto.agent_address, DROPPED_TOPIC, _PATIENCE_S)
        if count is not None:
            return int(count)
    raise TimeoutError(DROPPED_TOPIC)
