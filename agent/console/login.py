"""Signing in and out (shell)."""

import asyncio
import math

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agent.console.attempts import Attempts
from agent.console.gate import COOKIE, Known, Parts, StaffForm, read_form, refuse_other_sites, seal_of
from agent.console.parts import ConsoleParts
from agent.console.sessions import SESSION_S
from agent.console.templating import page
from agent.store.staff import Staff, check_password, end_sessions

router = APIRouter(include_in_schema=False)


def safe_next(path: str) -> str:
    """Return where to go after signing in: a path of ours, never another site."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


def set_session(answer: Response, parts: ConsoleParts, value: str) -> None:
    """Give the browser its session."""
    secure = parts.public_url.startswith("https:")
    answer.set_cookie(COOKIE, value, max_age=SESSION_S, httponly=True, samesite="lax", secure=secure)


def _login_page(
    parts: ConsoleParts, *, name: str = "", next_path: str = "/", problem: str = "", status: int = 200
) -> HTMLResponse:
    seal = seal_of(parts)
    before = seal.new_session()
    form = seal.form_token(before)
    answer = page("login.html", {"form": form, "name": name, "next": next_path, "problem": problem}, status)
    set_session(answer, parts, seal.write(before))
    return answer


@router.get("/login")
def show_login(parts: Parts, next: str = "/") -> HTMLResponse:  # noqa: A002 - the name in the address
    """Show the form."""
    return _login_page(parts, next_path=safe_next(next))


def _check(parts: ConsoleParts, name: str, password: str) -> Staff | None:
    with parts.database.reading() as session:
        return check_password(session, name, password)


def _doors(request: Request, name: str) -> tuple[tuple[Attempts, str], ...]:
    """Return who is counted: the name that is tried, and the address it is tried from."""
    address = request.client.host if request.client is not None else ""
    return ((request.app.state.attempts, name.casefold()), (request.app.state.addresses, address))


@router.post("/login")
async def login(request: Request, parts: Parts) -> Response:
    """Sign in, with a new session each time."""
    refuse_other_sites(request)
    form = await read_form(request)
    seal = seal_of(parts)
    name, next_path = form.get("name", "")[:100], safe_next(form.get("next", "/"))
    before = seal.read(request.cookies.get(COOKIE))
    if before is None or not seal.is_ours(before, form.get("form", "")):
        return _login_page(
            parts,
            name=name,
            next_path=next_path,
            problem="This page was open for too long. Please try again.",
            status=403,
        )
    now_s = asyncio.get_running_loop().time()
    doors = _doors(request, name)
    wait_s = max(attempts.wait_s(who, now_s) for attempts, who in doors)
    if wait_s > 0:
        minutes = math.ceil(wait_s / 60)
        words = "a minute" if minutes == 1 else f"{minutes} minutes"
        return _login_page(
            parts, name=name, next_path=next_path, problem=f"Too many attempts. Try again in {words}.", status=429
        )
    # Counted before the password is looked at: many attempts at the same moment are many attempts.
    for attempts, who in doors:
        attempts.failed(who, now_s)
    staff = await asyncio.to_thread(_check, parts, name, form.get("password", ""))
    if staff is None:
        return _login_page(parts, name=name, next_path=next_path, problem="Name and password do not match.", status=401)
    for attempts, who in doors:
        attempts.succeeded(who)
    answer = RedirectResponse(next_path, 303)
    set_session(answer, parts, seal.write(seal.new_session(staff.name, staff.session_salt)))
    return answer


@router.post("/logout")
def logout(parts: Parts, caller: Known, _form: StaffForm) -> Response:
    """End every session of whoever asks."""
    with parts.database.transaction() as session:
        end_sessions(session, caller.staff.name)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer
