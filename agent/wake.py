"""Wakes the slow path up (shell): what is due lies in our tables; this only looks, often enough."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from agent.care.dispatch import Dispatcher
from agent.clock import Clock
from agent.desk.answers import GRACE
from agent.watch.looks import Looks
from agent.watch.watching import Watch
from agent.work import Worker

_MOST_TICKS = 10  # looks that may be left out before the time in between counts as missed
_LEAST_MISSED = timedelta(minutes=2)

log = structlog.get_logger()

_KINDS = {"work.due": "tickets", "mail.due": "mail"}


@dataclass(slots=True)
class TicketLooks:
    """Looks at the tickets that are due, and notices the time in which nobody was there.

    The looks come late (paused, or the clock jumped forward), or ``is_connected`` says that the broker is not heard.
    ``every_s`` is in real seconds. What is noticed is counted by the clock, so a scaled one is as late as it says.
    """

    worker: Worker
    clock: Clock
    every_s: float
    is_connected: Callable[[], bool]
    _looked_at: datetime | None = None
    _cut_off_at: datetime | None = None

    def look(self) -> None:
        """Do all that is due; the time in which nobody looked, or listened, is given back first."""
        missed = self._missed(self.clock.now())
        if missed:
            self.worker.looked_late(missed)
        self._looked_at = self.clock.now()
        while self.worker.work_due(self.clock.now()):
            pass
        self._looked_at = self.clock.now()  # a long look is no time in which nobody looked

    def _missed(self, now: datetime) -> timedelta:
        """Return for how long nobody was there since the last look; 0 while all is as usual."""
        if not self.is_connected():
            self._cut_off_at = now
        if self._looked_at is None:
            return timedelta()
        since = now - self._looked_at
        if self._was_cut_off(self._looked_at, now):
            return max(since, timedelta())
        usual = timedelta(seconds=self.every_s / self.clock.wall_seconds(timedelta(seconds=1)))
        late = since - usual
        if late <= max(_LEAST_MISSED, _MOST_TICKS * usual):
            return timedelta()
        log.warning("looks.late", missed_s=round(late.total_seconds()))
        return late

    def _was_cut_off(self, looked_at: datetime, now: datetime) -> bool:
        """Tell whether the broker was not heard at some time since; what it had kept has to travel when it is back."""
        if self._cut_off_at is None or self._cut_off_at > now:
            return False  # never, or the clock was put back
        return looked_at - self._cut_off_at < GRACE


async def wake_up(worker: Worker, dispatcher: Dispatcher, clock: Clock, every_s: float, watch: Watch) -> None:
    """Look at what is due every so many real seconds, until cancelled; ``watch`` is told how each ended.

    A look that fails is logged with its trace and tried again at the next; one that takes long is not
    started twice. A look is never skipped for being late: that is APScheduler's default after one second.
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    tickets = TicketLooks(worker, clock, every_s, lambda: watch.intake.connected)
    scheduler.add_job(tickets.look, "interval", seconds=every_s, id="work.due")
    scheduler.add_job(dispatcher.send_due, "interval", seconds=every_s, id="mail.due")
    scheduler.add_listener(
        lambda event: _tell(watch.looks, event), EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES
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
