"""What is asked of the running parts when somebody asks whether the agent is ready (shell)."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from agent.act.sender import Outlet
from agent.clock import Clock
from agent.history.process import HistoryProcess
from agent.listen.intake import Intake
from agent.watch.looks import Looks
from agent.watch.losses import Losses
from agent.watch.readiness import Disk, Signs


@dataclass(frozen=True, slots=True)
class Watch:
    """Handed the parts it looks at."""

    intake: Intake
    outlet: Outlet
    history: HistoryProcess
    data: Path
    clock: Clock
    looks: Looks = field(default_factory=Looks)
    losses: Losses = field(default_factory=Losses)

    def signs(self) -> Signs:
        """Return what the parts say now; asks the disk, and nothing else that could wait."""
        return Signs(
            connected=self.intake.connected,
            sending=self.outlet.connected,
            caught_up=self.intake.caught_up.is_set(),
            unscored=self.intake.behind,
            unacknowledged_s=self.intake.unacknowledged_s,
            history_failing=self.history.failing,
            disk=_disk_under(self.data),
            loss=self.losses.lately(self.clock.now()),
            looks=self.looks.problems(time.monotonic()),
        )

    def figures(self, signs: Signs) -> tuple[tuple[str, float], ...]:
        """Return the same as figures for Prometheus, with what the hot path counts."""
        meters = self.intake.meters
        return (
            ("broker_connected", signs.connected),
            ("sender_connected", signs.sending),
            ("broker_dropped", self.losses.dropped),
            ("unscored", signs.unscored),
            ("oldest_unacknowledged_seconds", signs.unacknowledged_s),
            ("disk_free_bytes", -1 if signs.disk is None else signs.disk.free),
            ("due_looks_failed", self.looks.failures()),
            ("history_behind", self.history.behind),
            ("history_lag_seconds", self.history.lag_s),
            *(() if meters is None else meters.figures()),
        )


def _disk_under(data: Path) -> Disk | None:
    try:
        usage = shutil.disk_usage(data)
    except OSError:
        return None
    return Disk(usage.free, usage.total)
