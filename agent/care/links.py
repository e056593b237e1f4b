"""Links that let somebody without a login do one thing (shell): rate, change a visit, see their data.

The token in a link is 256 random bits and is known only to whoever holds the mail; what is kept is its SHA-256.
A fast hash is enough for that: there is nothing to guess from. Opening a link never changes anything; what a
page does with it is another step, because mail scanners open every link.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from agent.store.tokens import StoredToken, add_token, find_token

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 64  # characters; ours have 43, and nobody's megabyte needs hashing
RATING_OPEN_FOR = timedelta(days=30)
DATA_OPEN_FOR = timedelta(days=90)


class LinkPurpose(StrEnum):
    """What a link opens; the value is also the first part of its path."""

    RATE = "rate"
    VISIT = "visit"
    ME = "me"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a valid link is about: ``id`` is a ticket's for rate, a visit's for visit, a customer's for me."""

    purpose: LinkPurpose
    id: str
    expires_at: datetime


def make_link(session: Session, *, purpose: LinkPurpose, subject: str, now: datetime, expires_at: datetime) -> str:
    """Return a new token for a subject. Its hash commits with the message that carries it, or not at all."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    add_token(session, StoredToken(_hash(token), purpose, subject, now, expires_at))
    return token


def open_link(session: Session, token: str, purpose: LinkPurpose, now: datetime) -> Subject | None:
    """Return what the token opens; ``None``: it is unknown, expired, or for something else, and nobody learns which."""
    if len(token) > _LONGEST_TOKEN:
        return None
    kept = find_token(session, _hash(token))
    if kept is None or kept.purpose != purpose or kept.expires_at <= now:
        return None
    return Subject(purpose, kept.subject, kept.expires_at)


def link_url(public_url: str, purpose: LinkPurpose, token: str) -> str:
    """Return the address of the page a token opens."""
    return f"{public_url.rstrip('/')}/{purpose}/{token}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
