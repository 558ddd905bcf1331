"""Fixtures of the tests that drive a browser.

Each page is watched: no other host is asked, nothing is logged as an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import Watched, running_browser, watched_page
from tests.support.house import House, open_house


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one module: no longer, for as long as it runs, no other test can run an event loop here."""
    with running_browser() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The app over a local store."""
    with open_house(str(tmp_path / "store")) as opened:
        yield opened


@pytest.fixture
def watched(browser: Browser, house: House) -> Iterator[Watched]:
    """A page that may talk to the house alone."""
    with watched_page(browser, house.endpoint, locale="en-GB") as opened:
        yield opened


@pytest.fixture
def page(watched: Watched) -> Page:
    """The page itself."""
    return watched.page


@pytest.fixture
def plain(browser: Browser, house: House) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    with watched_page(browser, house.endpoint, java_script_enabled=False) as opened:
        yield opened.page
