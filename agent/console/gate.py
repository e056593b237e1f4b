"""Who is asking, and may they (shell): sessions, bearer tokens, form tokens and origins, as dependencies."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from agent.console.parts import ConsoleParts
from agent.console.problems import LoginNeededError, ProblemError
from agent.console.sessions import Seal, Session
from agent.store.staff import Staff, find_staff, find_token

COOKIE = "amends_session"
_READING = {"GET", "HEAD", "OPTIONS"}
_FORM_FIELDS = 20
MAY_CHANGE = {"staff", "admin"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody known. ``session`` is ``None`` for a bearer token."""

    staff: Staff
    session: Session | None


def parts_of(request: Request) -> ConsoleParts:
    """Return what the console was handed."""
    return cast("ConsoleParts", request.app.state.parts)


Parts = Annotated[ConsoleParts, Depends(parts_of)]


def seal_of(parts: ConsoleParts) -> Seal:
    """Return what signs sessions and forms."""
    return Seal(parts.secret)


def find_caller(request: Request, parts: Parts) -> Caller | None:
    """Return who is asking; ``None``: nobody known."""
    header = request.headers.get("authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        with parts.database.reading() as session:
            staff = find_token(session, token.strip())
        return None if staff is None else Caller(staff, None)
    signed = seal_of(parts).read(request.cookies.get(COOKIE))
    if signed is None or not signed.name:
        return None
    with parts.database.reading() as session:
        staff = find_staff(session, signed.name)
    if staff is None or staff.session_salt != signed.salt:
        return None
    return Caller(staff, signed)


def known(request: Request, caller: Annotated[Caller | None, Depends(find_caller)]) -> Caller:
    """Return who is asking.

    Raises:
        LoginNeededError: nobody known.
        ProblemError: a change asked for by another site, or by somebody who may only look.
    """
    if caller is None:
        raise LoginNeededError
    if request.method not in _READING:
        if caller.session is not None:
            refuse_other_sites(request)
        if caller.staff.role not in MAY_CHANGE:
            raise ProblemError(HTTPStatus.FORBIDDEN, "Your account may look, and change nothing.")
    return caller


Known = Annotated[Caller, Depends(known)]


def refuse_other_sites(request: Request, *, hidden_origin: bool = False) -> None:
    """Refuse a change that another site's page asks for.

    ``hidden_origin`` lets ``Origin: null`` through: that is what browsers send from pages that give no referrer.

    Raises:
        ProblemError: another site's page asks.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise ProblemError(HTTPStatus.FORBIDDEN, "This request came from another site.")
    if origin is None or (origin == "null" and (hidden_origin or site == "same-origin")):
        return
    hosts = {request.headers.get("host", ""), urlsplit(parts_of(request).public_url).netloc}
    if urlsplit(origin).netloc not in hosts - {""}:
        raise ProblemError(HTTPStatus.FORBIDDEN, "This request came from another site.")


async def read_form(request: Request) -> Mapping[str, str]:
    """Return a form's text fields; files and floods of fields are refused.

    Raises:
        ProblemError: the form has more fields than any form of ours.
    """
    form: FormData = await request.form(max_files=0, max_fields=_FORM_FIELDS)
    return {name: value.strip() for name, value in form.items() if isinstance(value, str)}


async def staff_form(request: Request, parts: Parts, caller: Known) -> Mapping[str, str]:
    """Return the fields of a form that a page of this very session sent.

    Raises:
        ProblemError: the form's token is not of this session.
    """
    form = await read_form(request)
    if caller.session is None or not seal_of(parts).is_ours(caller.session, form.get("form", "")):
        raise ProblemError(HTTPStatus.FORBIDDEN, "This page was open for too long. Go back, reload it and try again.")
    return form


StaffForm = Annotated[Mapping[str, str], Depends(staff_form)]
