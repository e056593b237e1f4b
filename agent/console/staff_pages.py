"""The pages of the queue, tickets, devices and the fleet (shell): read, build, show."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from agent.console.api_models import Place
from agent.console.chart import Frame, draw, ticket_frame, usual_levels
from agent.console.chrome import AtDesk, Desktop
from agent.console.device_page import DeviceFile, DevicePage, device_page, fleet_rows
from agent.console.health_words import HEALTH, Health, judge
from agent.console.problems import not_found
from agent.console.queue_page import QueuePage, lines, queue_page
from agent.console.span import AHEAD, POINTS, Span
from agent.console.ticket_page import TicketPage, ticket_page
from agent.console.words import STATES
from agent.desk.chart import as_readings, joined
from agent.desk.chart import draw as thinned
from agent.desk.ticket import TicketState
from agent.health.reading import Readings
from agent.store.devices import find_device
from agent.store.findings import findings_of_device
from agent.store.fleet_list import Switch, devices_named, fleet_figures, page_of_switches, products
from agent.store.losses import losses_between
from agent.store.people import owner_of
from agent.store.queue import (
    IN_PROGRESS,
    NEEDS_A_PERSON,
    Search,
    in_progress,
    needing_a_person,
    open_ticket_counts,
    recently_healed,
    search,
    tickets_of,
)
from agent.store.ticket_file import read_file

router = APIRouter(include_in_schema=False)
SHOWN = 25  # lines a page
FINDINGS_SHOWN = 20
_SECTION = 12  # lines a section of the queue
_SCANNED = 2_000  # devices looked at in one go when the fleet is filtered by health
GROUPS: Mapping[str, tuple[TicketState, ...]] = {"needs": NEEDS_A_PERSON, "busy": IN_PROGRESS}
STATE_CHOICES = (
    ("needs", "Needs a person"),
    ("busy", "Under way"),
    *((state.value, label.text) for state, label in STATES.items() if state is not TicketState.WITH_PERSON),
)
Text = Annotated[str, Query(max_length=100)]


def states_named(name: str) -> tuple[TicketState, ...]:
    """Return the states a filter names: a group or one of them; empty for any."""
    if name in GROUPS:
        return GROUPS[name]
    return (TicketState(name),) if name in set(TicketState) else ()


def ticket_number(text: str) -> int:
    """Return the number of a ticket as people write it, ``T-1042`` or ``1042``.

    Raises:
        ProblemError: it is no ticket number.
    """
    digits = text.upper().removeprefix("T-")
    if not digits.isdecimal() or len(digits) > 18:  # noqa: PLR2004 - the largest integer of the database has 19
        raise not_found(what="ticket")
    return int(digits)


@router.get("/")
def show_queue(desk: AtDesk, q: Text = "", state: Text = "", device: Text = "", after: Place = None) -> HTMLResponse:
    """Show the queue, or what a search finds."""
    wanted = Search(states_named(state), device.strip(), q.strip())
    with desk.parts.database.reading() as session:
        common: dict[str, Any] = {"wanted": wanted, "states": STATE_CHOICES, "chosen": state}
        if wanted.is_empty:
            return desk.show(session, "queue.html", "/", page=_queue(desk, session), **common)
        found = search(session, wanted, after=after, limit=SHOWN + 1)
        kept = {"q": wanted.text, "state": state, "device": wanted.device}
        older = f"/?{urlencode({**kept, 'after': found[SHOWN - 1].id})}" if len(found) > SHOWN else ""
        newer = f"/?{urlencode(kept)}" if after is not None else ""
        shown = lines(found[:SHOWN], desk.reader)
        return desk.show(session, "queue.html", "/", found=shown, older=older, newer=newer, **common)


def _queue(desk: Desktop, session: Session) -> QueuePage:
    return queue_page(
        desk.counts(session),
        needing_a_person(session, _SECTION),
        in_progress(session, _SECTION),
        recently_healed(session, _SECTION),
        desk.reader,
    )


@router.get("/queue-lists")
def show_queue_lists(desk: AtDesk) -> HTMLResponse:
    """Show the lists of the queue alone, for a page that is open."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "queue_lists.html", page=_queue(desk, session), swap=True)


@router.get("/halt-banner")
def show_halt_banner(desk: AtDesk) -> HTMLResponse:
    """Show the banner alone, for a page that is open."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "halt_banner.html")


@router.get("/demo-clock")
def show_demo_clock(desk: AtDesk) -> HTMLResponse:
    """Show the demonstration's clock alone, for a page whose server was away."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "demo_clock.html")


def _ticket(desk: Desktop, session: Session, number: str) -> TicketPage:
    file = read_file(session, ticket_number(number))
    return ticket_page(file, desk.parts.health.view(file.device.id), desk.reader)


