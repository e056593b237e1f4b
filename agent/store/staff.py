"""Staff accounts and their tokens (shell): passwords and tokens are kept only as hashes.

A password hash is Argon2id's own string. A token is 32 random bytes; its SHA-256 is enough of a hash, because
nothing about it can be guessed.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, select

from agent.store.agreements import drop_agreements_of
from agent.store.tables import StaffRow, StaffTokenRow

_USUAL_ROLE = "staff"
_HASHER = PasswordHasher()
# Verified when nobody has the name, so that a stranger cannot tell from the time taken who works here.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here. ``session_salt`` is part of every session; changing it ends them all."""

    name: str
    role: str
    session_salt: str
    created_at: datetime


def _staff(row: StaffRow) -> Staff:
    return Staff(name=row.name, role=row.role, session_salt=row.session_salt, created_at=row.created_at)


def new_password() -> str:
    """Return a password that is easy to read out and has 80 bits of chance."""
    text = secrets.token_hex(10)
    return "-".join(text[i : i + 5] for i in range(0, len(text), 5))


def set_password(session: Session, *, name: str, password: str, now: datetime, role: str | None = None) -> Staff:
    """Add somebody, or give them a new password and end every session of theirs.

    ``role``: ``None`` leaves it as it is, ``staff`` for who is new. With another one, what they have said yes to first
    of two is forgotten.
    """
    row = session.get(StaffRow, name)
    if row is None:
        row = StaffRow(name=name, role=role or _USUAL_ROLE, password_hash="", session_salt="", created_at=now)
    elif role not in {None, row.role}:
        row.role = role
        drop_agreements_of(session, name)
    row.password_hash = _HASHER.hash(password)
    row.session_salt = secrets.token_urlsafe(12)
    session.add(row)
    session.flush()
    return _staff(row)


def end_sessions(session: Session, name: str) -> None:
    """End every session of somebody; their tokens stay."""
    row = session.get_one(StaffRow, name)
    row.session_salt = secrets.token_urlsafe(12)
    session.add(row)


def remove_staff(session: Session, name: str) -> int:
    """Take an account away with its tokens, and return how many those were; every session of theirs ends.

    What they did stays where it is written, under their name. Where theirs was the first yes of two,
    it is forgotten: it must not count a day later, nor as the word of whoever has the name by then.
    """
    drop_agreements_of(session, name)
    revoked = revoke_tokens(session, name)
    session.delete(session.get_one(StaffRow, name))
    session.flush()
    return revoked


def find_staff(session: Session, name: str) -> Staff | None:
    """Return who has the name; ``None``: nobody."""
    row = session.get(StaffRow, name)
    return None if row is None else _staff(row)


def list_staff(session: Session) -> tuple[Staff, ...]:
    """Return everybody who works here, by name."""
    return tuple(_staff(row) for row in session.exec(select(StaffRow).order_by(col(StaffRow.name))))


def check_password(session: Session, name: str, password: str) -> Staff | None:
    """Return who has this name and password; ``None``: nobody. Takes the same time either way, some 50 ms."""
    row = session.get(StaffRow, name)
    try:
        _HASHER.verify(_NOBODY if row is None else row.password_hash, password)
    except (VerificationError, InvalidHashError):
        return None
    return None if row is None else _staff(row)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def add_token(session: Session, *, staff: str, now: datetime) -> str:
    """Return a new bearer token for the HTTP API; it cannot be shown again."""
    token = f"amends_{secrets.token_urlsafe(32)}"
    session.add(StaffTokenRow(hash=_hash(token), staff=staff, created_at=now))
    return token


def find_token(session: Session, token: str) -> Staff | None:
    """Return whose token this is; ``None``: nobody's."""
    row = session.get(StaffTokenRow, _hash(token))
    return None if row is None else find_staff(session, row.staff)


def revoke_tokens(session: Session, staff: str) -> int:
    """End every token of somebody, and return how many there were."""
    rows = session.exec(select(StaffTokenRow).where(StaffTokenRow.staff == staff)).all()
    for row in rows:
        session.delete(row)
    session.flush()  # before the account goes, which they point to
    return len(rows)
