"""An owner's page about their data (shell): what we know, what they agree to, take it out, have it erased."""

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from agent.care.customer import Purpose
from agent.care.links import LinkPurpose, open_link
from agent.console.gate import Parts, seal_of
from agent.console.me_page import MePage, me_page
from agent.console.owner_pages import OPEN, PRIVATE, OwnerForm, gone, may_act
from agent.console.parts import ConsoleParts
from agent.console.templating import page
from agent.privacy.dossier import write_dossier
from agent.store.erasures import erasure_requests, request_erasure, withdraw_request
from agent.store.people import consents_of, customer_by_id, devices_of, set_consents

router = APIRouter(include_in_schema=False)
_SAVED: Final = "saved"


def _customer_id(session: Session, parts: ConsoleParts, token: str) -> str | None:
    subject = open_link(session, token, LinkPurpose.ME, parts.clock.now())
    if subject is None or customer_by_id(session, subject.id) is None:
        return None
    return subject.id


def _page(session: Session, customer_id: str) -> MePage:
    customer = customer_by_id(session, customer_id)
    assert customer is not None  # looked at in this very transaction
    wished_at = dict(erasure_requests(session)).get(customer_id)
    return me_page(customer, devices_of(session, customer_id), consents_of(session, customer_id), wished_at)


def _show(request: Request, parts: ConsoleParts, token: str, notice: str = "", status: int = 200) -> HTMLResponse:
    with parts.database.reading() as session:
        customer_id = _customer_id(session, parts, token)
        if customer_id is None:
            return gone(request)
        shown = _page(session, customer_id)
    said = {_SAVED: shown.me.saved, "again": shown.words.again}.get(notice, "")
    values = {"page": shown, "key": seal_of(parts).page_key(token), "notice": said, "bad": notice == "again"}
    return page("me.html", values, status, PRIVATE)


@router.api_route("/me/{token}", methods=OPEN)
def show_me(request: Request, parts: Parts, token: str, done: str = "") -> HTMLResponse:
    """Show what is known about an owner. Never changes anything."""
    return _show(request, parts, token, done if done == _SAVED else "")


@router.post("/me/{token}")
def change_me(request: Request, parts: Parts, token: str, form: OwnerForm) -> Response:
    """Take what an owner agrees to, give them their data, or note that they wish to be erased."""
    with parts.database.reading() as session:
        customer_id = _customer_id(session, parts, token)
    if customer_id is None:
        return gone(request)
    if not may_act(parts, token, form):
        return _show(request, parts, token, "again", HTTPStatus.UNPROCESSABLE_ENTITY)
    now = parts.clock.now()
    match form.get("do", ""):
        case "agree":
            with parts.database.transaction() as session:
                set_consents(session, customer_id, [each for each in Purpose if form.get(each.value) == "yes"], now)
        case "erase":
            with parts.database.transaction() as session:
                request_erasure(session, customer_id, now)
        case "keep":
            with parts.database.transaction() as session:
                withdraw_request(session, customer_id)
        case "take":
            return _download(parts, customer_id)
        case _:
            return _show(request, parts, token, "again", HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"/me/{token}?done={_SAVED}", 303, PRIVATE)


def _download(parts: ConsoleParts, customer_id: str) -> Response:
    """Return the file with all there is about them; it lies on our disk only while it is made."""
    with TemporaryDirectory(prefix="amends-dossier-") as place:
        target = Path(place) / "your-data.zip"
        write_dossier(parts.database, parts.past.folder, customer_id, target)
        data = target.read_bytes()
    headers = {**PRIVATE, "Content-Disposition": 'attachment; filename="your-data.zip"'}
    return Response(data, media_type="application/zip", headers=headers)