@router.get("/tickets/{number}")
def show_ticket(desk: AtDesk, number: str) -> HTMLResponse:
    """Show a ticket."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "ticket.html", "/", page=_ticket(desk, session, number))


@router.get("/tickets/{number}/live")
def show_ticket_live(desk: AtDesk, number: str, seen: str = "") -> HTMLResponse:
    """Show what changes on a ticket's page that is open; what somebody types there is left alone."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "ticket_live.html", page=_ticket(desk, session, number), swap=True, seen=seen)


@router.get("/tickets/{number}/chart")
def ticket_chart(desk: AtDesk, number: str) -> Response:
    """Return the chart of the metrics that gave a ticket's fault away."""
    with desk.parts.database.reading() as session:
        file = read_file(session, ticket_number(number))
    frame = ticket_frame(file, desk.reader)
    remembered = desk.parts.health.recent(file.device.id, frame.metrics, frame.since)
    return _chart(desk, file.device.id, frame, as_readings(joined(file.chart, thinned(remembered))))


def _chart(desk: Desktop, device_id: str, frame: Frame, readings: Readings) -> Response:
    gaps = desk.parts.past.read_gaps(device_id, frame.since, frame.until, product=frame.product)
    with desk.parts.database.reading() as session:
        losses = losses_between(session, frame.since, frame.until)
    drawn = draw(frame, readings, desk.reader, gaps, losses)
    return Response(msgspec.json.encode(drawn), media_type="application/json")


def _device(desk: Desktop, session: Session, device_id: str) -> DevicePage:
    device = find_device(session, device_id)
    owner = owner_of(session, device_id)
    file = DeviceFile(
        device,
        tickets_of(session, device_id, SHOWN),
        findings_of_device(session, device_id, FINDINGS_SHOWN),
        "" if owner is None else owner.name,
    )
    return device_page(file, desk.parts.health.view(device_id), desk.reader)


@router.get("/devices/{device_id}")
def show_device(desk: AtDesk, device_id: str, span: Span = Span.DAY) -> HTMLResponse:
    """Show a device, its charts over a span."""
    with desk.parts.database.reading() as session:
        page = _device(desk, session, device_id)
        return desk.show(session, "device.html", "/devices", page=page, span=span, spans=tuple(Span))


@router.get("/devices/{device_id}/live")
def show_device_live(desk: AtDesk, device_id: str) -> HTMLResponse:
    """Show what changes about a device, for a page that is open."""
    with desk.parts.database.reading() as session:
        return desk.show(session, "device_live.html", page=_device(desk, session, device_id))


@router.get("/devices/{device_id}/chart")
def device_chart(desk: AtDesk, device_id: str, span: Span = Span.DAY) -> Response:
    """Return the chart of all of a device's metrics over a span."""
    with desk.parts.database.reading() as session:
        device = find_device(session, device_id)
    view = desk.parts.health.view(device_id)
    frame = Frame(
        product=device.product,
        metrics=tuple(name for name, _ in device.units),
        usual=() if view is None else usual_levels(view.now),
        since=desk.now - span.length,
        until=desk.now + AHEAD,
    )
    past = desk.parts.past
    found = past.read_range(device_id, frame.metrics, frame.since, frame.until, POINTS, product=device.product)
    return _chart(desk, device_id, frame, found)


def _health(desk: Desktop, device: Switch) -> Health:
    return judge(desk.parts.health.view(device.id), device, desk.now)


@router.get("/devices")
def show_fleet(desk: AtDesk, q: Text = "", product: Text = "", health: Text = "", after: Text = "") -> HTMLResponse:
    """Show the fleet, a page at a time."""
    wanted = Health(health) if health in set(Health) else None
    with desk.parts.database.reading() as session:
        found: list[str] = []
        last = after
        at_once = SHOWN + 1 if wanted is None else _SCANNED
        while len(found) <= SHOWN:
            scanned = page_of_switches(session, product=product, text=q.strip(), after=last, limit=at_once)
            found += [each.id for each in scanned if wanted is None or _health(desk, each) is wanted]
            if len(scanned) < at_once:
                break
            last = scanned[-1].id
        kept = {"q": q.strip(), "product": product, "health": health}
        shown = devices_named(session, found[:SHOWN])
        views = {each.id: desk.parts.health.view(each.id) for each in shown}
        return desk.show(
            session,
            "fleet.html",
            "/devices",
            rows=fleet_rows(shown, views, open_ticket_counts(session, found[:SHOWN]), desk.reader),
            figures=fleet_figures(session),
            products=[(name, desk.reader.product(name)) for name in products(session)],
            healths=[(each.value, HEALTH[each].text) for each in Health],
            older=f"/devices?{urlencode({**kept, 'after': shown[-1].id})}" if len(found) > SHOWN else "",
            newer=f"/devices?{urlencode(kept)}" if after else "",
            **kept,
        )
