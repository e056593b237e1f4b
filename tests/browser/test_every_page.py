"""What holds on every page: nobody is shut out, nothing scrolls sideways, nothing is blocked or broken."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.house import LAPTOP, PHONE, SMALLEST, House, open_page

pytestmark = pytest.mark.slow
OWNERS = {"rate", "visit", "gone"}
LOOKS = {"light": False, "dark": True}


@pytest.fixture(scope="module", params=LOOKS)
def looked(request: pytest.FixtureRequest, browser: Browser, house: House) -> Iterator[Page]:
    page = open_page(browser, house, dark=LOOKS[request.param])
    yield page
    page.context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['impact']}: {each['id']} at {node['target']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


def test_no_page_shuts_anybody_out_in_light_or_dark(looked: Page, house: House) -> None:
    wrong = {}
    for name, path in {**house.pages(), "login": "/login?next=/devices"}.items():
        looked.goto(path)
        if found := violations(looked):
            wrong[name] = found

    assert not wrong


def test_open_panels_shut_nobody_out_either(looked: Page) -> None:
    looked.goto("/tickets/T-1003")
    for summary in looked.locator("details > summary").all():
        summary.click()

    assert not violations(looked)


@pytest.mark.parametrize("dark", LOOKS.values(), ids=LOOKS)
def test_a_halted_console_shuts_nobody_out(browser: Browser, own_house: House, dark: bool) -> None:  # noqa: FBT001 - a look
    own_house.parts.desk.halt("mira", "trial")
    page = open_page(browser, own_house, dark=dark, size=SMALLEST)
    page.goto("/tickets/T-1002")

    found = violations(page)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.context.close()

    assert not found
    assert over <= 0


@pytest.mark.parametrize("size", [SMALLEST, PHONE, LAPTOP], ids=lambda size: f"{size[0]}px")
def test_no_page_scrolls_sideways(browser: Browser, house: House, size: tuple[int, int]) -> None:
    page = open_page(browser, house, size=size)
    wide = {}
    for name, path in house.pages().items():
        page.goto(path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            wide[name] = over
    page.context.close()

    assert not wide


def test_nothing_is_blocked_missing_or_thrown_on_any_page(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for name, path in house.pages().items():
        if name in {"missing", "gone"}:  # a browser calls these an error, and so do we
            continue
        page.goto(path)
        page.wait_for_timeout(150)
    page.context.close()

    assert not said


def test_nothing_on_a_page_moves_after_it_is_there(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    page.add_init_script(
        "window.moved = 0;"
        "const add = (list) => { for (const each of list.getEntries()) window.moved += each.value; };"
        "new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });"
    )
    moved = {}
    for name in ("queue", "ticket", "device", "fleet"):
        page.goto(house.pages()[name])
        page.wait_for_timeout(600)
        moved[name] = page.evaluate("window.moved")
    page.context.close()

    assert max(moved.values()) < 0.02, moved


def test_the_keyboard_alone_reaches_the_content_and_the_kill_switch(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    page.goto("/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.get_by_text("Halt", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "halt-why"
    page.keyboard.press("Escape")
    assert not page.locator("#halt-why").is_visible()
    page.context.close()


def test_focus_can_be_seen_on_everything_that_takes_it(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    page.goto("/tickets/T-1002")
    unseen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(() => { const e = document.activeElement;"
            " const outline = (part) => getComputedStyle(e, part).outlineStyle;"
            " return [e.tagName + ' ' + (e.textContent || e.name || ''), outline(null), outline('::after')]; })()"
        )
        if "none" in outline[1] and "none" in outline[2] and not outline[0].startswith("BODY"):
            unseen.append(outline[0].strip())
    page.context.close()

    assert not unseen
