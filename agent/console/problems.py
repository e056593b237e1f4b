"""Problem documents of RFC 9457 and their kinds (pure)."""

from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse


class ProblemError(Exception):
    """A request that cannot be done. ``detail`` is a sentence for whoever asked; nothing of ours leaks through it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class LoginNeededError(ProblemError):
    """Nobody is logged in, or the token is nobody's. Log in."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.UNAUTHORIZED, "Log in, or send a bearer token of `amends staff token`.")


def not_found(what: str) -> ProblemError:
    """Return the error for something that does not exist."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no such {what}.")


def document(status: int, detail: str, extra: dict[str, Any] | None = None) -> JSONResponse:
    """Return a problem document; ``extra`` members go beside the standard ones."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({**body, **(extra or {})}, status, headers, media_type="application/problem+json")
