"""Links that open something without a login (shell): only hashes are kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from agent.store.tables import TokenRow


@dataclass(frozen=True, slots=True)
class StoredToken:
    """What is kept of a token. ``subject`` is the id of what it opens."""

    hash: str
    purpose: str
    subject: str
    created_at: datetime
    expires_at: datetime


def add_token(session: Session, token: StoredToken) -> None:
    """Keep a token's hash."""
    session.add(
        TokenRow(
            hash=token.hash,
            purpose=token.purpose,
            subject=token.subject,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )
    session.flush()


def find_token(session: Session, token_hash: str) -> StoredToken | None:
    """Return what is kept under a hash; ``None``: nothing."""
    row = session.get(TokenRow, token_hash)
    if row is None:
        return None
    return StoredToken(row.hash, row.purpose, row.subject, row.created_at, row.expires_at)
