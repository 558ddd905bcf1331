"""Chromium, driven as a person would, that tells of all that a page should not have done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Playwright,
    Request,
    Route,
    expect,
    sync_playwright,
)

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A page of a few kilobytes from loopback; the rest is a busy machine.
_LIMIT_MS = 20_000
expect.set_options(timeout=_LIMIT_MS)

# The outcome of the navigation itself, such as 404, is logged like a missing image; only the latter is a fault.
_NAVIGATION_STATUS = "Failed to load resource: the server responded with a status of"


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Runs the system's Chromium, or else the one that Playwright brings.

    While it runs, the thread counts as being inside an event loop: `asyncio.run` works in another thread only.
    """
    with sync_playwright() as playwright:
        browser = _launched(playwright)
        try:
            yield browser
        finally:
            browser.close()


def _launched(playwright: Playwright) -> Browser:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return playwright.chromium.launch(executable_path=found, args=_FLAGS)


@dataclass
class Watched:
    """A page under watch.

    Attributes:
        page: The page.
        host: The only host and port that it may talk to.
        faults: What it did that it should not have done, in words.
        requests: The method and path of all that it asked for.
    """

    page: Page
    host: str
    faults: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def sent(self, method: str, path: str) -> int:
        """How often it asked for this."""
        return self.requests.count((method, path))

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        self.requests.append((request.method, parts.path))
        if parts.netloc != self.host:
            self.faults.append(f"asked another host for {request.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        is_navigation = message.location.get("url") == self.page.url
        if message.type in ("error", "warning") and not (is_navigation and message.text.startswith(_NAVIGATION_STATUS)):
            self.faults.append(f"console {message.type}: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def watched_page(browser: Browser, endpoint: str, **options: Any) -> Iterator[Watched]:
    """A page in a profile of its own; when the block ends well, it must have done nothing that it should not.

    Args:
        browser: The browser.
        endpoint: The one app that the page may talk to.
        options: Those of Playwright's `new_context`, such as `java_script_enabled=False`.
    """
    context = browser.new_context(**options)
    context.set_default_timeout(_LIMIT_MS)
    page = context.new_page()
    watched = Watched(page=page, host=urlsplit(endpoint).netloc)
    context.on("request", watched._on_request)
    context.on("console", watched._on_console)
    context.on("weberror", lambda error: watched.faults.append(f"script error: {error.error}"))
    page.on("dialog", watched._on_dialog)
    page.on("popup", lambda popup: watched.faults.append(f"popup: {popup.url}"))
    try:
        yield watched
    finally:
        context.close()
    assert not watched.faults, "\n".join(watched.faults)


def accessibility_faults(page: Page) -> str:
    """What axe finds wrong with the page, in words; empty for nothing."""
    results = Axe().run(page)
    return str(results.generate_report()) if results.violations_count else ""


def overflows(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    wider = page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert isinstance(wider, bool)
    return wider


def hold(page: Page, addresses: str) -> list[Route]:
    """Lets no call to these addresses through until the test does, as an app far away would take its time."""
    held: list[Route] = []
    page.route(addresses, lambda route: held.append(route))
    return held


def until_held(page: Page, held: list[Route], number: int) -> None:
    """Waits until so many calls were made in all."""
    while len(held) < number:
        page.wait_for_timeout(10)
