"""Charts of devices that said little, or nothing that is kept."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agent.console.sample_cases import NOW
from tests.browser.house import House, open_page

pytestmark = pytest.mark.slow


def answer_with(page: Page, at_s: list[float], curves: list[dict[str, object]]) -> None:
    """Let the device's chart be this one."""
    page.route(
        "**/devices/frost-0003/chart*",
        lambda route: route.fulfill(json={"at_s": at_s, "curves": curves, "marks": [], "gaps": [], "losses": []}),
    )


FAN = {"metric": "fan_rpm", "title": "Fan speed", "unit": "rpm", "usual": None}


@pytest.mark.parametrize("samples", [1, 2])
def test_a_sample_or_two_are_seen_as_points_over_the_whole_width(browser: Browser, house: House, samples: int) -> None:
    page = open_page(browser, house)
    first = NOW.timestamp()
    answer_with(page, [first, first + 60][:samples], [{**FAN, "values": [1460.0] * samples}])
    page.goto("/devices/frost-0003")
    page.wait_for_selector(".plot canvas")

    canvas = page.locator('[data-metric="fan_rpm"] .canvas')
    place, plot = canvas.bounding_box(), canvas.locator(".u-over").bounding_box()
    assert place is not None
    assert plot is not None
    assert plot["width"] > 0.7 * place["width"]
    assert page.locator('[data-metric="fan_rpm"] canvas').evaluate(BLOTS) > 20
    page.context.close()


# How many pixels have the points' colour, well within the plot.
BLOTS = """canvas => {
    const ink = document.createElement("canvas").getContext("2d");
    ink.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent").trim();
    ink.fillRect(0, 0, 1, 1);
    const [r, g, b] = ink.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200 && [r, g, b].every((part, k) => Math.abs(data[i + k] - part) < 6)) found++;
    return found;
}"""


def test_what_was_not_kept_is_said_once(browser: Browser, house: House) -> None:
    page = open_page(browser, house)
    answer_with(page, [], [])
    page.goto("/devices/frost-0003")

    expect(page.get_by_text("No samples of this time are kept.")).to_have_count(1)
    page.context.close()
