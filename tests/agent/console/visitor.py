"""A browser without scripts: keeps cookies, reads forms, and sends them back as a person would."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from agent.console.app import make_app
from agent.console.parts import ConsoleParts
from tests.agent.console.sample import ADDRESS, PASSWORD


@dataclass(slots=True)
class Form:
    """A form of a page and the fields that are sent along without anybody typing."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and self.forms and "name" in given:
            self.forms[-1].buttons.append((given["name"], given["value"]))


@dataclass(slots=True)
class Visitor:
    """Somebody with a browser. ``page`` is the last one seen."""

    web: httpx.AsyncClient
    page: httpx.Response | None = None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        self.page = await self.web.get(path, headers=headers, follow_redirects=True)
        return self.page

    def forms(self) -> list[Form]:
        assert self.page is not None
        reader = _Forms()
        reader.feed(self.page.text)
        return reader.forms

    def form(self, action: str) -> Form:
        return next(form for form in self.forms() if form.action == action)

    async def send(self, action: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Fill in and send the form with that action; an empty one posts to the page itself."""
        assert self.page is not None
        target = action or self.page.url.path
        data = {**self.form(action).fields, **fields}
        self.page = await self.web.post(target, data=data, headers=headers, follow_redirects=True)
        return self.page

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        await self.get("/login")
        return await self.send("/login", name=name, password=password)

    def text(self) -> str:
        """Return what a person reads, white space folded."""
        assert self.page is not None
        plain = re.sub(r"<(style|script|svg|select).*?</\1>|<[^>]+>", " ", self.page.text, flags=re.DOTALL)
        return " ".join(plain.replace("&#39;", "'").replace("&amp;", "&").split())


@asynccontextmanager
async def visiting(parts: ConsoleParts) -> AsyncIterator[Visitor]:
    transport = httpx.ASGITransport(app=make_app(parts))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as web:
        yield Visitor(web)
