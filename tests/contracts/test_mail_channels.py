"""What every way for mail promises, tried on the real mailbox and on a real SMTP server."""

import asyncio
import mailbox
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from agent.care.errors import MailAddressError, MailRefusedError, MailUndeliveredError
from agent.care.mail import Mail, mime_message
from agent.care.maildir import Maildir
from agent.care.smtp import Smtp, SmtpServer, parse_smtp_url
from agent.service.invitation import Person
from tests.agent.care.builders import NOON

SENDER = Person("amends", "support@example.org")
MAIL = Mail("T-1", Person("Zoë", "zoe@example.org"), "en", "Grüße – ok", "text ✓\n", "<p>html ✓</p>", NOON)
MESSAGE = mime_message(MAIL, key="mail:T-1:fixed", sender=SENDER, now=NOON)


@dataclass
class PostOffice:
    """An SMTP server's wishes and what it was given."""

    answer: str = "250 OK"
    recipient_answer: str = "250 OK"
    slow_s: float = 0
    taken: list[bytes] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and shape
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        await asyncio.sleep(self.slow_s)
        if self.answer.startswith("250"):
            self.taken.append(envelope.original_content or b"")
        return self.answer


@asynccontextmanager
async def serving(office: PostOffice, *, wants_login: bool = False) -> AsyncIterator[SmtpServer]:
    def remember(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        del server, session, envelope, data
        office.logins.append(mechanism)
        return AuthResult(success=True)

    def make() -> SMTP:
        return SMTP(office, authenticator=remember, auth_require_tls=not wants_login, hostname="post.example.org")

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield SmtpServer(host, port, encrypted=False)
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.slow
async def test_a_server_is_given_the_whole_message() -> None:
    office = PostOffice()
    async with serving(office) as server:
        await Smtp(server).deliver(MESSAGE)

    received = message_from_bytes(office.taken[0])
    assert received["Message-ID"] == MESSAGE["Message-ID"]
    assert received.get_content_type() == "multipart/alternative"


@pytest.mark.slow
async def test_the_same_message_twice_is_recognisable_by_its_id() -> None:
    office = PostOffice()
    async with serving(office) as server:
        for _ in range(2):
            await Smtp(server).deliver(mime_message(MAIL, key="mail:T-1:fixed", sender=SENDER, now=NOON))

    assert len({message_from_bytes(taken)["Message-ID"] for taken in office.taken}) == 1


@pytest.mark.slow
@pytest.mark.parametrize("office", [PostOffice(recipient_answer="550 no such mailbox"), PostOffice(answer="554 spam")])
async def test_a_refusal_for_good_is_told_apart(office: PostOffice) -> None:
    async with serving(office) as server:
        with pytest.raises(MailRefusedError, match="55"):
            await Smtp(server).deliver(MESSAGE)


@pytest.mark.slow
@pytest.mark.parametrize("office", [PostOffice(recipient_answer="451 later"), PostOffice(answer="452 full")])
async def test_a_refusal_for_now_may_be_tried_again(office: PostOffice) -> None:
    async with serving(office) as server:
        with pytest.raises(MailUndeliveredError, match="45"):
            await Smtp(server).deliver(MESSAGE)


@pytest.mark.slow
async def test_a_server_that_answers_too_late_is_not_waited_for() -> None:
    async with serving(PostOffice(slow_s=2)) as server:
        with pytest.raises(MailUndeliveredError):
            await Smtp(server, timeout_s=0.2).deliver(MESSAGE)


@pytest.mark.slow
async def test_a_server_that_is_not_there_is_undelivered() -> None:
    async with serving(PostOffice()) as server:
        gone = server

    with pytest.raises(MailUndeliveredError, match=r"127\.0\.0\.1"):
        await Smtp(gone).deliver(MESSAGE)


@pytest.mark.slow
async def test_a_password_is_never_sent_over_a_line_that_is_not_encrypted() -> None:
    office = PostOffice()
    async with serving(office, wants_login=True) as server:
        with pytest.raises(MailUndeliveredError):
            await Smtp(SmtpServer(server.host, server.port, encrypted=False, user="u", password="p")).deliver(MESSAGE)

    assert office.logins == []
    assert office.taken == []


def test_an_address_of_a_server_is_read_with_its_usual_ports() -> None:
    assert parse_smtp_url("smtp://u%40x:p%2Fw@mail.example.org") == SmtpServer(
        "mail.example.org", 587, encrypted=False, user="u@x", password="p/w"
    )
    assert parse_smtp_url("smtps://mail.example.org").port == 465
    assert parse_smtp_url("smtp://localhost:2525").port == 2525


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://u:secret@x", "smtp://", "smtp://u:secret@x:port"])
def test_a_bad_address_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(MailAddressError) as caught:
        parse_smtp_url(url)

    assert "secret" not in str(caught.value)


def test_a_password_is_in_no_repr() -> None:
    assert "secret" not in repr(Smtp(parse_smtp_url("smtp://u:secret@x")))


async def test_the_mailbox_is_one_that_mail_programs_read(tmp_path: Path) -> None:
    await Maildir(tmp_path / "mailbox").deliver(MESSAGE)

    [message] = mailbox.Maildir(tmp_path / "mailbox", create=False)

    assert message["Message-ID"] == MESSAGE["Message-ID"]


async def test_the_mailbox_takes_a_message_once_even_after_it_was_read(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "mailbox")
    await box.deliver(MESSAGE)
    await box.deliver(MESSAGE)
    [unread] = (tmp_path / "mailbox" / "new").iterdir()
    unread.rename(tmp_path / "mailbox" / "cur" / f"{unread.name}:2,S")

    await box.deliver(MESSAGE)

    assert list((tmp_path / "mailbox" / "new").iterdir()) == []
    assert list((tmp_path / "mailbox" / "tmp").iterdir()) == []


async def test_two_messages_are_two(tmp_path: Path) -> None:
    box = Maildir(tmp_path / "mailbox")
    for key in ("mail:T-1:fixed", "mail:T-2:fixed"):
        await box.deliver(mime_message(MAIL, key=key, sender=SENDER, now=NOON))

    assert len(list((tmp_path / "mailbox" / "new").iterdir())) == 2


async def test_a_mailbox_that_cannot_be_written_is_undelivered(tmp_path: Path) -> None:
    (tmp_path / "mailbox").write_text("a file in the way")

    with pytest.raises(MailUndeliveredError, match="mailbox"):
        await Maildir(tmp_path / "mailbox").deliver(MESSAGE)


async def test_nobody_else_on_the_machine_reads_the_mailbox(tmp_path: Path) -> None:
    await Maildir(tmp_path / "mailbox").deliver(MESSAGE)

    assert stat.S_IMODE((tmp_path / "mailbox").stat().st_mode) == 0o700
