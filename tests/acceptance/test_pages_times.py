"""Times on pages, in a real browser: told in the reader's zone, with UTC at hand, and over when they are over.

Holds P3 for the reader: the deadline is a moment, and the page shows that one.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import watched_page
from tests.support.house import House
from tests.support.reader import show

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("zone", "minutes"), [("Asia/Kathmandu", 345), ("Pacific/Honolulu", -600)])
def test_times_are_told_in_the_readers_zone(zone: str, minutes: int, house: House, browser: Browser) -> None:
    request = house.ask(bool, timeout_seconds=3 * 24 * 3600)
    assert request.deadline is not None
    with watched_page(browser, house.endpoint, timezone_id=zone, locale="en-GB") as watched:
        show(house, watched.page, request)
        shown = watched.page.locator(".deadline time")

        here = request.deadline + timedelta(minutes=minutes)
        expect(shown).to_contain_text(f"{here:%H:%M}")
        expect(shown).to_have_attribute("title", f"{request.deadline.day} {request.deadline:%B %Y, %H:%M} UTC")
        expect(watched.page.locator(".deadline-left")).to_contain_text("in 2 days")


def test_a_form_left_open_past_its_deadline_says_so(house: House, page: Page) -> None:
    request = house.ask(bool, timeout_seconds=3)
    assert request.deadline is not None
    show(house, page, request)
    expect(page.locator(".deadline-left")).to_have_text("the time is over", timeout=10_000)
    assert datetime.now(timezone.utc) >= request.deadline
