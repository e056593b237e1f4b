"""The HTTP API for devices, owners, ratings, the kill switch and the scorecard (shell)."""

import math
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import AwareDatetime
from sqlmodel import Session

from agent.console.api_models import (
    BecauseOut,
    CustomerOut,
    DeviceOut,
    GapOut,
    HaltOut,
    HealthOut,
    HistoryOut,
    Listing,
    LossOut,
    Place,
    RatingOut,
    WhyIn,
)
from agent.console.gate import Known, Parts
from agent.console.health_words import health_words
from agent.console.parts import ConsoleParts
from agent.console.problems import ProblemError, not_found
from agent.console.reader import Reader
from agent.console.span import AHEAD, NEWEST, OLDEST, Span
from agent.desk.device import Device
from agent.store.devices import find_device
from agent.store.fleet_list import page_of_devices
from agent.store.losses import losses_between
from agent.store.mail_list import list_ratings
from agent.store.people import consents_of, customer_by_id, devices_of

router = APIRouter(prefix="/api/v1", tags=["devices and people"])
Limit = Annotated[int, Query(ge=1, le=200)]


def _device(parts: ConsoleParts, device: Device) -> DeviceOut:
    view = parts.health.view(device.id)
    words = health_words(view, device, Reader(parts.playbooks, parts.clock.now(), UTC))
    health = HealthOut(
        health=words.health,
        sentence=words.sentence,
        state=None if view is None else view.state,
        drift=None if view is None else view.drift,
        sample_at=None if view is None else view.sample_at,
        normal_since=None if view is None else view.normal_since,
        now=[] if view is None else [BecauseOut.model_validate(part) for part in view.now],
    )
    names = ("id", "product", "firmware", "serial", "online", "busy", "has_clock", "off_on_purpose", "customer_id")
    more = ("first_seen_at", "status_at", "missed")
    fields = {name: getattr(device, name) for name in (*names, *more)}
    return DeviceOut(**fields, commands=list(device.commands), metrics=dict(device.units), health=health)


@router.get("/devices")
def get_devices(
    parts: Parts, _caller: Known, product: str = "", q: str = "", after: str = "", limit: Limit = 50
) -> Listing[DeviceOut]:
    """List devices by id."""
    with parts.database.reading() as session:
        found = page_of_devices(session, product=product, text=q, after=after, limit=limit + 1)
    items = [_device(parts, device) for device in found[:limit]]
    return Listing(items=items, next=items[-1].id if len(found) > limit else None)


@router.get("/devices/{device_id}")
def get_device(parts: Parts, _caller: Known, device_id: str) -> DeviceOut:
    """Return one device."""
    with parts.database.reading() as session:
        return _device(parts, find_device(session, device_id))


@router.get("/devices/{device_id}/history")
def get_history(  # noqa: PLR0913, PLR0917 - each is a query parameter
    parts: Parts,
    _caller: Known,
    device_id: str,
    metric: str,
    since: Annotated[AwareDatetime | None, Query(alias="from", ge=OLDEST, le=NEWEST)] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", ge=OLDEST, le=NEWEST)] = None,
    points: Annotated[int, Query(ge=1, le=10_000)] = 2_000,
) -> HistoryOut:
    """Return one metric over a range, oldest first: the day before ``to`` unless ``from`` is given."""
    last = until or parts.clock.now() + AHEAD
    first = since or last - Span.DAY.length
    with parts.database.reading() as session:
        device = find_device(session, device_id)
        losses = losses_between(session, first, last)
    units = dict(device.units)
    if metric not in units:
        raise not_found(what="metric of this device")
    found = parts.past.read_range(device_id, (metric,), first, last, points, product=device.product)
    return HistoryOut(
        device=device_id,
        metric=metric,
        unit=units[metric],
        at=[_instant(at_s) for at_s in found.at_s.tolist()],
        values=_plain(found.values),
        low=_plain(found.low),
        high=_plain(found.high),
        grain=found.grain.value,
        gaps=[
            GapOut(since=_instant(gap.since_s), until=_instant(gap.until_s), missed=gap.missed)
            for gap in parts.past.read_gaps(device_id, first, last, product=device.product)
        ],
        losses=[LossOut.model_validate(loss) for loss in losses],
    )


def _instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


def _plain(column: NDArray[np.float64]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in column[:, 0].tolist()]


@router.get("/ratings")
def get_ratings(
    parts: Parts,
    _caller: Known,
    score: Annotated[int | None, Query(ge=1, le=5)] = None,
    after: Place = None,
    limit: Limit = 50,
) -> Listing[RatingOut]:
    """List ratings, newest ticket first."""
    with parts.database.reading() as session:
        found = list_ratings(session, score=score, after=after, limit=limit + 1)
    items = [
        RatingOut(
            ticket=f"T-{one.rating.ticket_id}",
            score=one.rating.score,
            comment=one.rating.comment,
            source=one.rating.source,
            at=one.rating.at,
        )
        for one in found[:limit]
    ]
    return Listing(items=items, next=str(found[limit - 1].rating.ticket_id) if len(found) > limit else None)


@router.get("/customers/{customer_id}")
def get_customer(parts: Parts, _caller: Known, customer_id: str) -> CustomerOut:
    """Return an owner."""
    with parts.database.reading() as session:
        return _customer(session, customer_id)


def _customer(session: Session, customer_id: str) -> CustomerOut:
    customer = customer_by_id(session, customer_id)
    if customer is None:
        raise not_found(what="customer")
    return CustomerOut(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        lang=customer.lang,
        zone=customer.zone,
        consents=sorted(consents_of(session, customer_id)),
        devices=list(devices_of(session, customer_id)),
    )


@router.post("/halt")
def halt(parts: Parts, caller: Known, body: WhyIn) -> HaltOut:
    """Stop every automatic fix."""
    parts.desk.halt(caller.staff.name, body.why)
    return HaltOut(halted=True)


@router.post("/resume")
def resume(parts: Parts, caller: Known, body: WhyIn) -> HaltOut:
    """Let the agent act again."""
    parts.desk.resume(caller.staff.name, body.why)
    return HaltOut(halted=False)


@router.get("/scorecard")
def get_scorecard(parts: Parts, _caller: Known) -> dict[str, Any]:
    """Return the scorecard that was kept last: the agent, no agent and fixed thresholds, in simulated lives."""
    kept = parts.scorecard
    if kept is None or not kept.exists():
        raise ProblemError(HTTPStatus.NOT_FOUND, "No scorecard is kept here yet: run `amends scorecard --data DIR`.")
    scorecard: dict[str, Any] = msgspec.json.decode(kept.read_bytes(), type=dict[str, Any])
    return scorecard
