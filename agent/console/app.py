"""The console (shell): staff pages, owners' pages, the HTTP API and the live stream, in one application."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from agent.console import (
    api_devices,
    api_tickets,
    login,
    me_pages,
    owner_pages,
    staff_actions,
    staff_lists,
    staff_pages,
    stream,
    vitals,
)
from agent.console.attempts import Attempts
from agent.console.headers import STANDARD, SafeHeaders
from agent.console.owner_words import preferred
from agent.console.parts import ConsoleParts
from agent.console.problems import LoginNeededError, ProblemError, document
from agent.console.templating import STATIC, page
from agent.console.words import full_sentence
from agent.errors import NotPossibleError, PersonError, RefusedError, UnknownDeviceError, UnknownTicketError
from agent.service.errors import UnknownVisitError, VisitOverError

_DESCRIPTION = "Devices that notice, fix it, and make it right. Bearer tokens come from `amends staff token`."
LARGEST_BODY = 100_000  # bytes; the longest form is a note of 4,000 characters
_OWNER_PATHS = {"rate", "visit", "me"}  # what is given to owners, who have no business with staff pages
_MISSING = (UnknownTicketError, UnknownDeviceError, UnknownVisitError)
_CONFLICT = (NotPossibleError, RefusedError, VisitOverError)


class Assets(StaticFiles):
    """Static files. Their addresses change with their content, so a browser may keep them for a year."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return a file that may be kept."""
        answer = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # handed through as they come
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def make_app(parts: ConsoleParts) -> FastAPI:
    """Return the console, ready for any ASGI server. Nothing is started and nothing is opened."""
    app = FastAPI(
        title="amends",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        max_body_size=LARGEST_BODY,
    )
    app.state.parts = parts
    app.state.attempts = Attempts(allowed=5)  # by name
    app.state.addresses = Attempts(allowed=30)  # a whole office may share one
    app.state.feed = stream.Feed(parts)
    app.mount("/static", Assets(directory=STATIC), name="static")
    for module in (
        vitals,
        stream,
        api_devices,
        api_tickets,
        login,
        owner_pages,
        me_pages,
        staff_pages,
        staff_lists,
        staff_actions,
    ):
        app.include_router(module.router)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(PersonError, _person)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failure)
    app.add_middleware(SafeHeaders, https=parts.public_url.startswith("https:"))
    return app


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _answer(request: Request, status: int, detail: str, extra: dict[str, object] | None = None) -> Response:
    if _is_api(request):
        return document(status, detail, extra)
    owners = request.url.path.split("/")[1] in _OWNER_PATHS
    if owners and status == HTTPStatus.NOT_FOUND:
        words = preferred(request.headers.get("accept-language", ""))
        return page("gone.html", {"words": words}, status, owner_pages.PRIVATE)
    return page("problem.html", {"title": HTTPStatus(status).phrase, "detail": detail, "owners": owners}, status)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    if isinstance(error, LoginNeededError) and not _is_api(request):
        return _to_login(request)
    return _answer(request, error.status, error.detail)


def _to_login(request: Request) -> Response:
    if "hx-request" in request.headers:  # a fragment of an open page: the whole page has to go
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": "/login"})
    here = urlsplit(str(request.url))
    wanted = f"{here.path}?{here.query}" if here.query else here.path
    path = "/login" if request.method != "GET" or wanted == "/" else f"/login?next={quote(wanted)}"
    return RedirectResponse(path, 303)


async def _person(request: Request, error: Exception) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, _MISSING):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, _CONFLICT):
        status = HTTPStatus.CONFLICT
    return _answer(request, status, full_sentence(str(error)))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [{"where": ".".join(map(str, each["loc"])), "what": each["msg"]} for each in error.errors()]
    return _answer(request, 422, "Something in the request does not fit.", {"errors": problems})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = "There is nothing here." if error.status_code == HTTPStatus.NOT_FOUND else str(error.detail)
    return _answer(request, error.status_code, detail)


async def _failure(request: Request, _error: Exception) -> Response:
    answer = _answer(request, 500, "Something of ours went wrong. It has been written down.")
    answer.headers.update(STANDARD)  # the failure went past the layer that adds them
    return answer
