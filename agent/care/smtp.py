"""Mail by SMTP (shell).

A process that is killed between the server's "250 OK" and our note of it will hand the same mail over again.
It carries the same Message-ID then, by which servers and mail programs recognise a repetition; SMTP itself
offers nothing better.
"""

from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from agent.care.errors import MailAddressError, MailRefusedError, MailUndeliveredError

_TIMEOUT_S = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = range(500, 600)
# Ours to mend, not the reader's to lose mail by: authentication and policy answers count as "not now".
_OURS = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where and how to hand mail over. ``user`` empty: no login, and STARTTLS only when offered."""

    host: str
    port: int
    encrypted: bool  # from the first byte on (smtps); otherwise STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Return the server of ``smtp://user:password@host:port`` or ``smtps://…``; ports 587 and 465 when left out.

    Raises:
        MailAddressError: it is not such an address. The message does not repeat it, it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        msg = "the SMTP address has no usable port"
        raise MailAddressError(msg) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        msg = "the SMTP address must look like smtp://user:password@host:port or smtps://…"
        raise MailAddressError(msg)
    return SmtpServer(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        encrypted=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


@dataclass(frozen=True, slots=True)
class Smtp:
    """Hands mail over to one server, a connection a mail. A login is never sent over a line that is not encrypted."""

    server: SmtpServer
    timeout_s: float = _TIMEOUT_S

    async def deliver(self, message: EmailMessage) -> None:
        """Hand the message over.

        Raises:
            MailUndeliveredError: the server was not reached, was slow, or asked to come back later.
            MailRefusedError: the server will never take it.
        """
        server = self.server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.encrypted,
                start_tls=self._start_tls(),
                timeout=self.timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            worst = max(refusal.code for refusal in error.recipients)
            raise _failure(worst, "the recipient was refused") from error
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            msg = f"{server.host}:{server.port}: {' '.join(str(error).split())[:200] or type(error).__name__}"
            raise MailUndeliveredError(msg) from error

    def _start_tls(self) -> bool | None:
        """Whether to insist on STARTTLS; ``None``: use it when offered."""
        if self.server.encrypted:
            return False
        return True if self.server.user else None


def _failure(code: int, said: str) -> MailUndeliveredError | MailRefusedError:
    text = f"the mail server answered {code}: {' '.join(said.split())[:200]}"
    if code in _PERMANENT and code not in _OURS:
        return MailRefusedError(text)
    return MailUndeliveredError(text)
