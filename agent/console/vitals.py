"""Whether we live, whether we are ready, and how much we do (shell): for supervisors, without a login."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from agent.console.gate import Parts
from agent.console.queue_page import HEALED_WITHIN
from agent.errors import StoreBusyError
from agent.store.database import problem_of
from agent.store.erasures import erasure_requests
from agent.store.fleet_list import fleet_figures
from agent.store.oversight import backlog, count_unreadable, standing_halt
from agent.store.promises import promise_figures, promise_record
from agent.store.queue import counts

router = APIRouter(include_in_schema=False)


@router.get("/livez")
def livez() -> PlainTextResponse:
    """Say that the process answers."""
    return PlainTextResponse("alive\n")


@router.get("/readyz")
def readyz(parts: Parts) -> JSONResponse:
    """Say whether every part works, and which does not."""
    problems = list(parts.vitals().problems)
    try:
        with parts.database.trying() as session:
            standing_halt(session)
    except (SQLAlchemyError, StoreBusyError) as error:
        problems.append(f"the database cannot be written: {problem_of(error)}")
    return JSONResponse({"ready": not problems, "problems": problems}, 503 if problems else 200)


@router.get("/metrics")
def metrics(parts: Parts) -> Response:
    """Return the counters in the text format of Prometheus. They name no device and no person."""
    registry = CollectorRegistry()
    vitals = parts.vitals()
    figures: dict[str, float] = {"ready": not vitals.problems, **dict(vitals.counters)}
    now = parts.clock.now()
    with parts.database.reading() as session:
        waiting = backlog(session, now)
        oldest = waiting.oldest_due_at
        queue, fleet = counts(session, now - HEALED_WITHIN), fleet_figures(session)
        figures |= {
            "tickets_needing_a_person": queue.needs_a_person,
            "tickets_in_progress": queue.in_progress,
            "devices": fleet.devices,
            "devices_online": fleet.online,
            "messages_missed": fleet.missed,
            "messages_quarantined": count_unreadable(session),
            "outbox_waiting": waiting.waiting,
            "outbox_failing": waiting.failing,
            "outbox_oldest_seconds": 0 if oldest is None else (now - oldest).total_seconds(),
            "erasure_requests": len(erasure_requests(session)),
            "halted": standing_halt(session) is not None,
        }
        figures |= promise_figures(promise_record(session))
    for name, value in figures.items():
        Gauge(f"amends_{name}", name.replace("_", " "), registry=registry).set(float(value))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
