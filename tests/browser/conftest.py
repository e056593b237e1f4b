"""One Chromium and one house for reading, and a house of its own for each test that changes something.

The scope is this folder: Playwright's loop must not outlive it, or no later test could run one of its own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.house import House, chromium, serve_house


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for looking at only."""
    with serve_house(tmp_path_factory.mktemp("house")) as served:
        yield served


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[House]:
    """A house in which a test may change things."""
    with serve_house(tmp_path) as served:
        yield served
