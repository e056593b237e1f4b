"""An owner's page about their data: opening it changes nothing, and every button does what it says."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from agent.care.customer import Purpose
from agent.care.links import LinkPurpose, make_link
from agent.console.me_words import ME_WORDS
from agent.console.owner_words import OWNER_WORDS
from agent.console.parts import ConsoleParts
from agent.store.erasures import erasure_requests
from agent.store.people import consents_of, customer_by_id, list_customers, save_customer
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor, visiting


@pytest.fixture
def customer(parts: ConsoleParts) -> str:
    with parts.database.reading() as session:
        return list_customers(session)[0].id


@pytest.fixture
def link(parts: ConsoleParts, customer: str) -> str:
    with parts.database.transaction() as session:
        expires_at = NOW + timedelta(days=90)
        return "/me/" + make_link(session, purpose=LinkPurpose.ME, subject=customer, now=NOW, expires_at=expires_at)


@pytest.fixture
async def owner(parts: ConsoleParts) -> AsyncIterator[Visitor]:
    async with visiting(parts) as visitor:
        yield visitor


def hidden(visitor: Visitor) -> dict[str, str]:
    return {"page": visitor.forms()[0].fields["page"]}


async def press(owner: Visitor, link: str, **fields: str) -> int:
    await owner.get(link)
    answer = await owner.web.post(link, data=hidden(owner) | fields, follow_redirects=True)
    return answer.status_code


async def test_opening_it_shows_who_they_are_and_changes_nothing(
    parts: ConsoleParts, owner: Visitor, link: str, customer: str
) -> None:
    with parts.database.reading() as session:
        known, before = customer_by_id(session, customer), consents_of(session, customer)
    assert known is not None

    page = await owner.get(link)

    assert page.status_code == 200
    assert known.name in page.text
    assert known.email in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in page.headers["cache-control"]
    with parts.database.reading() as session:
        assert consents_of(session, customer) == before
        assert erasure_requests(session) == ()


async def test_what_they_agree_to_is_exactly_what_is_ticked(
    parts: ConsoleParts, owner: Visitor, link: str, customer: str
) -> None:
    ticked = {Purpose.DIAGNOSE.value: "yes", Purpose.SURVEY.value: "yes"}

    status = await press(owner, link, do="agree", **ticked)

    assert status == 200
    with parts.database.reading() as session:
        assert consents_of(session, customer) == {Purpose.DIAGNOSE, Purpose.SURVEY}


async def test_they_take_their_data_out(owner: Visitor, link: str, customer: str) -> None:
    await owner.get(link)

    answer = await owner.web.post(link, data=hidden(owner) | {"do": "take"})

    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as file:
        records = json.loads(file.read("records.json"))
    assert [one["id"] for one in records["customer"]] == [customer]


async def test_a_wish_to_be_erased_waits_for_a_person_and_can_be_taken_back(
    parts: ConsoleParts, owner: Visitor, link: str, customer: str
) -> None:
    await press(owner, link, do="erase")
    await press(owner, link, do="erase")
    with parts.database.reading() as session:
        wished = erasure_requests(session)
        still_known = customer_by_id(session, customer)
    shown = (await owner.get(link)).text

    await press(owner, link, do="keep")

    assert wished == ((customer, NOW),)
    assert still_known is not None
    assert 'value="keep"' in shown
    with parts.database.reading() as session:
        assert erasure_requests(session) == ()


@pytest.mark.parametrize("do", ["agree", "erase", "keep", "take", "", "everything"])
async def test_whoever_did_not_open_the_page_changes_nothing(
    parts: ConsoleParts, owner: Visitor, link: str, customer: str, do: str
) -> None:
    with parts.database.reading() as session:
        before = consents_of(session, customer)

    scanner = await owner.web.post(link, data={"do": do, "page": "made up"})
    await owner.get(link)
    filled_in = await owner.web.post(link, data=hidden(owner) | {"do": do, "website": "everything is filled in"})

    assert scanner.status_code == filled_in.status_code == 422
    with parts.database.reading() as session:
        assert consents_of(session, customer) == before
        assert erasure_requests(session) == ()


@pytest.mark.parametrize("token", ["unknown", "x" * 200])
async def test_a_link_that_is_none_opens_nothing(owner: Visitor, token: str) -> None:
    assert (await owner.get(f"/me/{token}")).status_code == 404
    assert (await owner.web.post(f"/me/{token}", data={"do": "erase"})).status_code == 404


async def test_a_link_for_something_else_opens_nothing_here(owner: Visitor, sample_rate_token: str) -> None:
    assert (await owner.get(f"/me/{sample_rate_token}")).status_code == 404


@pytest.fixture
def sample_rate_token(parts: ConsoleParts) -> str:
    with parts.database.transaction() as session:
        return make_link(session, purpose=LinkPurpose.RATE, subject="1", now=NOW, expires_at=NOW + timedelta(days=30))


@pytest.mark.parametrize("lang", sorted(OWNER_WORDS))
async def test_it_speaks_the_owners_language(
    parts: ConsoleParts, owner: Visitor, link: str, customer: str, lang: str
) -> None:
    with parts.database.transaction() as session:
        known = customer_by_id(session, customer)
        assert known is not None
        save_customer(session, replace(known, lang=lang))

    page = await owner.get(link)

    assert f'<html lang="{lang}">' in page.text
    assert ME_WORDS[lang].title in page.text
    assert set(ME_WORDS[lang].purposes) == set(Purpose)
