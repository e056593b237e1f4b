"""The owners' pages (shell): opening a link never changes anything; only a button on the page itself does."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from agent.care.links import LinkPurpose, Subject, open_link
from agent.care.rating import COMMENT_LIMIT, RatingSource
from agent.console import visit_changes
from agent.console.gate import Parts, read_form, refuse_other_sites, seal_of
from agent.console.owner_page import Appointment, RatePage, VisitPage, nobody, rate_page, visit_page
from agent.console.owner_words import preferred
from agent.console.parts import ConsoleParts
from agent.console.templating import page
from agent.console.visit_changes import find_visit, playbook_for
from agent.service.book import other_slots
from agent.service.invitation import Occasion, Person, invitation
from agent.service.visit import VisitState
from agent.store.messages import messages_of_ticket
from agent.store.people import owner_of
from agent.store.ratings import rating_of_ticket
from agent.store.tickets import find_ticket, story_of
from agent.store.visits import technician_by_id

router = APIRouter(include_in_schema=False)
# Whoever holds the address holds the key: it must not travel on in a referrer, lie in a cache, or be found.
PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
SCORES = {"1", "2", "3", "4", "5"}
OPEN = ["GET", "HEAD"]


async def owner_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form on an owner's page.

    Raises:
        ProblemError: another site's page sent it.
    """
    refuse_other_sites(request, hidden_origin=True)
    return await read_form(request)


OwnerForm = Annotated[Mapping[str, str], Depends(owner_form)]


