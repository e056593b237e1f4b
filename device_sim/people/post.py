"""The owners at their letter boxes (shell): new mail is read, links are opened, forms are sent, like people do."""

import asyncio
import contextlib
import logging
import mailbox
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final, assert_never

import httpx

from device_sim.chance import seeded
from device_sim.clock import SimClock
from device_sim.device import Device
from device_sim.fleet import Fleet
from device_sim.people.letter import Letter, read_letter
from device_sim.people.opinion import opinion
from device_sim.people.owner import Owner
from device_sim.people.page import confirming_form, forms_of, rating_form
from device_sim.people.plans import Admit, Confirm, Mend, Plan, Rate, plans_for, revised

_LOOK_EVERY_S: Final = 0.5
_PAGE_PATIENCE_S: Final = 10.0
_CONFIRMING: Final = 0.5  # share of owners who answer invitations

log = logging.getLogger("device_sim")


class Post:
    """All owners of a fleet and their mail. Run ``watch`` as a task. Mail from before its start is old news."""

    def __init__(self, folder: Path, fleet: Fleet, clock: SimClock, seed: int) -> None:
        self.ratings: list[int] = []
        self._folder = folder
        self._fleet = fleet
        self._clock = clock
        self._chance = seeded(f"{seed}:post")
        self._owners = {owner.email.lower(): owner for owner in fleet.owners}
        self._read: set[str] = set()
        self._letters: dict[str, int] = {}  # how many came about a ticket
        self._plans: list[Plan] = []

    async def watch(self) -> None:
        """Read the mail and act on it, until cancelled."""
        await asyncio.to_thread(self._new_mail)
        async with httpx.AsyncClient(timeout=_PAGE_PATIENCE_S, follow_redirects=True) as browser:
            while True:
                for mail in await asyncio.to_thread(self._new_mail):
                    self._take(read_letter(mail), self._clock.now())
                for plan in self._due(self._clock.now()):
                    await self._carry_out(plan, browser)
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

    def _take(self, letter: Letter, now: datetime) -> None:
        owner = self._owners.get(letter.to)
        if owner is None:
            return
        self._letters[letter.ticket] = self._letters.get(letter.ticket, 0) + 1
        self._plans = revised(self._plans, letter)
        self._plans += plans_for(letter, owner, now, confirms=self._chance.random() < _CONFIRMING)

    def _due(self, now: datetime) -> list[Plan]:
        due = [plan for plan in self._plans if plan.at <= now]
        self._plans = [plan for plan in self._plans if plan.at > now]
        return due

    async def _carry_out(self, plan: Plan, browser: httpx.AsyncClient) -> None:
        now = self._clock.now()
        try:
            match plan:
                case Rate():
                    await self._rate(plan, browser)
                case Confirm():
                    await self._confirm(plan, browser)
                case Admit():
                    self._device(plan.owner, plan.ticket).repair(now)
                    log.info("visit.done ticket=%s owner=%s", plan.ticket, plan.owner.id)
                case Mend():
                    self._device(plan.owner, plan.ticket).ailments.put_right(now.timestamp())
                case never:
                    assert_never(never)
        except httpx.HTTPError as error:
            log.warning("page.unreachable owner=%s why=%s", plan.owner.id, type(error).__name__)

    async def _rate(self, plan: Rate, browser: httpx.AsyncClient) -> None:
        page = await browser.get(plan.url)
        lived = self._device(plan.owner, plan.ticket).ailments.latest
        verdict = opinion(lived, self._letters.get(plan.ticket, 1), plan.owner, self._chance)
        found = rating_form(forms_of(page.text, str(page.url)), verdict.score)
        if page.is_error or found is None:
            log.warning("page.no_rating_form ticket=%s status=%s", plan.ticket, page.status_code)
            return
        form, choice = found
        answer = await browser.post(form.action, data=form.filled(choice, verdict.comment))
        if answer.is_error:
            log.warning("page.refused ticket=%s status=%s", plan.ticket, answer.status_code)
            return
        self.ratings.append(verdict.score)
        log.info("rated ticket=%s score=%s owner=%s", plan.ticket, verdict.score, plan.owner.id)

    async def _confirm(self, plan: Confirm, browser: httpx.AsyncClient) -> None:
        page = await browser.get(plan.url)
        found = confirming_form(forms_of(page.text, str(page.url)))
        if page.is_error or found is None:
            return  # nothing to press: a person closes the page
        form, choice = found
        await browser.post(form.action, data=form.filled(choice))

    def _device(self, owner: Owner, ticket: str) -> Device:
        """Return which of the owner's devices a ticket is about: the one that showed it, or the one last in trouble."""
        devices = [self._fleet.device(device_id) for device_id in owner.devices]
        for device in devices:
            if device.errands.messages(ticket):
                return device
        return max(devices, key=lambda device: device.ailments.latest.began_s if device.ailments.latest else 0.0)
