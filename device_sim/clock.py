"""What time it is in the simulation (shell): the only place of the simulator that reads a clock."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class SimClock:
    """Simulated time: ``origin`` when the wall showed ``wall_origin_s`` (Unix seconds), ``speed`` > 0 times as fast.

    Another process that is handed the same three figures agrees on the time.
    """

    origin: datetime
    wall_origin_s: float
    speed: float

    @classmethod
    def starting(cls, origin: datetime | None, wall_origin_s: float | None, speed: float) -> "SimClock":
        """Return a clock; ``None`` stands for the present, so that without any figure it is the machine's own."""
        wall_s = time.time()
        return cls(
            origin=origin or datetime.fromtimestamp(wall_s, UTC),
            wall_origin_s=wall_s if wall_origin_s is None else wall_origin_s,
            speed=speed,
        )

    def now(self) -> datetime:
        """Return the simulated instant, in UTC."""
        return self.origin.astimezone(UTC) + timedelta(seconds=(time.time() - self.wall_origin_s) * self.speed)

    async def until(self, instant: datetime) -> None:
        """Sleep until the simulated instant; at once when it has passed."""
        await asyncio.sleep(max((instant - self.now()).total_seconds() / self.speed, 0.0))
