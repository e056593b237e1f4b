"""Where a broker is and how to log in there (pure)."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from broker.errors import BadAddressError

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Address:
    """A broker's address. ``user`` and ``password`` ``None``: none is sent; the password is in no ``repr``."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    def __str__(self) -> str:
        """Return the URL without the password, fit for people and logs."""
        user = f"{quote(self.user, safe='')}@" if self.user is not None else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{user}{host}:{self.port}"

    def url_with_password(self) -> str:
        """Return the whole URL, password and all: for a private file or a child's environment, never for a log."""
        if self.password is None:
            return str(self)
        return str(self).replace("@", f":{quote(self.password, safe='')}@", 1)


def parse_address(url: str) -> Address:
    """Return the address in ``mqtt://user:password@host:1883`` or ``mqtts://…``; port, user and password are optional.

    A user name or password with special characters is percent-encoded.

    Raises:
        BadAddressError: it is no such URL. The error does not repeat it.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        problem = "its host or port cannot be read"
        raise BadAddressError(problem) from error
    problem = _problem(parts, port)
    if problem:
        raise BadAddressError(problem)
    return Address(
        host=parts.hostname or "",
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password is not None else None,
        tls=parts.scheme == "mqtts",
    )


def _problem(parts: SplitResult, port: int | None) -> str:
    """Return what is wrong with a URL taken apart; empty: nothing."""
    if parts.scheme not in _PORTS:
        return "it must begin with mqtt:// or mqtts://"
    if not parts.hostname:
        return "it names no host"
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        return "nothing may follow the port"
    if port == 0:
        return "port 0 is none"
    return "a password needs a user" if parts.password is not None and not parts.username else ""
