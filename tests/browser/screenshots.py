"""Takes the pictures in ``docs/screenshots``: ``python -m tests.browser.screenshots``."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from tests.browser.house import LAPTOP, PHONE, House, chromium, open_page, serve_house

TARGET = Path(__file__).parents[2] / "docs" / "screenshots"
SHOWN = ("queue", "ticket", "approval", "device", "fleet", "rate")
LOOKS = {"light": (LAPTOP, False), "dark": (LAPTOP, True), "phone": (PHONE, False)}
LARGEST = 150_000  # bytes, so that a clone stays small


def take(page: Page, house: House, name: str, look: str) -> None:
    """Take one picture of what one sees first."""
    page.goto(house.pages()[name])
    page.wait_for_timeout(700)
    path = TARGET / f"{name}-{look}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    sys.stdout.write(f"{path.name} {size // 1000} kB\n")
    if size > LARGEST:
        message = f"{path.name} is too large: {size} bytes"
        raise SystemExit(message)


def main() -> None:
    """Take them all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, serve_house(Path(folder)) as house, chromium() as browser:
        for look, (size, dark) in LOOKS.items():
            page = open_page(browser, house, size=size, dark=dark)
            for name in SHOWN:
                take(page, house, name, look)


if __name__ == "__main__":
    main()
