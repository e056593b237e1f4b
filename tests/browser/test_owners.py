"""Owners on their phones, with scripts switched off: one tap rates, a visit is moved, nothing happens by itself."""

import re

import pytest
from playwright.sync_api import Browser, expect

from agent.store.ratings import rating_of_ticket
from agent.store.visits import visit_by_id
from tests.browser.house import PHONE, House, open_page

pytestmark = pytest.mark.slow


def test_an_owner_rates_in_one_tap_and_adds_a_word(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house, size=PHONE, scripts=False, signed_in=False)
    page.goto(f"/rate/{own_house.sample.rate_token}")
    expect(page.get_by_role("heading", name="How was this for you?")).to_be_visible()

    page.get_by_role("button", name=re.compile("^Good")).click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_label("Anything you want to tell us").fill("Quick, and it told me why.")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("We have your words as well.")).to_be_visible()
    with own_house.parts.database.reading() as session:
        rating = rating_of_ticket(session, 1008)
    assert rating is not None
    assert rating.comment == "Quick, and it told me why."
    page.context.close()


def test_an_owner_changes_their_mind(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house, size=PHONE, scripts=False, signed_in=False)
    page.goto(f"/rate/{own_house.sample.rate_token}")
    page.get_by_role("button", name="Great").click()

    page.get_by_text("Change your answer").click()
    page.get_by_role("button", name="Poor").click()

    expect(page.get_by_role("heading", name="Thank you for being frank.")).to_be_visible()
    with own_house.parts.database.reading() as session:
        rating = rating_of_ticket(session, 1008)
    assert rating is not None
    assert rating.score == 1
    page.context.close()


def test_an_owner_moves_and_confirms_their_visit(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house, size=PHONE, scripts=False, signed_in=False)
    page.goto(f"/visit/{own_house.sample.visit_token}")
    before = page.locator(".when").inner_text()

    page.get_by_text("Eine andere Zeit wählen").click()
    page.locator(".choices button").first.click()
    expect(page.locator(".when")).not_to_have_text(before)
    page.get_by_role("button", name="Das passt mir").click()

    expect(page.get_by_role("status")).to_contain_text("Sie haben diese Zeit bestätigt.")
    with own_house.parts.database.reading() as session:
        visit = visit_by_id(session, 1)
    assert visit is not None
    assert visit.sequence == 1
    page.context.close()


def test_every_button_is_large_enough_for_a_thumb(browser: Browser, house: House) -> None:
    page = open_page(browser, house, size=PHONE, scripts=False, signed_in=False)
    for path in (house.pages()["rate"], house.pages()["visit"]):
        page.goto(path)
        boxes = [button.bounding_box() for button in page.locator("button:visible").all()]

        assert boxes
        assert all(box is not None and box["height"] >= 40 for box in boxes)
    page.context.close()
