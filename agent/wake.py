"""Wakes the slow path up (shell): what is due lies in our tables; this only looks, often enough."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from agent.care.dispatch import Dispatcher
from agent.clock import Clock
from agent.watch.looks import Looks
from agent.work import Worker

_MOST_TICKS = 10  # looks that may be left out before the time in between counts as missed
_LEAST_MISSED = timedelta(minutes=2)

log = structlog.get_logger()

_KINDS = {"work.due": "tickets", "mail.due": "mail"}


@dataclass(slots=True)
class TicketLooks:
    """Looks at the tickets that are due, and notices when it comes late: paused, or the clock jumped forward.

    ``every_s`` is in real seconds. What is noticed is counted by the clock, so a scaled one is as late as it says.
    """

    worker: Worker
    clock: Clock
    every_s: float
    _looked_at: datetime | None = None

    def look(self) -> None:
        """Do all that is due; the time in which nobody looked is given back first."""
        missed = self._missed()
        if missed:
            log.warning("looks.late", missed_s=round(missed.total_seconds()))
            self.worker.looked_late(missed)
        self._looked_at = self.clock.now()
        while self.worker.work_due(self.clock.now()):
            pass
        self._looked_at = self.clock.now()  # a long look is no time in which nobody looked

    def _missed(self) -> timedelta:
        """Return for how long nobody looked who should have; 0 while looks come as they usually do."""
        if self._looked_at is None:
            return timedelta()
        usual = timedelta(seconds=self.every_s / self.clock.wall_seconds(timedelta(seconds=1)))
        missed = self.clock.now() - self._looked_at - usual
        return missed if missed > max(_LEAST_MISSED, _MOST_TICKS * usual) else timedelta()


async def wake_up(worker: Worker, dispatcher: Dispatcher, clock: Clock, every_s: float, looks: Looks) -> None:
    """Look at what is due every so many real seconds, until cancelled; ``looks`` is told how each ended.

    A look that fails is logged with its trace and tried again at the next; one that takes long is not
    started twice. A look is never skipped for being late: that is APScheduler's default after one second.
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    tickets = TicketLooks(worker, clock, every_s)
    scheduler.add_job(tickets.look, "interval", seconds=every_s, id="work.due")
    scheduler.add_job(dispatcher.send_due, "interval", seconds=every_s, id="mail.due")
    scheduler.add_listener(
        lambda event: _tell(looks, event), EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES
    )
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


def _tell(looks: Looks, event: JobEvent) -> None:
    kind = _KINDS[event.job_id]
    if event.code == EVENT_JOB_EXECUTED:
        looks.succeeded(kind)
    elif event.code == EVENT_JOB_ERROR:
        looks.failed(kind)
    else:
        looks.late(kind, time.monotonic())
