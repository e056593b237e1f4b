"""The telephone, and what follows from a call (state): a technician a day later, and a question how it was.

The same for every contender: it is what happens when nobody was quicker than the fault.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from agent.scorecard.ledger import Ledger
from agent.scorecard.office_hours import next_open
from agent.scorecard.world import World

_COMES_AFTER: Final = timedelta(hours=24)
_ASKED_AFTER: Final = timedelta(hours=1)


@dataclass(slots=True)
class Hotline:
    """Visits arranged by telephone, one ahead a device at most."""

    world: World
    ledger: Ledger
    coming: dict[str, datetime] = field(default_factory=dict)
    asking: list[tuple[datetime, str]] = field(default_factory=list)

    def take_call(self, device_id: str, now: datetime) -> None:
        """Arrange a visit on the next working day and confirm it by mail, unless one is arranged."""
        self.arrange(device_id, next_open(now + _COMES_AFTER))

    def arrange(self, device_id: str, at: datetime) -> None:
        """Arrange a visit at ``at`` and confirm it by mail, unless one is arranged."""
        if device_id not in self.coming:
            self.coming[device_id] = at
            self.ledger.messages += 1

    def due(self, now: datetime) -> list[str]:
        """Return the devices to which a technician comes now."""
        return [device_id for device_id, at in self.coming.items() if at <= now]

    def work(self, now: datetime) -> list[str]:
        """Let technicians come whose time it is, ask owners how it was, and return the devices visited now."""
        visited = self.due(now)
        for device_id in visited:
            del self.coming[device_id]
            self.world.visit(device_id)
            self.asking.append((now + _ASKED_AFTER, device_id))
        while self.asking and self.asking[0][0] <= now:
            _, device_id = self.asking.pop(0)
            self.ledger.messages += 1
            score = self.world.survey(device_id, 1)
            if score is not None:
                self.ledger.scores.append(score)
        return visited
