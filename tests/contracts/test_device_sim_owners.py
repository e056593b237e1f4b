"""Simulated owners at a real mailbox and a real web server: they read, open, and press one button."""

import asyncio
import mailbox
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from device_sim.chance import seeded
from device_sim.clock import SimClock
from device_sim.fleet import make_fleet
from device_sim.people.letterbox import Letterbox
from device_sim.people.owner import Owner, RatesBy
from device_sim.people.post import Post
from device_sim.scenarios import scenario_named

pytestmark = pytest.mark.slow

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = """<!doctype html><form method="post"><input type="hidden" name="page" value="k-1">
{buttons}<textarea name="comment"></textarea></form>"""


class Site:
    """A web site with one rating page; it notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []
        site = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                buttons = "".join(f'<button name="score" value="{score}">{score}</button>' for score in range(1, 6))
                self._answer("GET", PAGE.format(buttons=buttons))

            def do_POST(self) -> None:
                self._answer("POST", "<p>Thank you")

            def _answer(self, method: str, page: str) -> None:
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                site.asked.append((method, self.path, parse_qs(sent)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's signature
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, name="site")
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        thread.join()
        site.server.server_close()


def letter(owner: Owner, url: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["To"] = f"{owner.name} <{owner.email}>"
    mail["X-Amends-Ticket"] = "T-7"
    mail.set_content(f"Fixed overnight.\n\n{url}/rate/tok\n")
    return mail


async def test_an_owner_opens_the_page_rates_once_and_leaves_the_mail_where_it_is(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "mailbox")
    fleet = make_fleet(scenario_named("quiet"), 1, 24, NOON, NOON)
    eager = next(owner for owner in fleet.owners if owner.rates_by is RatesBy.LINK)
    never = next(owner for owner in fleet.owners if owner.rates_by is RatesBy.NEVER)
    post = Post(tmp_path / "mailbox", Letterbox(fleet, seeded("1")), SimClock.starting(NOON, None, 2000.0))

    with serving() as site:
        box.add(letter(eager, site.url + "/old-news"))
        watching = asyncio.create_task(post.watch())
        async with asyncio.timeout(10):
            while not post._read:  # noqa: ASYNC110 - what is there at the start is looked at in a thread
                await asyncio.sleep(0.01)
        for owner in (eager, never):
            box.add(letter(owner, site.url))
        for _ in range(160):
            await asyncio.sleep(0.05)
            if post.ratings:
                break
        await asyncio.sleep(0.8)
        watching.cancel()

    assert len(post.ratings) == 1
    assert [(method, path) for method, path, _ in site.asked] == [("GET", "/rate/tok"), ("POST", "/rate/tok")]
    sent = site.asked[1][2]
    assert sent["page"] == ["k-1"]
    assert sent["score"] == [str(post.ratings[0])]
    assert len(box) == 3


async def test_a_site_that_is_down_does_not_stop_the_owners(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "mailbox")
    fleet = make_fleet(scenario_named("quiet"), 1, 8, NOON, NOON)
    eager = next(owner for owner in fleet.owners if owner.rates_by is RatesBy.LINK)
    post = Post(tmp_path / "mailbox", Letterbox(fleet, seeded("1")), SimClock.starting(NOON, None, 5000.0))
    watching = asyncio.create_task(post.watch())
    await asyncio.sleep(0.3)

    box.add(letter(eager, "http://127.0.0.1:1"))
    await asyncio.sleep(2)

    assert not watching.done()
    assert post.ratings == []
    watching.cancel()
