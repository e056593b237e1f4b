"""The owners at their letter boxes (shell): new mail is read, links are opened, forms are sent, like people do."""

import asyncio
import contextlib
import logging
import mailbox
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final, assert_never

import httpx

from device_sim.clock import SimClock
from device_sim.people.letter import read_letter
from device_sim.people.letterbox import Filled, Letterbox, confirmation_filled, rating_filled
from device_sim.people.plans import Admit, Confirm, Mend, Plan, Rate

_LOOK_EVERY_S: Final = 0.5
_PAGE_PATIENCE_S: Final = 10.0

log = logging.getLogger("device_sim")


class Post:
    """The owners' mail in a Maildir. Run ``watch`` as a task. Mail from before its start is old news."""

    def __init__(self, folder: Path, letterbox: Letterbox, clock: SimClock) -> None:
        self.ratings: list[int] = []
        self._folder = folder
        self._letterbox = letterbox
        self._clock = clock
        self._read: set[str] = set()

    async def watch(self) -> None:
        """Read the mail and act on it, until cancelled."""
        await asyncio.to_thread(self._new_mail)
        while True:
            for mail in await asyncio.to_thread(self._new_mail):
                self._letterbox.take(read_letter(mail), self._clock.now())
            for plan in self._letterbox.due(self._clock.now()):
                await self._carry_out(plan)
            await asyncio.sleep(_LOOK_EVERY_S)

    def _new_mail(self) -> list[EmailMessage]:
        """Return what came since the last look; nothing is moved or marked, for the box is not ours."""
        if not (self._folder / "new").is_dir():
            return []
        box = mailbox.Maildir(self._folder, factory=None, create=False)
        mails = []
        for key in box.keys():  # noqa: SIM118 - a mailbox iterates over messages, not keys
            if key in self._read:
                continue
            self._read.add(key)
            with contextlib.suppress(KeyError, OSError):  # somebody tidied up in between
                mail = message_from_bytes(box.get_bytes(key), policy=default)
                assert isinstance(mail, EmailMessage)
                mails.append(mail)
        return mails

    async def _carry_out(self, plan: Plan) -> None:
        try:
            match plan:
                case Rate():
                    await self._rate(plan)
                case Confirm():
                    await self._confirm(plan)
                case Admit() | Mend():
                    self._letterbox.do_at_home(plan, self._clock.now())
                case never:
                    assert_never(never)
        except httpx.HTTPError as error:
            log.warning("page.unreachable owner=%s why=%s", plan.owner.id, type(error).__name__)

    async def _rate(self, plan: Rate) -> None:
        verdict = self._letterbox.verdict(plan)
        async with _browser() as browser:
            page = await browser.get(plan.url)
            filled = rating_filled(page.text, str(page.url), verdict)
            if page.is_error or filled is None:
                log.warning("page.no_rating_form ticket=%s status=%s", plan.ticket, page.status_code)
                return
            answer = await _press(browser, page, filled)
        if answer.is_error:
            log.warning("page.refused ticket=%s status=%s", plan.ticket, answer.status_code)
            return
        self.ratings.append(verdict.score)
        log.info("rated ticket=%s score=%s owner=%s", plan.ticket, verdict.score, plan.owner.id)

    async def _confirm(self, plan: Confirm) -> None:
        async with _browser() as browser:
            page = await browser.get(plan.url)
            filled = confirmation_filled(page.text, str(page.url))
            if not page.is_error and filled is not None:  # else nothing to press: a person closes the page
                await _press(browser, page, filled)


def _browser() -> httpx.AsyncClient:
    """Return a browser of one person: nobody else's cookies are in it."""
    return httpx.AsyncClient(timeout=_PAGE_PATIENCE_S, follow_redirects=True)


async def _press(browser: httpx.AsyncClient, page: httpx.Response, filled: Filled) -> httpx.Response:
    """Send a form as browsers do, with where it came from."""
    origin = str(page.url.copy_with(raw_path=b"/")).rstrip("/")
    return await browser.post(filled.action, data=filled.fields, headers={"Origin": origin, "Referer": str(page.url)})
