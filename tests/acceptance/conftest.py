"""Fixtures of the tests that drive a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import running_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for one module: no longer, for as long as it runs, no other test can run an event loop here."""
    with running_browser() as running:
        yield running
