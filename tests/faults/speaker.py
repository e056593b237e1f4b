"""A device that says what it is given, in order, and says again what the broker did not acknowledge (shell)."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from broker.address import Address
from broker.topics import RETAINED, Channel, topic_of
from device_sim.logins import Login
from device_sim.replay_link import ReplayError, ReplayLink
from device_sim.voice import Publish

_TRY_AGAIN_S: Final = 0.1
_TOGETHER: Final = 50  # messages between looks at the clock


@dataclass(slots=True)
class Speaker:
    """One device; its user name is its id. ``said`` counts what the broker acknowledged."""

    address: Address
    boot: str = "b1"
    said: int = 0
    _link: ReplayLink | None = field(default=None, init=False)

    @property
    def device_id(self) -> str:
        return str(self.address.user)

    def telemetry(self, seq: int, ts_ms: int | None, **metrics: float) -> Publish:
        """Return one sample."""
        return self.message(Channel.TELEMETRY, {"seq": seq, "ts": ts_ms, "m": metrics})

    def columns(self, seq: int, ts_ms: Sequence[int], **metrics: Sequence[float]) -> Publish:
        """Return samples as columns; ``seq`` is the first one's."""
        return self.message(Channel.TELEMETRY, {"seq": seq, "ts": list(ts_ms), "m": metrics})

    def message(self, channel: Channel, body: dict[str, Any]) -> Publish:
        """Return a message with version and boot."""
        payload = json.dumps({"v": 1, "boot": self.boot} | body).encode()
        return Publish(topic_of(self.device_id, channel), payload, channel in RETAINED)

    def status(self, word: str) -> Publish:
        """Return ``online`` or ``offline``."""
        return Publish(topic_of(self.device_id, Channel.STATUS), word.encode(), retain=True)

    async def say(self, messages: Sequence[Publish], *, per_s: float | None = None) -> None:
        """Say all of it and return when it is acknowledged, over as many connections as that takes.

        ``per_s`` ``None``: as fast as the broker takes it.
        """
        began, done = monotonic(), 0
        while done < len(messages):
            acknowledged = 0
            link = self._connection()
            try:
                async with link:
                    try:
                        for place, message in enumerate(messages[done:], done):
                            await link.publish(message)
                            if per_s is not None:
                                await asyncio.sleep(max(0.0, began + (place + 1) / per_s - monotonic()))
                            elif place % _TOGETHER == 0:
                                await asyncio.sleep(0)
                        await link.settled()
                    finally:
                        acknowledged = link._window.acknowledged
            except (ReplayError, OSError):
                await asyncio.sleep(_TRY_AGAIN_S)
            done += acknowledged
            self.said += acknowledged

    def _connection(self) -> ReplayLink:
        login = Login(self.address.user, self.address.password)
        return ReplayLink(self.device_id, self.address, login, self.status("offline"))
