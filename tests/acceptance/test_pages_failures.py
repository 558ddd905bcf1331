"""Answers that could not be taken, in a real browser: too large, or the store was away; what was typed stays.

Holds P1: nothing is called accepted that is not stored, and what is sent again arrives.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from flyteplugins.hitl._settings import Settings
from tests.support.browser import watched_page
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.house import House, open_house
from tests.support.inspection import inspect
from tests.support.reader import accepted, add_comment, send, show, status_of
from tests.support.stores import RunningStore, applied

pytestmark = pytest.mark.slow


@pytest.fixture
def strict_house(tmp_path: Path) -> Iterator[House]:
    """An app that takes short answers only."""
    with open_house(str(tmp_path / "strict"), settings=Settings(max_body_bytes=2000)) as opened:
        yield opened


def test_the_page_of_an_answer_that_is_too_large(strict_house: House, browser: Browser) -> None:
    request = strict_house.ask(str)
    with watched_page(browser, strict_house.endpoint) as watched:
        show(strict_house, watched.page, request)
        watched.page.locator("#value").fill("x" * 2000)
        # As a browser that runs no script sends it: the page's own script would not.
        watched.page.locator("form").evaluate("form => form.submit()")

        expect(watched.page.get_by_text("Error 413")).to_be_visible()
        inspect(watched.page, "too-large")
    assert strict_house.is_open(request)


def test_an_answer_that_is_too_large_is_not_sent_and_stays(strict_house: House, browser: Browser) -> None:
    request = strict_house.ask(str)
    with watched_page(browser, strict_house.endpoint) as watched:
        show(strict_house, watched.page, request)
        watched.page.locator("#value").fill("é" * 1000)
        send(watched.page)
        expect(watched.page.get_by_role("status")).to_contain_text("too large to be sent")
        assert watched.sent("POST", "/submit") == 0
        inspect(watched.page, "form-too-large")

        watched.page.locator("#value").fill("short")
        send(watched.page)
        expect(accepted(watched.page)).to_be_visible()
    assert strict_house.value(request) == "short"


@pytest.fixture
def proxy(s3_server: RunningStore) -> Iterator[FaultProxy]:
    """A network that can be cut, before the quick S3-compatible store."""
    with fault_proxy(s3_server.port) as running, applied(running.environment(s3_server)):
        yield running


def test_an_answer_that_the_store_could_not_take_is_kept_and_sent_again(
    browser: Browser, proxy: FaultProxy, s3_server: RunningStore
) -> None:
    with open_house(s3_server.fresh()) as house, watched_page(browser, house.endpoint) as watched:
        page, request = watched.page, house.ask(str)
        text = "\n  what I typed,\nand more 🎉 </textarea>"
        show(house, page, request)
        page.locator("#value").fill(text)
        add_comment(page, "why")
        proxy.down()
        send(page)

        expect(page.get_by_text("Error 503")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("It is not certain that your answer arrived.")
        expect(page.locator("#value")).to_have_value(text)
        inspect(page, "store-away-answer-kept")

        proxy.up()
        page.get_by_role("button", name="Send again").click()
        expect(accepted(page)).to_be_visible()
        assert house.value(request) == text
        assert watched.sent("POST", "/submit") == 2


def test_the_page_of_a_form_while_the_store_is_away(
    browser: Browser, proxy: FaultProxy, s3_server: RunningStore
) -> None:
    with open_house(s3_server.fresh()) as house, watched_page(browser, house.endpoint) as watched:
        link = house.link(house.ask(bool))
        proxy.down()

        assert status_of(watched.page, link.url) == 503
        inspect(watched.page, "store-away")