def _show(template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    return page(template, values, status, PRIVATE)


def gone(request: Request) -> HTMLResponse:
    """Return the page behind a link that opens nothing, in the browser's language."""
    words = preferred(request.headers.get("accept-language", ""))
    return _show("gone.html", {"words": words}, HTTPStatus.NOT_FOUND)


def _subject(session: Session, parts: ConsoleParts, token: str, purpose: LinkPurpose) -> Subject | None:
    return open_link(session, token, purpose, parts.clock.now())


def may_act(parts: ConsoleParts, token: str, form: Mapping[str, str]) -> bool:
    """Whether a person pressed a button on the page behind this link, and not a scanner that fills in everything."""
    return seal_of(parts).opened_page(token, form.get("page", "")) and not form.get("website")


def _rate_page(session: Session, parts: ConsoleParts, subject: Subject) -> RatePage:
    ticket = find_ticket(session, int(subject.id))
    owner = owner_of(session, ticket.device_id) or nobody(parts.zone)
    told = messages_of_ticket(session, ticket.id)
    return rate_page(ticket, playbook_for(parts, ticket), owner, told, rating_of_ticket(session, ticket.id))


@router.api_route("/rate/{token}", methods=OPEN)
def show_rating(request: Request, parts: Parts, token: str) -> HTMLResponse:
    """Show what happened and five buttons. Never records."""
    with parts.database.reading() as session:
        subject = _subject(session, parts, token, LinkPurpose.RATE)
        if subject is None:
            return gone(request)
        shown = _rate_page(session, parts, subject)
    return _show(
        "rate.html", {"page": shown, "key": seal_of(parts).page_key(token), "limit": COMMENT_LIMIT, "again": ""}
    )


@router.post("/rate/{token}")
def rate(request: Request, parts: Parts, token: str, form: OwnerForm) -> Response:
    """Record the answer, or change it."""
    with parts.database.reading() as session:
        subject = _subject(session, parts, token, LinkPurpose.RATE)
        if subject is None:
            return gone(request)
        before = rating_of_ticket(session, int(subject.id))
        if not may_act(parts, token, form) or form.get("score") not in SCORES:
            shown = _rate_page(session, parts, subject)
            key = seal_of(parts).page_key(token)
            values = {"page": shown, "key": key, "limit": COMMENT_LIMIT, "again": shown.words.again}
            return _show("rate.html", values, HTTPStatus.UNPROCESSABLE_ENTITY)
    comment = form.get("comment", "") or ("" if before is None else before.comment)
    parts.desk.rate(int(subject.id), int(form["score"]), comment, RatingSource.MAIL)
    return RedirectResponse(f"/rate/{token}", 303, PRIVATE)


def _visit_page(session: Session, parts: ConsoleParts, subject: Subject, notice: str) -> VisitPage:
    visit = find_visit(session, int(subject.id))
    ticket = find_ticket(session, visit.ticket_id)
    playbook = playbook_for(parts, ticket)
    owner = owner_of(session, ticket.device_id) or nobody(parts.zone)
    now = parts.clock.now()
    past = visit.ends_at <= now
    ahead = visit.state is VisitState.BOOKED and not past
    others = other_slots(session, visit_id=visit.id, playbook=playbook, now=now) if ahead else ()
    technician = technician_by_id(session, visit.technician_id)
    appointment = Appointment(visit, technician, others, story_of(session, ticket.id), past)
    return visit_page(ticket, playbook, owner, appointment, notice)


def _show_visit(request: Request, parts: ConsoleParts, token: str, notice: str = "", status: int = 200) -> HTMLResponse:
    with parts.database.reading() as session:
        subject = _subject(session, parts, token, LinkPurpose.VISIT)
        if subject is None:
            return gone(request)
        shown = _visit_page(session, parts, subject, notice)
    return _show("visit.html", {"page": shown, "key": seal_of(parts).page_key(token), "token": token}, status)


@router.api_route("/visit/{token}", methods=OPEN)
def show_visit(request: Request, parts: Parts, token: str) -> HTMLResponse:
    """Show the visit in the owner's local time. Never changes it."""
    return _show_visit(request, parts, token)


@router.post("/visit/{token}")
def change_visit(request: Request, parts: Parts, token: str, form: OwnerForm) -> Response:
    """Confirm, move or cancel the visit, as long as it has not ended."""
    with parts.database.reading() as session:
        subject = _subject(session, parts, token, LinkPurpose.VISIT)
        if subject is None:
            return gone(request)
        shown = _visit_page(session, parts, subject, "")
    words = shown.words
    if shown.past:
        return _show_visit(request, parts, token, status=HTTPStatus.CONFLICT)
    if not may_act(parts, token, form):
        return _show_visit(request, parts, token, words.again, HTTPStatus.UNPROCESSABLE_ENTITY)
    visit_id, now = int(subject.id), parts.clock.now()
    match form.get("do", ""):
        case "confirm":
            visit_changes.confirm(parts, visit_id, now)
        case "cancel":
            visit_changes.cancel(parts, visit_id, now)
        case wanted if wanted.startswith("move-") and wanted.removeprefix("move-").isdecimal():
            if not visit_changes.move(parts, visit_id, int(wanted.removeprefix("move-")[:18]), now):
                return _show_visit(request, parts, token, words.visit_taken, HTTPStatus.CONFLICT)
        case _:
            return _show_visit(request, parts, token, words.again, HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/visit/{token}", 303, PRIVATE)


@router.api_route("/visit/{token}/calendar.ics", methods=OPEN)
def calendar_file(request: Request, parts: Parts, token: str) -> Response:
    """Return the visit for any calendar."""
    now = parts.clock.now()
    with parts.database.reading() as session:
        subject = _subject(session, parts, token, LinkPurpose.VISIT)
        if subject is None:
            return gone(request)
        visit = find_visit(session, int(subject.id))
        ticket = find_ticket(session, visit.ticket_id)
        shown = _visit_page(session, parts, subject, "")
        technician = technician_by_id(session, visit.technician_id)
        owner = owner_of(session, ticket.device_id) or nobody()
    occasion = Occasion(title=f"{shown.title}: {shown.words.visit_title}", description=" ".join(shown.happened))
    sender = Person("" if technician is None else technician.name, "support@localhost")
    text = invitation(
        visit, occasion, organizer=sender, attendee=Person(owner.name, owner.email or "owner@localhost"), now=now
    )
    name = {"Content-Disposition": f'attachment; filename="visit-{ticket.number}.ics"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers={**PRIVATE, **name})
