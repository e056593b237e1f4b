"""Staff at work: the queue, an approval, a note while the story goes on, and the kill switch, in a real browser."""

import time

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from agent.desk.ticket import StoryKind, TicketState
from agent.store.tables import DeviceRow, TicketRow
from agent.store.tickets import Line, find_ticket, tell
from tests.agent.console.sample_cases import NOW
from tests.browser.house import House, open_page

pytestmark = pytest.mark.slow


def happens(house: House, ticket_id: int, text: str) -> None:
    with house.parts.database.transaction() as session:
        tell(session, ticket_id, Line(NOW, StoryKind.NOTE, text, "tom"))


def until(page: Page, condition: str) -> None:
    """Wait for a condition; Playwright's own waiting would need ``eval``, which our pages forbid."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never: {condition}")


def test_the_queue_follows_what_happens_without_a_reload(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house)
    expect(page.get_by_role("heading", name="Needs a person")).to_be_visible()
    page.get_by_label("Search", exact=True).fill("half a wor")

    with own_house.parts.database.transaction() as session:
        ticket = session.get_one(TicketRow, 1004)
        ticket.state = TicketState.WITH_PERSON
        session.add(ticket)
    happens(own_house, 1004, "It did not help.")

    expect(page.locator("#queue .figures dd").first).to_have_text("4")
    expect(page.locator("#waiting")).to_contain_text("4")
    assert page.get_by_label("Search", exact=True).input_value() == "half a wor"
    page.context.close()


def test_a_proposal_is_read_and_approved(browser: Browser, own_house: House) -> None:
    with own_house.parts.database.transaction() as session:
        device = session.get_one(DeviceRow, "bean-0002")
        device.busy = False
        session.add(device)
    page = open_page(browser, own_house)

    page.get_by_role("link", name="Lost temperature setting").click()
    expect(page.get_by_text("It touches one device, bean-0002, and no other.")).to_be_visible()
    page.get_by_role("button", name="Approve and send").click()

    expect(page.get_by_role("status")).to_have_text("Approved.")
    expect(page.locator("#head")).to_contain_text("Fixing")
    expect(page.get_by_role("button", name="Approve and send")).to_have_count(0)
    with own_house.parts.database.reading() as session:
        assert find_ticket(session, 1002).state is TicketState.FIXING
    page.context.close()


def test_what_somebody_types_stays_while_the_story_goes_on(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house)
    page.goto("/tickets/T-1002")
    page.get_by_label("Write a note for colleagues").fill("I am in the middle of a sent")
    page.get_by_label("Why not").fill("because")

    happens(own_house, 1002, "Another note, from elsewhere.")

    expect(page.get_by_text("Another note, from elsewhere.")).to_be_visible()
    assert page.get_by_label("Write a note for colleagues").input_value() == "I am in the middle of a sent"
    assert page.get_by_label("Why not").input_value() == "because"
    page.context.close()


def test_a_halt_shows_at_once_on_every_open_page(browser: Browser, own_house: House) -> None:
    watching = open_page(browser, own_house)
    watching.goto("/devices")
    acting = open_page(browser, own_house)

    acting.get_by_text("Halt", exact=True).click()
    acting.get_by_label("Why", exact=True).fill("defrosts look wrong")
    acting.get_by_role("button", name="Halt all fixes").click()

    for page in (acting, watching):
        expect(page.get_by_role("alert")).to_contain_text("Halted: no automatic fix is started.")
        expect(page.get_by_role("alert")).to_contain_text("defrosts look wrong")
    watching.get_by_role("button", name="Resume fixes").click()
    expect(acting.get_by_role("alert")).to_have_count(0)
    for page in (acting, watching):
        page.context.close()


def test_what_happens_between_a_page_and_its_stream_is_not_lost(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house)

    def late(route: Route) -> None:
        happens(own_house, 1005, "Just in between.")
        route.continue_()

    page.route("**/api/v1/stream*", late)

    page.goto("/tickets/T-1005")

    expect(page.get_by_text("Just in between.")).to_be_visible()
    page.context.close()


def test_a_tab_nobody_looks_at_gives_its_stream_back_and_catches_up(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house)
    page.goto("/tickets/T-1005")
    look = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
    look += "document.dispatchEvent(new Event('visibilitychange'))"
    until(page, "live !== null && live.readyState === EventSource.OPEN")

    page.evaluate(look % "true")
    assert page.evaluate("live.readyState === EventSource.CLOSED")
    happens(own_house, 1005, "Written while nobody looked.")
    page.evaluate(look % "false")

    expect(page.get_by_text("Written while nobody looked.")).to_be_visible()
    until(page, "live.readyState === EventSource.OPEN")
    happens(own_house, 1005, "Written while somebody looks.")
    expect(page.get_by_text("Written while somebody looks.")).to_be_visible()
    page.context.close()


def test_a_lost_connection_is_said_until_it_is_back_and_what_was_missed_is_fetched(
    browser: Browser, own_house: House
) -> None:
    page = open_page(browser, own_house)
    page.goto("/tickets/T-1005")
    until(page, "live !== null && live.readyState === EventSource.OPEN")
    expect(page.get_by_text("Connection lost")).to_have_count(0)
    page.route("**/api/v1/stream*", lambda route: route.abort())

    page.evaluate("live.close(); live.onerror(new Event('error'))")  # as when the server is gone

    expect(page.get_by_role("status")).to_have_text("Connection lost, trying again")
    happens(own_house, 1005, "Written while nobody could hear.")
    page.unroute("**/api/v1/stream*")
    expect(page.get_by_role("status")).to_have_count(0)
    expect(page.get_by_text("Written while nobody could hear.")).to_be_visible()
    page.context.close()


def drawn(page: Page) -> list[bool]:
    """Return for each chart whether anything is painted on it."""
    painted: list[bool] = page.evaluate(
        "[...document.querySelectorAll('.plot canvas')].map(c => c.getContext('2d')"
        ".getImageData(0, 0, c.width, c.height).data.some(v => v > 0))"
    )
    return painted


def test_the_charts_are_drawn_and_drawn_again_in_the_dark(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    page.goto("/tickets/T-1001")
    page.wait_for_selector(".plot canvas")
    assert drawn(page) == [True] * 4

    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)

    assert drawn(page) == [True] * 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


def test_staff_can_work_without_scripts(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house, scripts=False)
    page.goto("/tickets/T-1005")

    page.get_by_label("Write a note for colleagues").fill("Written without scripts.")
    page.get_by_role("button", name="Add note").click()

    expect(page.locator("#story")).to_contain_text("Written without scripts.")
    page.get_by_text("Close the ticket").click()
    page.get_by_label("How it ended").fill("Fan replaced.")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("#head")).to_contain_text("Closed")
    page.context.close()


def test_times_are_those_of_the_readers_zone(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    page.goto("/tickets/T-1001")

    expect(page.locator("#head")).to_contain_text("opened today, 09:40")  # 07:40 UTC
    page.context.close()


def test_a_closed_tab_is_noticed(browser: Browser, own_house: House) -> None:
    page = open_page(browser, own_house)
    until(page, "live !== null")
    assert own_house.listeners() == 1

    page.context.close()

    deadline = time.monotonic() + 15
    while own_house.listeners() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert own_house.listeners() == 0
