"""Who takes part (pure): what every contender does with a world, and the one that does nothing (state)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agent.scorecard.hotline import Hotline
from agent.scorecard.ledger import Ledger
from agent.scorecard.world import World


class Contender(Protocol):
    """Looks after a world's devices, a minute at a time."""

    @property
    def ledger(self) -> Ledger:
        """Its books."""
        ...

    def begin(self) -> None:
        """Get ready: live time begins with the next minute."""
        ...

    def minute(self, now: datetime) -> None:
        """Live through the minute that ends at ``now`` and do what is to be done."""
        ...

    def close(self) -> None:
        """Put the books in order and let go of everything."""
        ...


@dataclass(slots=True)
class Nobody:
    """No agent: owners notice, call, and a technician comes a working day later."""

    world: World
    ledger: Ledger
    hotline: Hotline

    @classmethod
    def of(cls, world: World) -> "Nobody":
        """Return nobody, in a world."""
        ledger = Ledger()
        return cls(world, ledger, Hotline(world, ledger))

    def begin(self) -> None:
        """Do nothing."""

    def minute(self, now: datetime) -> None:
        """Answer the telephone."""
        for device_id in self.world.get_by(now).called:
            if device_id not in self.hotline.coming:
                self.ledger.tickets += 1
                self.ledger.touched.add(f"call {self.ledger.tickets}")
            self.hotline.take_call(device_id, now)
        self.hotline.work(now)

    def close(self) -> None:
        """Nothing is open."""
