"""Signed sessions and form tokens (pure but for the age of a signature): who somebody is, and that our page asked.

A session cookie carries the name, the account's session salt and a random key made at login, signed. Form tokens
are a signature over that key, so a token belongs to one session and needs no storage.
"""

import hmac
import secrets
from dataclasses import dataclass, field

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

SESSION_S = 12 * 3600  # a working day; then the password again
NOTE_S = 60  # a sentence for the page that follows a form
_FORM_S = 30 * 86_400  # a rating page may lie open in a tab for weeks


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has logged in, or (``name`` empty) who is about to. ``key`` is random and ties forms to it."""

    name: str
    salt: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs sessions and forms with the console's secret."""

    secret: str = field(repr=False)

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt=f"amends.{purpose}")

    def new_session(self, name: str = "", salt: str = "") -> Session:
        """Return a session with a key nobody has seen."""
        return Session(name=name, salt=salt, key=secrets.token_urlsafe(18))

    def write(self, session: Session) -> str:
        """Return the session as a cookie's value."""
        return self._serializer("session").dumps([session.name, session.salt, session.key])

    def read(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie; ``None``: there is none, it is too old, or it was not made here."""
        if cookie is None:
            return None
        try:
            match self._serializer("session").loads(cookie, max_age=SESSION_S):
                case [str(name), str(salt), str(key)]:
                    return Session(name=name, salt=salt, key=key)
                case _:
                    return None
        except BadData:
            return None

    def form_token(self, session: Session) -> str:
        """Return what a form of this session must bring back."""
        return Signer(self.secret, salt="amends.form").get_signature(session.key).decode()

    def is_ours(self, session: Session, token: str) -> bool:
        """Tell whether a form came from a page of this session."""
        return hmac.compare_digest(self.form_token(session).encode(), token.encode())

    def write_note(self, text: str, *, bad: bool) -> str:
        """Return a sentence for the next page as a cookie's value."""
        return self._serializer("note").dumps([text, bad])

    def read_note(self, cookie: str | None) -> tuple[str, bool]:
        """Return the sentence and whether it is bad news; empty when there is none, or not of ours."""
        try:
            match self._serializer("note").loads(cookie or "", max_age=NOTE_S):
                case [str(text), bool(bad)]:
                    return text, bad
                case _:
                    return "", False
        except BadData:
            return "", False

    def page_key(self, link: str) -> str:
        """Return what the form behind an owner's link must bring back: proof that the page was opened first."""
        return self._serializer("page").dumps(link)

    def opened_page(self, link: str, key: str) -> bool:
        """Tell whether the page behind this very link was opened before."""
        try:
            return hmac.compare_digest(
                str(self._serializer("page").loads(key, max_age=_FORM_S)).encode(), link.encode()
            )
        except BadData:
            return False
