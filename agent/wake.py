"""Wakes the slow path up (shell): what is due lies in our tables; this only looks, often enough."""

import asyncio

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from agent.care.dispatch import Dispatcher
from agent.clock import Clock
from agent.work import Worker


async def wake_up(worker: Worker, dispatcher: Dispatcher, clock: Clock, every_s: float) -> None:
    """Look at what is due every so many real seconds, until cancelled.

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
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
