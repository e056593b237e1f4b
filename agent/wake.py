"""Wakes the slow path up (shell): what is due lies in our tables; this only looks, often enough."""

import asyncio
import time

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from agent.care.dispatch import Dispatcher
from agent.clock import Clock
from agent.watch.looks import Looks
from agent.work import Worker

_KINDS = {"work.due": "tickets", "mail.due": "mail"}


async def wake_up(worker: Worker, dispatcher: Dispatcher, clock: Clock, every_s: float, looks: Looks) -> None:
    """Look at what is due every so many real seconds, until cancelled; ``looks`` is told how each ended.

    A look that fails is logged with its trace and tried again at the next; one that takes long is not
    started twice. A look is never skipped for being late: that is APScheduler's default after one second.
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )

    def look_at_tickets() -> None:
        while worker.work_due(clock.now()):
            pass

    scheduler.add_job(look_at_tickets, "interval", seconds=every_s, id="work.due")
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
