"""A filled house behind a real uvicorn, and a real Chromium to visit it with."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from agent.console.app import make_app
from agent.console.parts import ConsoleParts
from agent.console.stream import Feed
from agent.store.database import open_database
from agent.store.migrate import migrate
from tests.agent.console.sample import PASSWORD, Sample, fill, parts_over

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ZONE = "Europe/Berlin"
LAPTOP, PHONE, SMALLEST = (1280, 800), (390, 844), (320, 640)


@dataclass(frozen=True, slots=True)
class House:
    """A console that is served."""

    url: str
    parts: ConsoleParts
    sample: Sample
    feed: Feed

    def listeners(self) -> int:
        """Return how many open pages listen."""
        return self.feed.listeners

    def pages(self) -> dict[str, str]:
        """Return every page of the product by a short name."""
        return {
            "queue": "/",
            "search": "/?q=fan",
            "nothing-found": "/?q=zzzz",
            "ticket": "/tickets/T-1001",
            "approval": "/tickets/T-1002",
            "booked": "/tickets/T-1003",
            "closed": "/tickets/T-1010",
            "device": "/devices/frost-0003",
            "fleet": "/devices",
            "mailbox": "/mailbox",
            "letter": "/mailbox/1",
            "ratings": "/ratings",
            "remedies": "/remedies",
            "system": "/system",
            "missing": "/tickets/T-9999",
            "rate": f"/rate/{self.sample.rate_token}",
            "visit": f"/visit/{self.sample.visit_token}",
            "gone": f"/rate/{self.sample.expired_token}",
        }


@contextmanager
def serve_house(folder: Path) -> Iterator[House]:
    """Serve a freshly filled house on a free port of this machine."""
    url = f"sqlite:///{folder / 'amends.sqlite3'}"
    migrate(url)
    database = open_database(url)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        sample = fill(database)
        parts = parts_over(database, sample, url=address)
        app = make_app(parts)
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(
            target=lambda: loop.run_until_complete(server.serve(sockets=[listening])), name="console"
        )
        thread.start()
        try:
            yield House(address, parts, sample, app.state.feed)
        finally:
            loop.call_soon_threadsafe(app.state.feed.close)
            server.should_exit = True
            thread.join(timeout=10)
            loop.close()
            database.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium of its own and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def open_page(  # noqa: PLR0913 - the ways in which people's browsers differ
    browser: Browser,
    house: House,
    *,
    size: tuple[int, int] = LAPTOP,
    dark: bool = False,
    scripts: bool = True,
    signed_in: bool = True,
) -> Page:
    """Open a page in a browser profile of its own; nothing is loaded yet unless somebody signed in."""
    context = browser.new_context(
        base_url=house.url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        timezone_id=ZONE,
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    if signed_in:
        sign_in(page)
    return page


def sign_in(page: Page) -> None:
    """Sign in by the form, as people do."""
    page.goto("/login")
    page.get_by_label("Name").fill("mira")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{'/'}")
